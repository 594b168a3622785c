/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The commands of a mail transaction (RFC 5321 section 3.3, RFC 3030): MAIL,
 * RCPT, DATA and BDAT.  Each function executes one command and sends its reply.
 */
#ifndef VEREDUS_SERVER_TRANSACTION_H
#define VEREDUS_SERVER_TRANSACTION_H

#include <stdbool.h>

#include "base/error.h"
#include "server/server.h"

/*
 * Errors: those of server_peek() and server_send_reply(); ERROR_INPUT if the
 * client could not be told what became of its message; ERROR_PROTOCOL if the
 * size of a chunk is not known, so that the next command cannot be found.
 */
bool server_mail(struct server *s, const char *argument, struct error *err);
bool server_rcpt(struct server *s, const char *argument, struct error *err);
bool server_data(struct server *s, const char *argument, struct error *err);
bool server_bdat(struct server *s, const char *argument, struct error *err);
/* Whether BDAT with this argument brings the end of a message that is small enough
 * to wait for it before MAIL and RCPT have a reply. */
bool server_bdat_is_of_group(const char *argument);

/* Ends the transaction, if there is one. */
void server_reset(struct server *s);

#endif
