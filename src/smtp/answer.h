/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a client of ours is told: a reply code, an enhanced status and one
 * line of text, made of our own words, of an error, or of another server's
 * reply, whose codes it keeps.
 */
#ifndef VEREDUS_SMTP_ANSWER_H
#define VEREDUS_SMTP_ANSWER_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/error.h"
#include "base/status.h"
#include "base/str.h"
#include "net/stream.h"
#include "smtp/reply.h"

/* A reply line, its end included (RFC 5321 section 4.5.3.1.5). */
#define ANSWER_LINE_MAX 512

struct answer {
	/* code 0: no reply yet; enhanced: of the class of the code, "" if none
	 * is shown */
	struct smtp_status status;
	char *text; /* or NULL */
};

/* What the answer held before is released.  status "" is for the replies that
 * have none (RFC 2034 section 4). */
void answer_set(struct answer *a, int code, const char *status,
    const char *format, ...) ATTR_PRINTF(4, 5);
/*
 * The words of another server.  `from` knows what must be masked.  A reply
 * without a status gets one that says no more than its code.
 */
void answer_of_reply(struct answer *a, const struct reply *reply,
    const struct stream *from);
/*
 * What an error means to a client: the code of the server who refused sender,
 * recipient or message; else one that fits, 4yz if the error is temporary.
 */
void answer_of_error(struct answer *a, const struct error *err);

bool answer_is_positive(const struct answer *a);
/* Appends the reply line without its end, in ASCII, cut to fit. */
void answer_print(const struct answer *a, struct str *out);
void answer_free(struct answer *a);

#endif
