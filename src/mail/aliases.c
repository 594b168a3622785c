/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/aliases.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/path.h"
#include "mail/token.h"

/* Reading */

static void
lower(char *s)
{
	for (; *s != '\0'; s++)
		*s = (char)text_lower((unsigned char)*s);
}

/* Where the alias or the list was read. */
static const char *
place(const struct aliases *a, const struct alias *alias)
{
	return alias->is_list ? alias->name : a->file;
}

static bool
refuse(const struct aliases *a, const struct alias *alias, const char *reason,
    struct error *err)
{
	return error_set(err, ERROR_CONFIG, "%s:%zu: %s", place(a, alias),
	    alias->line, reason);
}

/* Addresses, groups and nothing else. */
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
		refuse(a, alias, inner.text, err);
	error_free(&inner);
	address_list_free(&list);
	return ok;
}

/*
 * list = ":include:" path / DQUOTE ":include:" path DQUOTE
 * Appends it without the quotes; returns where it ends, NULL if it is none.
 */
static const char *
read_list_name(const struct tokens *t, struct str *name)
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
	return text_starts_nocase(str_text(name), ALIASES_LIST) ? end : NULL;
}

static bool
add_list(const struct aliases *a, struct alias *alias, const char *name,
    struct error *err)
{
	const char *path = name + strlen(ALIASES_LIST);

	if (*path != '/')
		return refuse(a, alias,
		    "the path after :include: must be absolute", err);
	strv_take(&alias->targets, alloc_printf(ALIASES_LIST "%s", path));
	return true;
}

/* What stands on the right, up to the next list and with it. */
static bool
add_up_to_list(const struct aliases *a, struct alias *alias, const char **text,
    const char *end, struct error *err)
{
	struct str name = { 0 };
	const char *behind = NULL;
	struct tokens t;
	bool ok;

	tokens_begin(&t, *text, (size_t)(end - *text));
	for (bool first = true; behind == NULL; tokens_next(&t)) {
		if (t.now.kind == TOKEN_END || t.now.kind == TOKEN_BROKEN)
			break;
		str_truncate(&name, 0);
		behind = first ? read_list_name(&t, &name) : NULL;
		if (behind != NULL)
			break;
		first = tokens_at(&t, ',');
	}
	ok = add_addresses(a, alias, *text,
		 (size_t)((behind == NULL ? end : t.now.text) - *text), err)
	    && (behind == NULL || add_list(a, alias, name.data, err));
	*text = behind == NULL ? end : behind;
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
add_alias(struct aliases *a, const struct alias *alias)
{
	if (a->count == a->size) {
		a->size = a->size == 0 ? 16 : a->size * 2;
		a->items = alloc_resize(a->items, a->size, sizeof(*a->items));
	}
	a->items[a->count++] = *alias;
}

static void
alias_free(struct alias *alias)
{
	free(alias->name);
	strv_free(&alias->targets);
}

/* An empty list would make mail vanish. */
static bool
check_targets(const struct aliases *a, const struct alias *alias,
    struct error *err)
{
	return alias->targets.count > 0
	    || refuse(a, alias, "no address is given", err);
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
	for (; t.now.kind == TOKEN_ATOM || t.now.kind == TOKEN_QUOTED
	     || tokens_at(&t, '.');
	     tokens_next(&t))
		ok = token_value(&t.now, &name) && ok
		    && (!t.now.spaced || t.now.text == text);
	if (!ok || name.len == 0 || !tokens_at(&t, ':')) {
		str_free(&name);
		return refuse(a, &alias, "expected \"name: address, ...\"",
		    err);
	}
	alias.name = str_steal(&name);
	lower(alias.name);
	if (!add_targets(a, &alias, t.at, t.end, err)
	    || !check_targets(a, &alias, err)) {
		alias_free(&alias);
		return false;
	}
	add_alias(a, &alias);
	return true;
}

/* The lines of an alias, put together while comments between go. */
struct reader {
	struct str entry;
	size_t line; /* where the entry begins */
};

static bool
finish_entry(struct aliases *a, struct reader *r, struct error *err)
{
	bool ok = r->entry.len == 0
	    || parse_alias(a, r->entry.data, r->entry.len, r->line, err);

	str_truncate(&r->entry, 0);
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
add_line(struct aliases *a, struct reader *r, const char *line, size_t len,
    size_t number, struct error *err)
{
	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (is_blank_line(line, len) || *line == '#')
		return true;
	if (!text_is_space(*line)) {
		if (!finish_entry(a, r, err))
			return false;
		r->line = number;
	} else if (r->entry.len == 0) {
		return refuse(a, &(struct alias){ .line = number },
		    "continuation line without an entry before it", err);
	}
	str_append(&r->entry, line, len);
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
	struct reader r = { 0 };
	const char *end = text + len;
	size_t number = 0;
	bool ok = true;

	alloc_replace(&a->file, file);
	while (ok && text < end) {
		const char *lf = memchr(text, '\n', (size_t)(end - text));
		const char *stop = lf == NULL ? end : lf;

		ok =
		    add_line(a, &r, text, (size_t)(stop - text), ++number, err);
		text = lf == NULL ? end : lf + 1;
	}
	ok = ok && finish_entry(a, &r, err) && sort(a, err);
	str_free(&r.entry);
	return ok;
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

/* Each line holds addresses; comments as in the file of the aliases. */
static bool
parse_list(const struct aliases *a, struct alias *list, const struct str *text,
    struct error *err)
{
	const char *at = str_text(text), *end = at + text->len;
	bool ok = true;

	while (ok && at < end) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		const char *stop = lf == NULL ? end : lf;

		list->line++;
		if (*at != '#')
			ok = add_targets(a, list, at,
			    stop > at && stop[-1] == '\r' ? stop - 1 : stop,
			    err);
		at = lf == NULL ? end : lf + 1;
	}
	list->line = 1;
	return ok && check_targets(a, list, err);
}

/* Whoever may write a list says who gets the mail. */
static bool
read_list(const struct aliases *a, struct alias *list, struct error *err)
{
	struct file_rules rules = { .max = ALIASES_LIST_SIZE_MAX };
	struct file_info info = { 0 };
	struct str text = { 0 };
	bool ok = file_read(list->name, &rules, &text, &info, err);

	if (ok && (info.mode & 02) != 0)
		ok = error_set(err, ERROR_CONFIG,
		    "%s is writable by everybody: run chmod o-w %s", list->name,
		    list->name);
	ok = ok && parse_list(a, list, &text, err);
	str_free(&text);
	return ok;
}

struct alias *
aliases_list(struct aliases *a, const struct alias *from, const char *path,
    struct error *err)
{
	struct alias *list;

	for (size_t i = 0; i < a->list_count; i++)
		if (strcmp(a->lists[i]->name, path) == 0)
			return a->lists[i];
	if (a->list_count == ALIASES_LISTS_MAX) {
		refuse(a, from, "too many :include: lists", err);
		return NULL;
	}
	list = alloc_zeroed(1, sizeof(*list));
	list->name = alloc_string(path);
	list->is_list = true;
	a->lists = alloc_resize(a->lists, a->list_count + 1, sizeof(list));
	a->lists[a->list_count++] = list;
	if (read_list(a, list, err))
		return list;
	error_prefix(err, "%s:%zu", place(a, from), from->line);
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
		    && aliases_list(a, alias, target + strlen(ALIASES_LIST),
			   err)
			== NULL)
			return false;
	}
	return true;
}

