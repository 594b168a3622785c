/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Sends ETRN to the first host of the account that accepts or rejects it. */
#include "modes/remote_queue.h"

#include "client/etrn.h"
#include "delivery/deliver.h"

static bool
send_etrn(struct attempt *a, struct error *err)
{
	const char *const *line = a->ctx;

	return etrn_send(a->session, *line, err);
}

bool
remote_queue_start(const struct delivery_params *params, const char *line,
    struct error *err)
{
	struct envelope no_recipients = { 0 };
	struct session s = { 0 };
	struct attempt attempt = { .session = &s,
		.envelope = &no_recipients,
		.login = true,
		.action = send_etrn,
		.ctx = &line };
	struct delivery d;
	bool ok;

	if (account_uses_mx(params->account))
		return error_set(err, ERROR_CONFIG,
		    "--rmqs needs an account with a fixed server: host mx has "
		    "no server without a recipient");
	ok = delivery_begin(&d, params, &no_recipients, err)
	    && delivery_attempt(&d, &attempt, err);
	session_close(&s);
	session_free(&s);
	delivery_free(&d);
	return ok;
}
