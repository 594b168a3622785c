/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One reply of a server (RFC 5321 section 4.2), as a value.
 */
#ifndef VEREDUS_SMTP_REPLY_H
#define VEREDUS_SMTP_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/status.h"
#include "base/strv.h"
#include "net/stream.h"

/* More lines or octets than these in one reply are a protocol error. */
#define REPLY_LINES_MAX 20000
#define REPLY_OCTETS_MAX (2 * 1024 * 1024)

struct reply {
	/* code: 200 to 599; enhanced: of the class of the code, or "" */
	struct smtp_status status;
	struct strv lines; /* the text of each line, as it came */
};

/*
 * Reads one complete reply: every line has three digits, then a hyphen, or on
 * the last line a space or nothing, then text; all codes are equal.  Anything
 * else is ERROR_PROTOCOL.  What reply held before is released.
 */
bool reply_read(struct stream *s, struct reply *reply, int64_t deadline,
    struct error *err);

/* Whether the first digit of the code is that digit. */
bool reply_is(const struct reply *reply, int digit);

/*
 * Makes an error of a reply in that stage: its code, its status and what the
 * server said (cleaned, masked, all lines joined), without a text of our own;
 * temporary for a 4yz.  A reply that rejects nothing
 * (an unexpected 2yz or 3yz) becomes ERROR_PROTOCOL.  Always returns false.
 */
bool reply_rejected(const struct reply *reply, const struct stream *s,
    enum smtp_stage stage, struct error *err);

/* The text of the reply as one printable line; the caller frees. */
char *reply_text(const struct reply *reply, const struct stream *s);
void reply_free(struct reply *reply);

#endif
