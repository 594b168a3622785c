/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parses aliases files and :include: lists, and expands the recipients of an
 * envelope.  A list is read when it is first needed.
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

/* Sets an error about the alias; always returns false. */
static bool
fail(const struct aliases *a, const struct alias *alias, const char *reason,
    struct error *err)
{
	return error_set(err, ERROR_CONFIG, "%s:%zu: %s", file_of(a, alias),
	    alias->line, reason);
}

static bool
add_addresses(const struct aliases *a, struct alias *alias, const char *text,
    size_t len, struct error *err)
{
	struct address_list list = { 0 };
	struct error inner = { 0 };
	bool ok = address_parse(&list, text, len, &inner);

	for (size_t i = 0; ok && i < list.count; i++) {
		ok = path_check(list.items[i].text, &inner);
		strv_add(&alias->targets, list.items[i].text);
	}
	if (!ok)
		fail(a, alias, inner.text, err);
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
add_list(const struct aliases *a, struct alias *alias, const char *name,
    struct error *err)
{
	const char *path = name + strlen(ALIASES_INCLUDE);

	if (*path != '/')
		return fail(a, alias,
		    "the path after :include: must be absolute", err);
	strv_take(&alias->targets, alloc_printf(ALIASES_INCLUDE "%s", path));
	return true;
}

/* Adds the addresses before the next list, and the list. */
static bool
add_up_to_list(const struct aliases *a, struct alias *alias, const char **text,
    const char *end, struct error *err)
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
	ok = add_addresses(a, alias, *text,
		 (size_t)((list_end == NULL ? end : t.now.text) - *text), err)
	    && (list_end == NULL || add_list(a, alias, name.data, err));
	*text = list_end == NULL ? end : list_end;
	str_free(&name);
	return ok;
}

static bool
add_targets(const struct aliases *a, struct alias *alias, const char *text,
    const char *end, struct error *err)
{
	while (text < end)
		if (!add_up_to_list(a, alias, &text, end, err))
			return false;
	return true;
}

static void
alias_free(struct alias *alias)
{
	free(alias->name);
	strv_free(&alias->targets);
}

/* Mail for an empty list would be lost. */
static bool
check_targets(const struct aliases *a, const struct alias *alias,
    struct error *err)
{
	return alias->targets.count > 0
	    || fail(a, alias, "no address is given", err);
}

/* alias = ( atom *("." atom) / quoted-string ) ":" address-list */
static bool
parse_alias(struct aliases *a, const char *text, size_t len, size_t line,
    struct error *err)
{
	struct alias alias = { .line = line };
	struct str name = { 0 };
	struct tokens t;
	bool ok = true;

	tokens_begin(&t, text, len);
	for (; tokens_at_word(&t); tokens_next(&t))
		ok = token_value(&t.now, &name) && ok
		    && (!t.now.spaced || t.now.text == text);
	if (!ok || name.len == 0 || !tokens_at(&t, ':')) {
		str_free(&name);
		return fail(a, &alias, "expected \"name: address, ...\"", err);
	}
	alias.name = str_steal(&name);
	lower(alias.name);
	if (!add_targets(a, &alias, t.at, t.end, err)
	    || !check_targets(a, &alias, err)) {
		alias_free(&alias);
		return false;
	}
	a->items = alloc_grow(a->items, a->count, &a->size, sizeof(*a->items));
	a->items[a->count++] = alias;
	return true;
}

/* The lines of one alias, without the comments between them. */
struct entry {
	struct str text;
	size_t line; /* its first line */
};

static bool
parse_entry(struct aliases *a, struct entry *e, struct error *err)
{
	bool ok = e->text.len == 0
	    || parse_alias(a, e->text.data, e->text.len, e->line, err);

	str_truncate(&e->text, 0);
	return ok;
}

static bool
is_blank_line(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!text_is_space(line[i]))
			return false;
	return true;
}

