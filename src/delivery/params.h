/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a delivery needs: the account with its login, the deadline, observers, and
 * more messages for the same session.
 */
#ifndef VEREDUS_DELIVERY_PARAMS_H
#define VEREDUS_DELIVERY_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "config/account.h"
#include "delivery/session_log.h"
#include "mail/envelope.h"
#include "mail/message.h"
#include "net/stream.h"
#include "route/sts_lookup.h"
#include "tls/tls.h"

/* What a server does wrong.  Known from one session to the next. */
struct server_faults {
	bool bdat;     /* it does not know BDAT, although it offers it */
	bool pipeline; /* its replies to a pipeline are wrong or missing */
	bool lasting;  /* and that is hardly a fault of the network */
};

/* Further messages for the session of the first one. */
struct message_source {
	unsigned pipeline; /* the most messages that are under way at once */
	struct server_faults *faults; /* borrowed */
	/* Returns false if there is no other message; else *envelope and
	 * *message are valid until done() is called for them.  Other calls may
	 * come before that. */
	bool (*next)(void *ctx, struct envelope **envelope,
	    const struct message **message);
	/*
	 * The result of the first message, and then of those that next() has
	 * returned, in the same order.  If `tried` is false, the session ended
	 * before the server had the message: it must be sent in another session.
	 */
	void (*done)(void *ctx, const struct envelope *envelope, bool tried,
	    const struct session_log *log, const struct error *err);
	/* Called after one or more calls of done(), before anything more is
	 * sent. */
	void (*settled)(void *ctx);
	void *ctx;
};

/* What is the same for all next hops; everything is borrowed. */
struct delivery_params {
	const struct account *account;
	const struct auth_params *auth; /* of credentials_get() */
	/* Of password_of_proxy(); NULL: that of the account. */
	const struct secret *proxy_password;
	struct tls_context *tls;      /* of tls_prepare(); NULL with tls off */
	const struct sts_params *sts; /* NULL: no MTA-STS */
	bool ignores_policies;        /* set by tls_required_apply() */
	struct resolve *lookup;       /* of connect_start_lookup(), or NULL */
	int64_t deadline;             /* for everything */
	stream_trace_fn *trace;       /* or NULL */
	void *trace_ctx;
	const struct observer *observers; /* or NULL */
	/* Replaces the token in auth by a newer one after the server has rejected
	 * it.  Returns false if that is no use, with err unchanged, or if it
	 * fails.  NULL: never. */
	bool (*renew_token)(void *ctx, struct error *err);
	void *renew_ctx;
	/* Messages to send in the session of the first one, while it can be
	 * used; or NULL. */
	const struct message_source *more;
};

#endif
