/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Several messages in one session, for a caller that has several for the same
 * server.
 */
#ifndef VEREDUS_DELIVERY_BATCH_H
#define VEREDUS_DELIVERY_BATCH_H

#include <stdbool.h>

#include "base/error.h"
#include "delivery/attempt.h"
#include "delivery/session_log.h"
#include "mail/envelope.h"
#include "mail/message.h"

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

/*
 * After the first message of the session, whose result was `ok`, sends messages
 * until there are no more, the session ends, or the server takes no more in one
 * session (RFC 9422).  Where the server offers PIPELINING, they are sent as
 * client/pipeline.h describes.  The first groups of a session are small, because
 * a server that cannot do it may have got all messages of a group.
 */
void send_more(const struct attempt *first, bool ok);

#endif
