/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Sends ETRN to the first host of the account that accepts or rejects it. */
#include "modes/remote_queue.h"

#include "client/etrn.h"
#include "delivery/deliver.h"

static bool
send_etrn(void *ctx, struct session *s, struct error *err)
{
	const char *const *line = ctx;

	return etrn_ask(s, *line, err);
}

bool
remote_queue_start(const struct delivery_params *params, const char *line,
    struct error *err)
{
	struct envelope no_recipients = { 0 };
	struct session s = { 0 };
	const struct attempt attempt = { .session = &s,
		.envelope = &no_recipients,
		.login = true,
		.action = send_etrn,
		.ctx = &line };
	struct way way;
	bool ok;

	if (account_uses_mx(params->account))
		return error_set(err, ERROR_CONFIG,
		    "--rmqs needs an account with a fixed server: host mx has "
		    "no server without a recipient");
	ok = way_start(&way, params, &no_recipients, err)
	    && delivery_attempt(&way, &attempt, err);
	session_close(&s);
	session_free(&s);
	way_free(&way);
	return ok;
}
