/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "masquerade.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/identity.h"
#include "config/finish.h"

static void
add_host(struct strv *hosts, char *name)
{
	if (name != NULL)
		strv_take(hosts, name);
}

void
masquerade_hosts(struct strv *hosts)
{
	strv_add(hosts, "localhost");
	add_host(hosts, identity_host());
	add_host(hosts, identity_fqdn());
	add_host(hosts, identity_mailname());
}

static void
look_up(struct rewriting *r)
{
	masquerade_hosts(&r->hosts);
	if (r->domain == NULL)
		r->domain = identity_mailname();
	if (r->domain == NULL)
		r->domain = identity_fqdn();
}

static bool
add_rule(struct rewriting *r, const char *text, struct error *err)
{
	char *rule = NULL;
	bool ok =
	    expand_identity(text, &rule, err) && rewrite_add_rule(r, rule, err);

	free(rule);
	return ok || error_prefix(err, "rewrite");
}

/* A `from` that this host cannot fill in fits nobody. */
static void
add_own(struct rewriting *r, const char *text)
{
	char *from = NULL;

	if (expand_identity(text, &from, NULL))
		strv_take(&r->own, from);
}

bool
masquerade_begin(struct rewriting *r, const struct account *account,
    struct error *err)
{
	rewriting_free(r);
	r->look_up = look_up;
	for (size_t i = 0; i < account->rewrite.count; i++)
		if (!add_rule(r, account->rewrite.items[i], err))
			return false;
	for (size_t i = 0; i < account->from.count; i++)
		add_own(r, account->from.items[i]);
	if (account->rewrite_local)
		r->sender = alloc_string(account->sender);
	if (account->qualify_domain != NULL) {
		r->domain = alloc_string(account->qualify_domain);
		strv_take(&r->own,
		    alloc_printf("*@%s", account->qualify_domain));
	}
	return true;
}
