/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs a session of our SMTP server (RFC 5321) with its client.
 *
 * Knows the protocol and the order of its commands.  HELO or EHLO is not
 * required.
 */
#ifndef VEREDUS_SERVER_SESSION_H
#define VEREDUS_SERVER_SESSION_H

#include <stdbool.h>

#include "base/error.h"
#include "server/server.h"

/*
 * Sends the greeting and executes commands until QUIT or the end of the input.
 * Before it closes the session for another reason (a signal, the timeout, too
 * many commands that were rejected or do nothing), it sends 421.
 * Errors: ERROR_NETWORK if the session ends during a transaction, whose message
 * is then not delivered; ERROR_INPUT if a descriptor does not work, or if the
 * client could not be told what became of its message; ERROR_INTERRUPTED.
 * Afterwards, the caller ends a transaction that is still in progress with
 * server_reset().
 */
bool server_run(struct server *s, struct error *err);

void server_free(struct server *s);

#endif
