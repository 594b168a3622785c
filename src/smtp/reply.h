/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A reply of a server (RFC 5321 section 4.2).
 */
#ifndef VEREDUS_SMTP_REPLY_H
#define VEREDUS_SMTP_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/status.h"
#include "base/strv.h"
#include "net/stream.h"

/* The maximum of lines and octets in one reply. */
#define REPLY_LINES_MAX 20000
#define REPLY_OCTETS_MAX (2 * 1024 * 1024)

struct reply {
	/* The code is 200 to 599; the enhanced code has the same class, or is
	 * empty. */
	struct smtp_status status;
	struct strv lines; /* the text of each line, as received */
};

/*
 * Reads one complete reply, and releases what `reply` contained before.  Every
 * line has three digits, then a hyphen (on the last line a space or nothing),
 * then text; all lines have the same code.
 * Errors: ERROR_PROTOCOL for any other reply; those of stream_read_line().
 */
bool reply_read(struct stream *s, struct reply *reply, int64_t deadline,
    struct error *err);

/* Is called with the text of a line; errors are its own. */
typedef bool reply_visitor(void *ctx, const char *text, struct error *err);
/*
 * The same for a reply whose positive form has any length: calls `visit` for each
 * line of a 2yz, and keeps none of them.  Each line must arrive within so many
 * seconds.
 */
bool reply_read_long(struct stream *s, struct reply *reply, unsigned timeout,
    reply_visitor *visit, void *ctx, struct error *err);

/* Whether the code has this first digit. */
bool reply_is(const struct reply *reply, int digit);
/* Whether the reply is a 4yz or 5yz. */
bool reply_is_rejection(const struct reply *reply);

/* Returns its enhanced code, or the one that its code has in this stage. */
const char *reply_enhanced(const struct reply *reply, enum smtp_stage stage);

/*
 * Makes an error of a reply that was received in this stage: with its code, its
 * enhanced code and its text (clean, redacted, on one line); temporary for a
 * 4yz.  A 2yz or 3yz, which rejects nothing, becomes ERROR_PROTOCOL.
 * Always returns false.
 */
bool reply_rejected(const struct reply *reply, const struct stream *s,
    enum smtp_stage stage, struct error *err);

/* Returns the reply as one printable line, which the caller frees. */
char *reply_text(const struct reply *reply, const struct stream *s);
void reply_free(struct reply *reply);

#endif
