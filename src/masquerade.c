/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "masquerade.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/host.h"
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
	add_host(hosts, host_short_name());
	add_host(hosts, host_fqdn());
	add_host(hosts, host_mailname());
}

static void
look_up(struct rewriting *r)
{
	masquerade_hosts(&r->hosts);
	if (r->domain == NULL)
		r->domain = host_mailname();
	if (r->domain == NULL)
		r->domain = host_fqdn();
}

static bool
add_rule(struct rewriting *r, const char *text, const struct user *user,
    struct error *err)
{
	char *rule = NULL;
	bool ok = expand_names(text, user, &rule, err)
	    && rewrite_add_rule(r, rule, err);

	free(rule);
	return ok || error_prefix(err, "rewrite");
}

/* A `from` that cannot be expanded matches no sender. */
static void
add_own(struct rewriting *r, const char *text, const struct user *user)
{
	char *from = NULL;

	if (expand_names(text, user, &from, NULL))
		strv_take(&r->own, from);
}

bool
masquerade_begin(struct rewriting *r, const struct account *account,
    const struct user *user, struct error *err)
{
	rewriting_free(r);
	r->look_up = look_up;
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
