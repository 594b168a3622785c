/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sends a message to one host, and further messages in the same session if there
 * are any.
 */
#include "delivery/send.h"

#include "delivery/batch.h"
#include "delivery/transactions.h"

bool
send_to_host(const struct attempt *to, const struct message *message,
    struct session_log *log, bool *try_next_host, struct error *err)
{
	struct session s = { 0 };
	struct sending sending = { .message = message };
	struct attempt a = { .params = to->params,
		.target = to->target,
		.session = &s,
		.envelope = to->envelope,
		.login = true,
		.action = run_transactions,
		.ctx = &sending };
	bool ok = attempt_host(&a, err);

	*try_next_host = !ok && may_try_next_host(&a, err);
	if (*try_next_host)
		envelope_reset_accepted(a.envelope);
	else if (!ok)
		envelope_fail(a.envelope, err);
	sending_log(&a, log);
	if (!*try_next_host && to->params->more != NULL) {
		to->params->more->done(to->params->more->ctx, a.envelope, true,
		    log, err);
		to->params->more->settled(to->params->more->ctx);
		send_more(&a, ok);
	}
	session_close(&s);
	return ok;
}