static bool
add_line(struct aliases *a, struct entry *e, const char *line, size_t len,
    size_t number, struct error *err)
{
	if (is_blank_line(line, len) || *line == '#')
		return true;
	if (!text_is_space(*line)) {
		if (!parse_entry(a, e, err))
			return false;
		e->line = number;
	} else if (e->text.len == 0) {
		return fail(a, &(struct alias){ .line = number },
		    "continuation line without an entry before it", err);
	}
	str_append(&e->text, line, len);
	return true;
}

static int
compare_names(const void *a, const void *b)
{
	const struct alias *left = a, *right = b;

	return strcmp(left->name, right->name);
}

static int
compare_aliases(const void *a, const void *b)
{
	const struct alias *left = a, *right = b;
	int names = compare_names(a, b);

	return names != 0
	    ? names
	    : (left->line > right->line) - (left->line < right->line);
}

/* Sorts the aliases by name and rejects duplicates. */
static bool
sort(struct aliases *a, struct error *err)
{
	if (a->count > 1)
		qsort(a->items, a->count, sizeof(*a->items), compare_aliases);
	for (size_t i = 1; i < a->count; i++) {
		const struct alias *one = &a->items[i - 1], *two = one + 1;

		if (strcmp(one->name, two->name) == 0)
			return error_set(err, ERROR_CONFIG,
			    "%s:%zu: the alias %s is already defined on line "
			    "%zu",
			    a->file, two->line, two->name, one->line);
	}
	return true;
}

bool
aliases_parse(struct aliases *a, const char *file, const char *text, size_t len,
    struct error *err)
{
	struct entry e = { 0 };
	const char *end = text + len, *line;
	size_t number = 0;
	bool ok = true;

	alloc_replace(&a->file, file);
	while (ok && (line = text_next_line(&text, end, &len)) != NULL)
		ok = add_line(a, &e, line, len, ++number, err);
	ok = ok && parse_entry(a, &e, err) && sort(a, err);
	str_free(&e.text);
	return ok;
}

static struct alias *
find_alias(const struct aliases *a, const char *name)
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
parse_list(const struct aliases *a, struct alias *list, const struct str *text,
    struct error *err)
{
	const char *at = str_text(text), *end = at + text->len, *line;
	size_t len;
	bool ok = true;

	while (ok && (line = text_next_line(&at, end, &len)) != NULL) {
		list->line++;
		if (len > 0 && *line != '#')
			ok = add_targets(a, list, line, line + len, err);
	}
	list->line = 1;
	return ok && check_targets(a, list, err);
}

static bool
read_list(const struct aliases *a, struct alias *list, struct error *err)
{
	struct file_rules rules = { .max = ALIASES_LIST_SIZE_MAX,
		.use = FILE_TRUSTED,
		.owner = a->owner };
	struct str text = { 0 };
	bool ok = file_read(list->name, &rules, &text, NULL, err)
	    && parse_list(a, list, &text, err);

	str_free(&text);
	return ok;
}

/*
 * Returns the list in that file, which `from` includes, and reads it if
 * necessary; `a` owns it.  NULL with ERROR_CONFIG if it cannot be used.
 */
static struct alias *
find_list(struct aliases *a, const struct alias *from, const char *path,
    struct error *err)
{
	struct alias *list;

	for (size_t i = 0; i < a->list_count; i++)
		if (strcmp(a->lists[i]->name, path) == 0)
			return a->lists[i];
	if (a->list_count == ALIASES_LISTS_MAX) {
		fail(a, from, "too many :include: lists", err);
		return NULL;
	}
	list = alloc_zeroed(1, sizeof(*list));
	list->name = alloc_string(path);
	list->is_list = true;
	a->lists = alloc_resize(a->lists, a->list_count + 1, sizeof(list));
	a->lists[a->list_count++] = list;
	if (read_list(a, list, err))
		return list;
	error_prefix(err, "%s:%zu", file_of(a, from), from->line);
	a->list_count--;
	alias_free(list);
	free(list);
	return NULL;
}

static bool
check_lists_of(struct aliases *a, const struct alias *alias, struct error *err)
{
	for (size_t i = 0; i < alias->targets.count; i++) {
		const char *target = alias->targets.items[i];

		if (*target == ':'
		    && find_list(a, alias, target + strlen(ALIASES_INCLUDE),
			   err)
			== NULL)
			return false;
	}
	return true;
}

