/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ETRN (RFC 1985): asks a server to deliver the mail that it holds for a host
 * or domain.
 */
#ifndef VEREDUS_CLIENT_ETRN_H
#define VEREDUS_CLIENT_ETRN_H

#include <stdbool.h>

#include "base/error.h"
#include "client/session.h"

/*
 * Returns the command for a node: a host name, "@" and a domain for it and its
 * subdomains, or "#" and the name of a queue.  The caller frees it.  NULL with
 * ERROR_ADDRESS if the node is invalid.
 */
char *etrn_line(const char *node, struct error *err);

/*
 * Sends the command.  True if the server starts the delivery, or has no mail
 * (250 to 253).  Errors: ERROR_REJECTED if the server does not offer ETRN
 * (5.3.3) or rejects it; those of session_exchange().
 */
bool etrn_send(struct session *s, const char *line, struct error *err);

#endif
