/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parses aliases files and :include: lists.  A list is read when it is first
 * needed.
 */
#include "mail/aliases.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/path.h"
#include "mail/token.h"

/* Parsing */

static void
lower(char *s)
{
	for (; *s != '\0'; s++)
		*s = (char)text_lower((unsigned char)*s);
}

/* The file that defines the alias or list. */
static const char *
file_of(const struct aliases *a, const struct alias *alias)
{
	return alias->is_list ? alias->name : a->file;
}

/* Puts the place of the alias before the error; always returns false. */
static bool
add_place(const struct aliases *a, const struct alias *alias, struct error *err)
{
	return error_prefix(err, "%s:%zu", file_of(a, alias), alias->line);
}

static bool
add_addresses(struct alias *alias, const char *text, size_t len,
    struct error *err)
{
	struct address_list list = { 0 };
	struct error inner = { 0 };
	bool ok = address_parse(&list, text, len, &inner);

	for (size_t i = 0; ok && i < list.count; i++) {
		ok = path_check(list.items[i].text, &inner);
		strv_add(&alias->targets, list.items[i].text);
	}
	if (!ok)
		error_set(err, ERROR_CONFIG, "%s", inner.text);
	error_free(&inner);
	address_list_free(&list);
	return ok;
}

/*
 * list = ":include:" path / DQUOTE ":include:" path DQUOTE
 * Appends the list at the current token without its quotes and returns its
 * end, or NULL if the token begins no list.
 */
static const char *
parse_list_name(const struct tokens *t, struct str *name)
{
	const char *start = t->now.text, *end;

	if (t->now.kind == TOKEN_QUOTED) {
		token_value(&t->now, name);
		end = t->at;
	} else if (tokens_at(t, ':')) {
		end = memchr(start, ',', (size_t)(t->end - start));
		end = end == NULL ? t->end : end;
		str_append(name, start, (size_t)(end - start));
	} else {
		return NULL;
	}
	while (name->len > 0 && text_is_space(name->data[name->len - 1]))
		str_truncate(name, name->len - 1);
	return text_starts_nocase(str_text(name), ALIASES_INCLUDE) ? end : NULL;
}

static bool
add_list(struct alias *alias, const char *name, struct error *err)
{
	const char *path = name + strlen(ALIASES_INCLUDE);

	if (*path != '/')
		return error_set(err, ERROR_CONFIG,
		    "the path after :include: must be absolute");
	strv_take(&alias->targets, alloc_printf(ALIASES_INCLUDE "%s", path));
	return true;
}

/* Adds the addresses before the next list, and the list. */
static bool
add_up_to_list(struct alias *alias, const char **text, const char *end,
    struct error *err)
{
	struct str name = { 0 };
	const char *list_end = NULL;
	struct tokens t;
	bool ok;

	tokens_begin(&t, *text, (size_t)(end - *text));
	for (bool first = true;
	     t.now.kind != TOKEN_END && t.now.kind != TOKEN_BROKEN;
	     tokens_next(&t)) {
		str_truncate(&name, 0);
		list_end = first ? parse_list_name(&t, &name) : NULL;
		if (list_end != NULL)
			break;
		first = tokens_at(&t, ',');
	}
	ok = add_addresses(alias, *text,
		 (size_t)((list_end == NULL ? end : t.now.text) - *text), err)
	    && (list_end == NULL || add_list(alias, name.data, err));
	*text = list_end == NULL ? end : list_end;
	str_free(&name);
	return ok;
}

static bool
add_targets(struct alias *alias, const char *text, const char *end,
    struct error *err)
{
	while (text < end)
		if (!add_up_to_list(alias, &text, end, err))
			return false;
	return true;
}

static void
alias_free(struct alias *alias)
{
	free(alias->name);
	free(alias->error);
	strv_free(&alias->targets);
}

/* Mail for an empty list would be lost. */
static bool
check_targets(const struct alias *alias, struct error *err)
{
	return alias->targets.count > 0
	    || error_set(err, ERROR_CONFIG, "no address is given");
}

/*
 * name = atom *("." atom) / quoted-string
 * In an invalid line, the first word is the name that was probably meant.
 */