bool
aliases_check(struct aliases *a, struct error *err)
{
	for (size_t i = 0; i < a->count; i++)
		if (!check_lists_of(a, &a->items[i], err))
			return false;
	/* This may read further lists, which are then checked, too. */
	for (size_t i = 0; i < a->list_count; i++)
		if (!check_lists_of(a, a->lists[i], err))
			return false;
	return true;
}

/* Expansion */

enum state { UNSEEN, OPEN, DONE };

struct expansion {
	struct aliases *aliases;
	const struct strv *hosts;
	struct envelope *result;
	const char *original; /* the recipient of the envelope */
	size_t depth;
	struct error *err;
};

/* The local name without quotes, or NULL if the address is not local. */
static char *
local_name(const struct expansion *x, const char *address)
{
	const char *domain = path_domain(address);
	struct str value = { 0 };
	struct token token = {
		.kind = *address == '"' ? TOKEN_QUOTED : TOKEN_ATOM,
		.text = address,
		.len = path_local_length(address),
	};

	if (domain != NULL
	    && (x->hosts == NULL || !strv_has_nocase(x->hosts, domain)))
		return NULL;
	token_value(&token, &value);
	return str_steal(&value);
}

static struct alias *
alias_of(const struct expansion *x, const char *address)
{
	char *name = local_name(x, address);
	struct alias *alias;

	if (name == NULL)
		return NULL;
	alias = find_alias(x->aliases, name);
	if (alias == NULL)
		alias = find_alias(x->aliases, "default");
	free(name);
	return alias;
}

static bool expand(struct expansion *x, const char *address,
    const struct alias *from);

/* Expands each alias once; its targets are then in the result. */
static bool
expand_alias(struct expansion *x, struct alias *alias)
{
	bool ok = true;

	if (alias->state == DONE)
		return true;
	if (alias->state == OPEN || x->depth == ALIASES_DEPTH_MAX)
		return error_set(x->err, ERROR_CONFIG, "%s:%zu: the %s %s %s",
		    x->aliases->file, alias->line,
		    alias->is_list ? "list" : "alias", alias->name,
		    alias->state == OPEN ? "refers back to itself"
					 : "is nested too deeply");
	alias->state = OPEN;
	x->depth++;
	for (size_t i = 0; ok && i < alias->targets.count; i++)
		ok = expand(x, alias->targets.items[i], alias);
	x->depth--;
	alias->state = DONE;
	return ok;
}

/* `from` is the alias or list that the address is a target of, or NULL. */
static bool
expand(struct expansion *x, const char *address, const struct alias *from)
{
	struct alias *alias;

	if (from != NULL && *address == ':') {
		alias = find_list(x->aliases, from,
		    address + strlen(ALIASES_INCLUDE), x->err);
		return alias != NULL && expand_alias(x, alias);
	}
	alias = alias_of(x, address);
	if (alias != NULL && alias != from)
		return expand_alias(x, alias);
	envelope_add(x->result, address,
	    strcmp(address, x->original) != 0 ? x->original : NULL);
	return true;
}

bool
aliases_expand(struct aliases *a, struct envelope *e, const struct strv *hosts,
    struct error *err)
{
	struct envelope result = { 0 };
	struct expansion x = { .aliases = a,
		.hosts = hosts,
		.result = &result,
		.err = err };
	bool ok = true;

	for (size_t i = 0; i < a->count; i++)
		a->items[i].state = UNSEEN;
	for (size_t i = 0; i < a->list_count; i++)
		a->lists[i]->state = UNSEEN;
	for (size_t i = 0; ok && i < e->count; i++) {
		x.original = e->recipients[i].address;
		ok = expand(&x, e->recipients[i].address, NULL);
	}
	if (ok)
		envelope_take_recipients(e, &result);
	envelope_free(&result);
	return ok;
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
	free(a->file);
	*a = (struct aliases){ 0 };
}
