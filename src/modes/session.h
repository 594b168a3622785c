/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The modes that open one session with a server and send no message.
 */
#ifndef VEREDUS_MODES_SESSION_H
#define VEREDUS_MODES_SESSION_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "delivery/attempt.h"
#include "delivery/deliver.h"
#include "mail/envelope.h"

/* A session for no recipient.  The caller sets in the attempt what it does, and
 * the rest is { 0 }; the struct must not be moved. */
struct lone_session {
	struct attempt attempt;
	struct session session;
	struct envelope no_recipients;
	struct delivery delivery;
};

/* Makes the attempt at the servers of the account.  Errors: those of
 * session_open() and of the attempt's action. */
bool lone_session_open(struct lone_session *l,
    const struct delivery_params *params, struct error *err);
/* Must be called after a failure, too. */
void lone_session_close(struct lone_session *l);

/*
 * --serverinfo: prints the address of the server, its TLS, its certificate and
 * its SMTP extensions.  Opens a session without a login.  On failure, appends what is
 * known about the server by then.  Errors: those of session_open().
 */
bool serverinfo(const struct delivery_params *params, struct str *out,
    struct error *err);

/*
 * Logs in at a server of the account, as before a delivery, and sends nothing.
 * *mechanism becomes the one that was used.  Errors: those of session_open().
 */
bool session_test_login(const struct delivery_params *params,
    const char **mechanism, struct error *err);

/*
 * --rmqs: asks a server of the account to start sending the mail that it has
 * queued for a node (ETRN, RFC 1985).  Asks the hosts in turn, as for a
 * delivery, until one of them accepts or permanently rejects the command.  line is
 * that of etrn_line().  Errors: ERROR_CONFIG for `host mx`, which has no host
 * without a recipient; those of session_open() and etrn_send().
 */
bool remote_queue_start(const struct delivery_params *params, const char *line,
    struct error *err);

#endif
