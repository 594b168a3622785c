/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ETRN (RFC 1985): asks a server to begin sending what it keeps for a node,
 * over connections that it makes itself.
 */
#ifndef VEREDUS_CLIENT_ETRN_H
#define VEREDUS_CLIENT_ETRN_H

#include <stdbool.h>

#include "base/error.h"
#include "client/session.h"

/*
 * The command for a node: a host name, "@" and a domain with all below it, or
 * "#" and the name of a queue.  The caller frees it.  Errors: ERROR_ADDRESS
 * for a node that is none of these.
 */
char *etrn_line(const char *node, struct error *err);

/*
 * Sends it.  True when the server says that it will see to it, or that there
 * is nothing (250 to 253).  Errors: ERROR_REJECTED when ETRN is not offered
 * (5.3.3) or refused; those of session_exchange().
 */
bool etrn_ask(struct session *s, const char *line, struct error *err);

#endif
