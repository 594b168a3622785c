/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The commands for an envelope: MAIL and RCPT with the parameters that the
 * server supports.  Reports an address that the server cannot accept before
 * anything is sent.
 */
#ifndef VEREDUS_CLIENT_ENVELOPE_H
#define VEREDUS_CLIENT_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "client/session.h"
#include "client/transaction.h"
#include "mail/envelope.h"
#include "mail/message.h"

/*
 * Return a command; the caller frees it.  MAIL has no SIZE if size is 0.  NULL
 * with ERROR_ADDRESS, or ERROR_UNSUPPORTED (5.6.7) if the address needs
 * SMTPUTF8.
 */
char *envelope_mail_line(const struct transaction *t, uint64_t size,
    bool is_8bit, struct error *err);
char *envelope_rcpt_line(const struct transaction *t, const struct recipient *r,
    struct error *err);

/* What the client sends behind the last RCPT, before the replies. */
enum data_command {
	DATA_SEPARATE,  /* nothing: DATA or BDAT depends on the replies */
	DATA_PIPELINED, /* DATA */
	BDAT_LAST,      /* BDAT with all of the message, LAST, and QUIT */
	BDAT_NO_LAST    /* BDAT with all of the message, but not LAST */
};

/* A group of commands (RFC 2920): MAIL, RCPT for each pending recipient, and
 * the data command. */
struct command_group {
	struct command *commands;
	size_t count;
	size_t mail; /* commands before the first RCPT: MAIL, or none */
	struct recipient **recipients; /* [i] is that of commands[mail + i] */
	bool more_recipients;          /* pending beyond the server's limits */
	enum data_command data_command;
};

/*
 * Builds the commands for the transaction's envelope and message.  Errors are
 * those of the functions above.  If one accepted recipient is enough, a
 * recipient whose address the server cannot accept is FAILED immediately.
 */
bool build_commands(struct command_group *g, const struct transaction *t,
    struct error *err);
/*
 * Builds MAIL, whose line it takes (NULL: none), and RCPT for each of the
 * recipients that is PENDING.  One whose address the server cannot accept is
 * FAILED.
 */
void build_envelope(struct command_group *g, const struct transaction *t,
    char *mail_line, const struct recipient_list *to);
void command_group_free(struct command_group *g);

#endif
