/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Attempts at one host: opens a session with one of its addresses after the
 * other, and decides after a failure whether another address or host may be
 * tried.
 */
#ifndef VEREDUS_DELIVERY_ATTEMPT_H
#define VEREDUS_DELIVERY_ATTEMPT_H

#include <stdbool.h>

#include "base/error.h"
#include "client/handshake.h"
#include "client/session.h"
#include "delivery/params.h"
#include "mail/envelope.h"

/* The account's own host, as the settings describe it. */
void target_init(struct session_target *target,
    const struct delivery_params *params);

/* What to do in a session with a host. */
struct attempt {
	const struct delivery_params *params;
	const struct session_target *target;
	struct session *session; /* { 0 }; stays open after the attempt */
	struct envelope
	    *envelope; /* the recipients it is about; may be empty */
	bool login;
	/* Runs in the open session; NULL: opening it is all. */
	bool (*action)(struct attempt *a, struct error *err);
	/* Called when a session was opened, or failed with err; or NULL. */
	void (*opened)(struct attempt *a, const struct error *err);
	void *ctx;
	bool token_renewed; /* after the server had rejected the first one */
	bool data_started;  /* set by the action: the server may have a part of
	                    * the message */
};

/*
 * Opens a session with one address of the host after the other until the action
 * succeeds or another address must not be tried.  If TLS failed that is not
 * required, the same address is tried once more without TLS, and if the server
 * does not know the BDAT that it offered, once more with DATA.  After failures of
 * more than one address err has a cause for each of them.
 */
bool attempt_host(struct attempt *a, struct error *err);

/*
 * Opens a session with the host, for an attempt whose session was closed.  Tries
 * for 30 seconds at a Unix socket whose server closes the connection before its
 * greeting, or greets with 421, because it has too many clients.
 */
bool attempt_open_session(struct attempt *a, struct error *err);

/* Whether the server has rejected no recipient and has received no message
 * data. */
bool may_retry_safely(const struct attempt *a, const struct error *err);
/*
 * Whether to try another address of the host after err: the failure is
 * temporary, and the server rejected no recipient permanently.  After the
 * client has sent message data it never tries a second server, which could
 * deliver a second copy.
 */
bool may_try_next_address(const struct attempt *a, const struct error *err);
/* Whether err is a failure of this host alone, so that another host may be tried
 * before the deadline: as above, but also after a lookup that found no address
 * or a greeting that rejects the client permanently. */
bool may_try_next_host(const struct attempt *a, const struct error *err);

#endif
