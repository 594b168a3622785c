/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Copies and releases accounts, and answers questions about their settings.
 */
#include "config/account.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "config/option.h"
#include "config/option_names.h"
#include "mail/path.h"

void
account_copy(struct account *dst, const struct account *src)
{
	account_free(dst);
	dst->name = alloc_string(src->name);
	dst->origin = src->origin;
	dst->locked = src->locked;
	for (size_t i = 0; i < option_count; i++)
		option_copy(dst, src, &option_rows[i]);
}

void
account_free(struct account *a)
{
	for (size_t i = 0; i < option_count; i++)
		option_free(a, &option_rows[i]);
	free(a->name);
	free(a->sender);
	free(a->archive.folder);
	free(a->server.host);
	endpoint_list_free(&a->dns.servers);
	memset(a, 0, sizeof(*a));
}

bool
account_has(const struct account *a, const char *setting)
{
	const struct option_row *row = option_find(setting);

	return a->origins[option_number(row)].kind != ORIGIN_DEFAULT;
}

void
account_describe_setting(const struct account *a, const char *setting,
    struct str *out)
{
	size_t number = option_number(option_find(setting));

	str_printf(out, "%s (", setting);
	origin_describe(&a->origins[number], out);
	str_add(out, ")");
}

bool
account_uses_oauth(const struct account *a)
{
	return a->oauth.provider != OAUTH_PROVIDER_OFF;
}

bool
account_login_is_sender(const struct account *a)
{
	const char *user = a->auth.user;

	return auth_is_used(&a->auth) && user != NULL && path_check(user, NULL)
	    && path_domain(user) != NULL && !path_has_wildcard(user);
}

/* The words mx and srv; a host that is really named so needs a trailing dot. */
static bool
first_host_is(const struct account *a, const char *word)
{
	return a->hosts.count > 0 && strcmp(a->hosts.items[0], word) == 0;
}

bool
account_uses_srv(const struct account *a)
{
	return first_host_is(a, "srv");
}

bool
account_uses_mx(const struct account *a)
{
	return first_host_is(a, "mx");
}

bool
account_uses_dane(const struct account *a)
{
	return a->dane == DANE_ON
	    || (a->dane == DANE_AUTO && account_uses_mx(a));
}

bool
account_keeps_bare_names(const struct account *a)
{
	return a->qualify_domain == NULL && a->server.socket != NULL;
}

bool
account_is_local(const struct account *a)
{
	struct host_params server = a->server;

	if (account_uses_mx(a))
		return false;
	for (size_t i = 1; i < a->hosts.count; i++) {
		server.host = a->hosts.items[i];
		if (!host_is_local(&server))
			return false;
	}
	return host_is_local(&a->server);
}

void
origin_describe(const struct origin *origin, struct str *out)
{
	switch (origin->kind) {
	case ORIGIN_DEFAULT:
		str_add(out, "default");
		break;
	case ORIGIN_PRESET:
		str_printf(out, "preset %s", origin->file);
		break;
	case ORIGIN_FILE:
		str_printf(out, "%s:%u", origin->file, origin->line);
		break;
	case ORIGIN_COMMAND_LINE:
		str_add(out, "command line");
		break;
	}
}
