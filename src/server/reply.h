/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a client of ours is told: a reply code, an enhanced status and one
 * line of text, made of our own words, of an error, or of another server's
 * reply, whose codes it keeps.
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

/* A reply line, its end included (RFC 5321 section 4.5.3.1.5). */
#define ANSWER_LINE_MAX 512

struct server_reply {
	/* code 0: no reply yet; enhanced: of the class of the code, "" if none
	 * is shown */
	struct smtp_status status;
	char *text; /* or NULL */
};

/* What the answer held before is released.  status "" is for the replies that
 * have none (RFC 2034 section 4). */
void server_reply_set(struct server_reply *a, int code, const char *status,
    const char *format, ...) ATTR_PRINTF(4, 5);
/*
 * The words of another server.  `from` knows what must be masked.  A reply
 * without a status gets one that says no more than its code.
 */
void server_reply_from_reply(struct server_reply *a, const struct reply *reply,
    const struct stream *from);
/*
 * What an error means to a client: the code of the server who refused sender,
 * recipient or message; else one that fits, 4yz if the error is temporary.
 */
void server_reply_from_error(struct server_reply *a, const struct error *err);

bool server_reply_is_positive(const struct server_reply *a);
/* Appends the reply line without its end, in ASCII, cut to fit. */
void server_reply_print(const struct server_reply *a, struct str *out);
void server_reply_free(struct server_reply *a);

#endif
