/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/aliases.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "mail/path.h"
#include "mail/token.h"

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
