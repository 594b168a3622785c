/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A reply of our SMTP server to its client: a reply code, an enhanced status
 * code and one line of text.  It is made of a fixed text, of an error, or of
 * the reply of the next hop, whose codes it keeps.
 */
#ifndef VEREDUS_SERVER_REPLY_H
#define VEREDUS_SERVER_REPLY_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/error.h"
#include "base/status.h"
#include "base/str.h"
#include "net/stream.h"
#include "smtp/reply.h"

/* The maximum length of a reply line with its CRLF (RFC 5321 section
 * 4.5.3.1.5). */
#define SERVER_REPLY_LINE_MAX 512

struct server_reply {
	/* code 0: no reply yet; enhanced: of the class of the code, or "" */
	struct smtp_status status;
	char *text; /* or NULL */
};

/*
 * The three functions below replace the contents of the reply.
 */
/* status is the enhanced status code; "" for a reply that has none (RFC 2034
 * section 4). */
void server_reply_set(struct server_reply *reply, int code, const char *status,
    const char *format, ...) ATTR_PRINTF(4, 5);
/*
 * Copies the reply of the next hop; the secrets of its stream are masked.  A
 * reply without an enhanced status code gets a general one for its code.
 */
void server_reply_from_reply(struct server_reply *reply,
    const struct reply *received, const struct stream *from);
/*
 * Makes the reply to a command of that stage (STAGE_MAIL, STAGE_RCPT or
 * STAGE_END_OF_DATA) of an error.  It has the codes of the next hop if that
 * rejected the sender, a recipient or the message, else codes that fit the kind
 * of error: 4yz for a temporary error, otherwise 5yz.
 *
 * If these codes would have another meaning as the reply to this command (the
 * table of base/status.h depends on the stage), the reply has codes with the
 * exit status of the error, and the codes of the next hop stay in the text.
 * The reply to a message is never 500 to 504, which would be about BDAT.
 */
void server_reply_from_error(struct server_reply *reply,
    const struct error *err, enum smtp_stage stage);

/* Whether the code is 2yz. */
bool server_reply_is_positive(const struct server_reply *reply);
/* Appends the reply line without its line end: cut to at most
 * SERVER_REPLY_LINE_MAX octets with a CRLF, and in ASCII unless the client has
 * used SMTPUTF8 (RFC 6531 section 3.7.4). */
void server_reply_print(const struct server_reply *reply, bool utf8,
    struct str *out);
void server_reply_free(struct server_reply *reply);

#endif
