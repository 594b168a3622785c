/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints where the mail for each recipient would go. */
#include "modes/verify.h"

#include <string.h>

#include "modes/output.h"

static void
add_server(struct str *line, const struct account *account)
{
	const struct host_params *server = &account->server;

	if (server->socket != NULL) {
		str_printf(line, "socket %s", server->socket);
	} else if (account_uses_mx(account)) {
		str_add(line, "the MX hosts of its domain (host mx)");
	} else if (account_uses_srv(account)) {
		str_printf(line, "the servers of %s (host srv)", server->host);
	} else {
		str_printf(line, "host %s", server->host);
		for (size_t i = 1; i < account->hosts.count; i++)
			str_printf(line, " or %s", account->hosts.items[i]);
		str_printf(line, " port %u", server->port);
	}
}

void
verify_print(struct str *out, const struct account *account,
    const struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++) {
		const struct recipient *r = &e->recipients[i];
		struct str line = { 0 };

		if (r->original != NULL && strcmp(r->original, r->address) != 0)
			str_printf(&line, "%s is ", r->original);
		str_printf(&line, "<%s>: account %s, ", r->address,
		    account->name);
		add_server(&line, account);
		output_text(out, str_text(&line));
		str_add_char(out, '\n');
		str_free(&line);
	}
}
