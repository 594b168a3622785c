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
#include "server/session.h"

/* Recipients of a transaction, accepted or rejected: the actions may remember
 * both.  RFC 5321 section 4.5.3.1.8 requires 100. */
#define SERVER_RECIPIENTS_MAX 10000

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

/* What follows from the reply to MAIL, and to RCPT, when the action has set it.
 * Without a transaction the latter becomes a rejection. */
void server_end_mail(struct server *s, const struct server_reply *reply);
void server_end_rcpt(struct server *s, struct server_reply *reply);

/* Ends the transaction, if there is one. */
void server_reset(struct server *s);

#endif
