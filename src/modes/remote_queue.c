/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modes/remote_queue.h"

#include "client/etrn.h"
#include "delivery/deliver.h"

/* One host, at each of its addresses in turn. */
static bool
ask_host(const struct way *way, const char *line, bool *elsewhere,
    struct error *err)
{
	struct envelope nobody = { 0 };
	struct session s = { 0 };
	bool ok;

	do
		ok = session_open(&way->params, &s, true, err)
		    && etrn_ask(&s, line, err);
	while (!ok && session_retry_next_address(&s, &nobody, err));
	*elsewhere = !ok && may_try_next_host(&s, &nobody, err);
	session_close(&s);
	session_free(&s);
	return ok;
}

bool
remote_queue_start(const struct delivery_params *params, const char *line,
    struct error *err)
{
	static const struct envelope nobody;
	struct way way;
	bool ok, elsewhere;

	if (account_uses_mx(params->account))
		return error_set(err, ERROR_CONFIG,
		    "--rmqs needs an account with a server of its own: host mx "
		    "finds those of recipients");
	elsewhere = way_start(&way, params, &nobody, err);
	ok = false;
	while (!ok && elsewhere) {
		ok = ask_host(&way, line, &elsewhere, err);
		elsewhere = elsewhere && way_advance(&way, err);
	}
	way_free(&way);
	return ok;
}
