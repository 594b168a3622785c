/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Follows aliases and lists up to addresses that have no alias. */
#include "mail/alias_expansion.h"

#include <stdlib.h>
#include <string.h>

#include "mail/path.h"
#include "mail/token.h"

enum state { UNSEEN, OPEN, DONE };

struct expansion {
	struct aliases *aliases;
	const struct strv *hosts;
	struct envelope *result;
	const char *original; /* the recipient of the envelope */
	size_t depth;
	bool checking; /* errors are collected; those of lines are known */
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
	alias = aliases_find(x->aliases, name);
	if (alias == NULL)
		alias = aliases_find(x->aliases, "default");
	free(name);
	return alias;
}

static bool expand(struct expansion *x, const char *address,
    const struct alias *from);

/* Moves the error to those of the aliases. */
static void
collect_error(struct expansion *x)
{
	struct aliases *a = x->aliases;

	if (a->errors.count < ALIASES_ERRORS_MAX
	    && !strv_has(&a->errors, x->err->text))
		strv_add(&a->errors, x->err->text);
	error_free(x->err);
}

/* Expands each alias once; its targets are then in the result.  A check goes on
 * after an error. */
static bool
expand_alias(struct expansion *x, struct alias *alias)
{
	bool ok = true;

	if (alias->state == DONE)
		return true;
	if (alias->error != NULL)
		return x->checking
		    || error_set(x->err, ERROR_CONFIG,
			"%s:%zu: the alias %s cannot be used: %s",
			x->aliases->file, alias->line, alias->name,
			alias->error);
	if (alias->state == OPEN || x->depth == ALIASES_DEPTH_MAX)
		return error_set(x->err, ERROR_CONFIG, "%s:%zu: the %s %s %s",
		    x->aliases->file, alias->line,
		    alias->is_list ? "list" : "alias", alias->name,
		    alias->state == OPEN ? "refers back to itself"
					 : "is nested too deeply");
	alias->state = OPEN;
	x->depth++;
	for (size_t i = 0; ok && i < alias->targets.count; i++) {
		ok = expand(x, alias->targets.items[i], alias);
		if (!ok && x->checking) {
			collect_error(x);
			ok = true;
		}
	}
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
		alias = aliases_find_list(x->aliases, from,
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

static void
reset_states(struct aliases *a)
{
	for (size_t i = 0; i < a->count; i++)
		a->items[i].state = UNSEEN;
	for (size_t i = 0; i < a->list_count; i++)
		a->lists[i]->state = UNSEEN;
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

	reset_states(a);
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
aliases_check(struct aliases *a, const struct strv *hosts)
{
	struct envelope result = { 0 };
	struct error err = { 0 };
	struct expansion x = { .aliases = a,
		.hosts = hosts,
		.result = &result,
		.checking = true,
		.err = &err };

	reset_states(a);
	for (size_t i = 0; i < a->count; i++) {
		x.original = a->items[i].name;
		expand_alias(&x, &a->items[i]);
	}
	envelope_free(&result);
}
