/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the log tells about the sessions of a delivery.
 */
#ifndef VEREDUS_DELIVERY_SESSION_LOG_H
#define VEREDUS_DELIVERY_SESSION_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/str.h"
#include "client/session.h"
#include "mail/envelope.h"
#include "tls/tls.h"

struct session_log {
	struct str host;                /* as configured or found */
	struct str peer;                /* its address and port */
	struct str tls;                 /* description, empty without TLS */
	struct tls_summary tls_of_last; /* of the last session */
	enum tls_source tls_source;     /* of its policy */
	const char *mechanism;          /* of AUTH, or NULL */
	uint64_t size; /* octets of the message as the last server was sent it,
	                * or 0 */
	bool opened;   /* a session was open, with login and TLS */
	bool broke_lines;          /* the server was sent a message with broken
	                            * lines */
	struct smtp_status status; /* of the last reply that decided */
};

/* Replaces the log by that of one session and its envelope. */
void session_log_set(struct session_log *log, const struct session *s,
    const struct envelope *e);
/* Adds another session to the log, and empties `other`.  The status remains. */
void session_log_add(struct session_log *log, struct session_log *other);
void session_log_free(struct session_log *log);

#endif