static bool
parse_name(struct tokens *t, const char *text, struct str *name)
{
	bool ok = true;

	for (; ok && tokens_at_word(t); tokens_next(t)) {
		ok = !t->now.spaced || t->now.text == text;
		if (ok)
			ok = token_value(&t->now, name);
	}
	return ok && name->len > 0 && tokens_at(t, ':');
}

/* alias = name ":" address-list */
static bool
parse_alias(struct alias *alias, const struct str *entry, struct error *err)
{
	struct str name = { 0 };
	struct tokens t;
	bool ok;

	tokens_begin(&t, entry->data, entry->len);
	ok = parse_name(&t, entry->data, &name);
	/* A NUL may be its first octet; then no recipient has that name. */
	if (str_text(&name)[0] != '\0') {
		alias->name = str_steal(&name);
		lower(alias->name);
	}
	str_free(&name);
	if (!ok)
		return error_set(err, ERROR_CONFIG,
		    "expected \"name: address, ...\"");
	return add_targets(alias, t.at, t.end, err)
	    && check_targets(alias, err);
}

static void
add_error(struct aliases *a, const char *file, size_t line, const char *reason)
{
	if (a->errors.count < ALIASES_ERRORS_MAX)
		strv_take(&a->errors,
		    alloc_printf("%s:%zu: %s", file, line, reason));
}

/* The lines of one alias, without the comments between them. */
struct entry {
	struct str text;
	size_t line; /* its first line */
};

static void
add_entry(struct aliases *a, struct entry *e)
{
	struct alias alias = { .line = e->line };
	struct error err = { 0 };

	if (e->text.len == 0)
		return;
	if (!parse_alias(&alias, &e->text, &err)) {
		add_error(a, a->file, e->line, err.text);
		alias.error = alloc_string(err.text);
	}
	error_free(&err);
	str_truncate(&e->text, 0);
	if (alias.name == NULL) {
		alias_free(&alias);
		return;
	}
	a->items = alloc_grow(a->items, a->count, &a->size, sizeof(*a->items));
	a->items[a->count++] = alias;
}

/*
 * Returns the length of a line without its comment, which begins with "#" at
 * the start or, as in files for msmtp, after a blank outside of quotes.
 */
static size_t
without_comment(const char *line, size_t len)
{
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		if (line[i] == '#' && !quoted
		    && (i == 0 || text_is_space(line[i - 1])))
			return i;
		if (line[i] == '\\' && quoted)
			i++;
		else if (line[i] == '"')
			quoted = !quoted;
	}
	return len;
}

static bool
is_blank_line(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!text_is_space(line[i]))
			return false;
	return true;
}

static void
add_line(struct aliases *a, struct entry *e, const char *line, size_t len,
    size_t number)
{
	len = without_comment(line, len);
	if (is_blank_line(line, len))
		return;
	if (!text_is_space(*line)) {
		add_entry(a, e);
		e->line = number;
	} else if (e->text.len == 0) {
		add_error(a, a->file, number,
		    "continuation line without an entry before it");
		return;
	}
	str_append(&e->text, line, len);
}

static int
compare_names(const void *a, const void *b)
{
	const struct alias *left = a, *right = b;

	return strcmp(left->name, right->name);
}

/* Of the lines for a name, the valid ones come first. */
static int
compare_aliases(const void *a, const void *b)
{
	const struct alias *left = a, *right = b;
	int names = compare_names(a, b);

	if (names != 0)
		return names;
	if ((left->error == NULL) != (right->error == NULL))
		return left->error == NULL ? -1 : 1;
	return (left->line > right->line) - (left->line < right->line);
}

/* Sorts the aliases by name, and drops all but the first line for a name. */
static void
sort(struct aliases *a)
{
	size_t kept = 0;

	if (a->count > 1)
		qsort(a->items, a->count, sizeof(*a->items), compare_aliases);
	for (size_t i = 0; i < a->count; i++) {
		struct alias *next = &a->items[i];
		const struct alias *last = &a->items[kept > 0 ? kept - 1 : 0];
		char *reason;

		if (kept == 0 || strcmp(last->name, next->name) != 0) {
			a->items[kept++] = *next;
			continue;
		}
		reason =
		    alloc_printf("the alias %s is already defined on line %zu",
			next->name, last->line);
		if (next->error == NULL)
			add_error(a, a->file, next->line, reason);
		free(reason);
		alias_free(next);
	}
	a->count = kept;
}

