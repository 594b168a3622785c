/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modes/verify.h"

#include <string.h>

#include "base/text.h"

static void
add_clean(struct str *out, const char *text)
{
	text_clean(out, text, strlen(text), TEXT_MAX);
}

static void
add_server(struct str *out, const struct account *account)
{
	const struct host_params *server = &account->server;

	if (server->socket != NULL) {
		str_add(out, "socket ");
		add_clean(out, server->socket);
		return;
	}
	if (account_uses_mx(account)) {
		str_add(out, "the servers of its domain (host mx)");
		return;
	}
	str_add(out, "host ");
	add_clean(out, server->host);
	for (size_t i = 1; i < account->hosts.count; i++) {
		str_add(out, " or ");
		add_clean(out, account->hosts.items[i]);
	}
	if (account_uses_srv(account))
		str_add(out, " (whose servers the DNS knows)");
	else
		str_printf(out, " port %u", server->port);
}

void
verify_print(struct str *out, const struct account *account,
    const struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++) {
		const struct recipient *r = &e->recipients[i];

		if (r->original != NULL
		    && strcmp(r->original, r->address) != 0) {
			add_clean(out, r->original);
			str_add(out, " is ");
		}
		str_add_char(out, '<');
		add_clean(out, r->address);
		str_add(out, ">: account ");
		add_clean(out, account->name);
		str_add(out, ", ");
		add_server(out, account);
		str_add_char(out, '\n');
	}
}
