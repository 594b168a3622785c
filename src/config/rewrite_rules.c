/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes rewrite rules from `rewrite`, `from` and `qualify_domain`.
 */
#include "config/rewrite_rules.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/host.h"
#include "config/expand.h"

static void
look_up(struct rewrite_rules *r)
{
	host_local_names(&r->hosts);
	if (r->domain == NULL)
		r->domain = host_mailname();
	if (r->domain == NULL)
		r->domain = host_fqdn();
}

/* Bare names stay bare: the server at the socket knows what they stand for. */
static void
look_up_hosts(struct rewrite_rules *r)
{
	host_local_names(&r->hosts);
}

static bool
add_rule(struct rewrite_rules *r, const char *text, const struct user *user,
    struct error *err)
{
	char *rule = NULL;
	bool ok = expand_names(text, user, &rule, err)
	    && rewrite_add_rule(r, rule, err);

	free(rule);
	return ok || error_subject(err, "rewrite");
}

/* A `from` that cannot be expanded matches no sender. */
static void
add_own(struct rewrite_rules *r, const char *text, const struct user *user)
{
	char *from = NULL;

	if (expand_names(text, user, &from, NULL))
		strv_take(&r->own, from);
}

bool
rewrite_rules_init(struct rewrite_rules *r, const struct account *account,
    const struct user *user, struct error *err)
{
	rewrite_rules_free(r);
	r->look_up =
	    account_keeps_bare_names(account) ? look_up_hosts : look_up;
	for (size_t i = 0; i < account->rewrite.count; i++)
		if (!add_rule(r, account->rewrite.items[i], user, err))
			return false;
	for (size_t i = 0; i < account->from.count; i++)
		add_own(r, account->from.items[i], user);
	if (account->rewrite_local)
		r->sender = alloc_string(account->sender);
	if (account->qualify_domain != NULL) {
		r->domain = alloc_string(account->qualify_domain);
		strv_take(&r->own,
		    alloc_printf("*@%s", account->qualify_domain));
	}
	return true;
}