void
aliases_parse(struct aliases *a, const char *file, const char *text, size_t len)
{
	struct entry e = { 0 };
	const char *end = text + len, *line;
	size_t number = 0;

	alloc_replace(&a->file, file);
	while ((line = text_next_line(&text, end, &len)) != NULL)
		add_line(a, &e, line, len, ++number);
	add_entry(a, &e);
	sort(a);
	str_free(&e.text);
}

struct alias *
aliases_find(const struct aliases *a, const char *name)
{
	struct alias key = { .name = alloc_string(name) }, *found = NULL;

	lower(key.name);
	if (a->count > 0)
		found = bsearch(&key, a->items, a->count, sizeof(key),
		    compare_names);
	free(key.name);
	return found;
}

/* Lists */

/* Each line is a list of targets or a comment. */
static bool
parse_list(struct alias *list, const struct str *text, struct error *err)
{
	const char *at = str_text(text), *end = at + text->len, *line;
	size_t len;
	bool ok = true;

	while (ok && (line = text_next_line(&at, end, &len)) != NULL) {
		list->line++;
		len = without_comment(line, len);
		if (len > 0)
			ok = add_targets(list, line, line + len, err);
	}
	if (ok) {
		list->line = 1;
		ok = check_targets(list, err);
	}
	return ok || error_prefix(err, "%s:%zu", list->name, list->line);
}

static bool
read_list(const struct aliases *a, struct alias *list, struct error *err)
{
	struct file_rules rules = { .max = ALIASES_LIST_SIZE_MAX,
		.use = FILE_TRUSTED,
		.owner = a->owner };
	struct str text = { 0 };
	bool ok = file_read(list->name, &rules, &text, NULL, err)
	    && parse_list(list, &text, err);

	str_free(&text);
	return ok;
}

struct alias *
aliases_find_list(struct aliases *a, const struct alias *from, const char *path,
    struct error *err)
{
	struct alias *list;
	size_t known;

	known = string_index_find(&a->list_index, path);
	if (known != STRING_INDEX_NONE)
		return a->lists[known];
	if (a->list_count == ALIASES_LISTS_MAX) {
		error_set(err, ERROR_CONFIG, "too many :include: lists");
		add_place(a, from, err);
		return NULL;
	}
	list = alloc_zeroed(1, sizeof(*list));
	list->name = alloc_string(path);
	list->is_list = true;
	if (!read_list(a, list, err)) {
		add_place(a, from, err);
		alias_free(list);
		free(list);
		return NULL;
	}
	a->lists =
	    alloc_grow(a->lists, a->list_count, &a->list_size, sizeof(list));
	string_index_add(&a->list_index, list->name, a->list_count);
	a->lists[a->list_count++] = list;
	return list;
}

/* Reads the lists among the targets; a list that cannot be read is an error of
 * whoever needs it. */
static void
read_lists_of(struct aliases *a, const struct alias *from, struct strv *paths)
{
	for (size_t i = 0; i < from->targets.count; i++) {
		const char *target = from->targets.items[i];
		const char *path = target + strlen(ALIASES_INCLUDE);

		if (!text_starts_nocase(target, ALIASES_INCLUDE)
		    || string_index_find(&a->list_index, path)
			!= STRING_INDEX_NONE)
			continue;
		strv_add(paths, path);
		aliases_find_list(a, from, path, NULL);
	}
}

void
aliases_find_lists(struct aliases *a, struct strv *paths)
{
	for (size_t i = 0; i < a->count; i++)
		read_lists_of(a, &a->items[i], paths);
	for (size_t i = 0; i < a->list_count; i++)
		read_lists_of(a, a->lists[i], paths);
}

void
aliases_free(struct aliases *a)
{
	for (size_t i = 0; i < a->count; i++)
		alias_free(&a->items[i]);
	for (size_t i = 0; i < a->list_count; i++) {
		alias_free(a->lists[i]);
		free(a->lists[i]);
	}
	free(a->items);
	free(a->lists);
	string_index_free(&a->list_index);
	free(a->file);
	strv_free(&a->errors);
	*a = (struct aliases){ 0 };
}
