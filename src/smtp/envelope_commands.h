/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The envelope as commands: MAIL and RCPT with the parameters that the server
 * offers.  Says what a message needs and the server lacks before a byte of it
 * is on the wire.
 */
#ifndef VEREDUS_SMTP_ENVELOPE_COMMANDS_H
#define VEREDUS_SMTP_ENVELOPE_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "mail/envelope.h"
#include "mail/message.h"
#include "smtp/session.h"

/*
 * Makes the message one that the server can take, unless it goes as binary
 * data: for one without 8BITMIME it becomes ASCII, if that can be done, and
 * lines that are still too long are broken.  Errors: ERROR_TOO_BIG (RFC 1870),
 * and those of message_make_7bit().
 */
bool envelope_adapt(const struct session *s, struct message *message,
    struct error *err);
/*
 * One line each; the caller frees.  size 0 is not told.  NULL with
 * ERROR_UNSUPPORTED (5.6.7: SMTPUTF8) or ERROR_ADDRESS.
 */
char *envelope_mail_line(const struct session *s, const struct envelope *e,
    uint64_t size, bool is_8bit, struct error *err);
char *envelope_rcpt_line(const struct session *s, const struct dsn *dsn,
    const struct recipient *r, struct error *err);

/* What goes along behind the last RCPT. */
enum flight_tail {
	TAIL_NONE,  /* nothing: first the answers */
	TAIL_DATA,  /* DATA */
	TAIL_WHOLE, /* BDAT with all of the message, LAST, and QUIT */
	TAIL_HELD   /* BDAT with all of the message, but not LAST */
};

/* MAIL, RCPT for each pending recipient, and the tail. */
struct flight {
	struct command *commands;
	size_t count;
	struct recipient **recipients; /* [i] is that of commands[i + 1] */
	bool others_wait; /* more are pending than the server takes at once */
	enum flight_tail tail;
};

/*
 * Errors are those of the functions above; nothing is sent then.  A recipient
 * whose address the server could not take is FAILED at once, if
 * params->partial.
 */
bool flight_prepare(struct flight *f, struct session *s,
    struct envelope *envelope, struct message *message, struct error *err);
void flight_free(struct flight *f);

#endif