/* Lists that are read on the way are looked at, too. */
bool
aliases_check(struct aliases *a, struct error *err)
{
	for (size_t i = 0; i < a->count; i++)
		if (!check_lists_of(a, &a->items[i], err))
			return false;
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
	const char *original; /* the recipient that is being expanded */
	size_t depth;
	struct error *err;
};

/* The local name, or NULL for an address elsewhere. */
static char *
local_name(const struct expansion *x, const char *address)
{
	const char *domain = path_domain(address);
	struct str value = { 0 };
	struct token token = {
		.kind = *address == '"' ? TOKEN_QUOTED : TOKEN_ATOM,
		.text = address,
		.len = strlen(address),
	};

	if (domain != NULL) {
		if (x->hosts == NULL || !strv_has_nocase(x->hosts, domain))
			return NULL;
		token.len = (size_t)(domain - 1 - address);
	}
	token_value(&token, &value);
	return str_steal(&value);
}

static struct alias *
find_for(const struct expansion *x, const char *address)
{
	char *name = local_name(x, address);
	struct alias *alias;

	if (name == NULL)
		return NULL;
	alias = aliases_find(x->aliases, name);
	if (alias == NULL)
		alias = aliases_find(x->aliases, "default");
	free(name);
	return alias;
}

static void
add_result(struct expansion *x, const char *address)
{
	bool same = strcmp(address, x->original) == 0;

	envelope_add(x->result, address, same ? NULL : x->original);
}

static bool expand(struct expansion *x, const char *address,
    const struct alias *from);

/* Each alias is opened once for an envelope: its targets are there then. */
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

/* Lists are read when mail for them comes. */
static bool
expand_list(struct expansion *x, const char *path, const struct alias *from)
{
	struct alias *list = aliases_list(x->aliases, from, path, x->err);

	return list != NULL && expand_alias(x, list);
}

/* `from` is the alias or list that names the address, or NULL. */
static bool
expand(struct expansion *x, const char *address, const struct alias *from)
{
	struct alias *alias;

	if (*address == ':')
		return expand_list(x, address + strlen(ALIASES_LIST), from);
	alias = find_for(x, address);
	if (alias != NULL && alias != from)
		return expand_alias(x, alias);
	add_result(x, address);
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
