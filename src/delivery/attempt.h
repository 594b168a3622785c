/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One message through one account to one host: the dialogue as one
 * expression.
 */
#ifndef VEREDUS_DELIVERY_ATTEMPT_H
#define VEREDUS_DELIVERY_ATTEMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "client/session.h"
#include "config/account.h"
#include "mail/envelope.h"
#include "mail/message.h"
#include "net/stream.h"
#include "route/sts_lookup.h"
#include "tls/tls.h"

/* What an attempt at one host needs besides the message. */
struct delivery_params {
	const struct account *account;
	const struct host_params *server;    /* NULL: the account's */
	const struct tls_params *tls_params; /* NULL: the account's */
	const struct tls_policy *demand; /* of the way to the host; or NULL */
	unsigned patience;               /* of struct session */
	const struct auth_params *auth;  /* of credentials_get() */
	struct tls_context *tls;      /* of tls_prepare(); NULL with tls off */
	const struct sts_params *sts; /* NULL: no MTA-STS */
	const struct endpoint_list *addresses; /* of the host; NULL: look up */
	struct resolve *lookup; /* of connect_start_lookup(), or NULL */
	int64_t deadline;       /* of the whole run */
	stream_trace_fn *trace; /* or NULL */
	void *trace_ctx;
	const struct observer *observers; /* or NULL */
};

/* What the log wants to know of the session. */
struct session_log {
	struct str host;       /* as configured or found */
	struct str peer;       /* its address and port */
	struct str tls;        /* description, empty without TLS */
	const char *mechanism; /* of AUTH, or NULL */
	bool broke_lines;      /* long lines of the message, for the server */
	struct smtp_status status; /* of the last reply that decided */
};

/*
 * Sends the message to every pending recipient of the envelope, at the first
 * address of the host that accepts it.  Afterwards each recipient is DELIVERED,
 * or FAILED with its result; but if *elsewhere is true the next host may be
 * tried, and the recipients for it are still PENDING.  True when all were
 * delivered; otherwise err is the result that decides the exit status.
 */
bool submit(const struct delivery_params *params, struct envelope *envelope,
    const struct message *message, struct session_log *facts, bool *elsewhere,
    struct error *err);

/*
 * Opens a session up to and with its login, as submit() does; with `login`
 * false without AUTH.  The caller ends it with session_close() in any case.
 */
bool session_open(const struct delivery_params *params, struct session *s,
    bool login, struct error *err);

/*
 * Whether to try another address of the host: the server cannot have received
 * the message, and it rejected no recipient permanently.  Once the client has
 * sent message data it never tries a second server, which could deliver a
 * second copy.
 */
bool may_try_next_address(const struct session *s, const struct envelope *e,
    const struct error *err);
/*
 * Whether err is a failure of this host alone, so that another host may be tried
 * before the deadline: the same conditions, but also a lookup that found no
 * address, or a greeting that rejects the client permanently.
 */
bool may_try_next_host(const struct session *s, const struct envelope *e,
    const struct error *err);

/* What to do at a host. */
struct attempt {
	struct session *session;   /* { 0 }; remains open after the attempt */
	struct envelope *envelope; /* of which a retry must not lose a result */
	bool login;
	/* Runs in the open session; NULL: opening it is all. */
	bool (*action)(void *ctx, struct session *s, struct error *err);
	/* Called when a session was opened, or failed with err; or NULL. */
	void (*opened)(void *ctx, struct error *err);
	void *ctx;
};

/*
 * Opens a session with one address of the host after the other, or with the
 * same address once more without TLS if TLS failed and is not required, until
 * the action succeeds or another address cannot help.  After failures of more
 * than one address err has a cause for each of them (error_merge_attempt()).
 */
bool attempt_host(const struct attempt *a, const struct delivery_params *params,
    struct error *err);

/* Replaces the facts by those of a session and an envelope. */
void session_facts_note(struct session_log *facts, const struct session *s,
    const struct envelope *e);
/* Moves one's facts into all's, in place of them or beside them; one is empty
 * then.  The code stays that of the first. */
void session_facts_move(struct session_log *all, struct session_log *one);
void session_facts_join(struct session_log *all, struct session_log *one);
void session_facts_free(struct session_log *facts);

#endif
