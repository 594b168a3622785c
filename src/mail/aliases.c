/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/aliases.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
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

static bool
refuse(const struct aliases *a, size_t line, const char *reason,
    struct error *err)
{
	return error_set(err, ERROR_CONFIG, "%s:%zu: %s", a->file, line,
	    reason);
}

/* The addresses on the right; an empty list would make mail vanish. */
static bool
add_targets(const struct aliases *a, struct alias *alias, const char *text,
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
		refuse(a, alias->line, inner.text, err);
	else if (list.count == 0)
		ok = refuse(a, alias->line, "an alias without an address", err);
	error_free(&inner);
	address_list_free(&list);
	return ok;
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
		return refuse(a, line, "\"name: address, ...\" was expected",
		    err);
	}
	alias.name = str_steal(&name);
	lower(alias.name);
	if (!add_targets(a, &alias, t.at, (size_t)(t.end - t.at), err)) {
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
		return refuse(a, number, "this line goes on with nothing", err);
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
			    "%s:%zu: the alias %s stands in line %zu, too",
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

/* Expanding */

enum state { UNSEEN, OPEN, DONE };

struct expansion {
	struct aliases *aliases;
	const struct strv *hosts;
	struct envelope *result;
	const char *original; /* the recipient that is being expanded */
	size_t depth;
	struct error *err;
};

/* The local name in lower case, or NULL for an address elsewhere. */
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
	lower(value.data);
	return str_steal(&value);
}

static struct alias *
find(const struct aliases *a, char *name)
{
	struct alias key = { .name = name };

	if (a->count == 0)
		return NULL;
	return bsearch(&key, a->items, a->count, sizeof(key), compare_names);
}

static struct alias *
find_for(const struct expansion *x, const char *address)
{
	char *name = local_name(x, address);
	struct alias *alias;

	if (name == NULL)
		return NULL;
	alias = find(x->aliases, name);
	if (alias == NULL) {
		alloc_replace(&name, "default");
		alias = find(x->aliases, name);
	}
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
		return error_set(x->err, ERROR_CONFIG,
		    "%s:%zu: the alias %s %s", x->aliases->file, alias->line,
		    alias->name,
		    alias->state == OPEN ? "leads back to itself"
					 : "is the end of too long a chain");
	alias->state = OPEN;
	x->depth++;
	for (size_t i = 0; ok && i < alias->targets.count; i++)
		ok = expand(x, alias->targets.items[i], alias);
	x->depth--;
	alias->state = DONE;
	return ok;
}

/* `from` is the alias that names the address, or NULL. */
static bool
expand(struct expansion *x, const char *address, const struct alias *from)
{
	struct alias *alias = find_for(x, address);

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
	free(a->items);
	free(a->file);
	*a = (struct aliases){ 0 };
}
