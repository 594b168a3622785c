/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads a message and normalizes it: line endings, NULs and dots at the start
 * of lines.  Separates the header section from the body.
 *
 * The reader changes the octets in this order, wherever they are split:
 *   0. A UTF-8 byte order mark at the start is dropped; a message in UTF-16 is
 *      an error.
 *   1. NULs are deleted.  A field with addresses that had one is remembered,
 *      because a NUL can be in place of a character of an address.
 *   2. CRs before an LF are dropped; CRs at the end are a line end.
 *   3. With dot_ends a lone dot ends the message, and a stuffed dot is
 *      dropped.  Only LF ends a line in this step, so that a bare CR can
 *      neither hide a lone dot nor produce one.
 *   4. A bare CR becomes a space in the header section and a line end in the
 *      body.  A last line without a line end gets one.
 */
#ifndef VEREDUS_MAIL_READ_MESSAGE_H
#define VEREDUS_MAIL_READ_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "mail/exact.h"
#include "mail/message.h"

/* Whether the octets of the body are kept beside its normal form, as they were
 * before the steps 1, 2 and 4. */
enum exact_octets {
	EXACT_NEVER,
	EXACT_IF_NEEDED, /* when they differ and a part may be binary, or the
	                  * header says that one is */
	EXACT_BEGINS,    /* when the body begins */
	EXACT_KEPT,
	EXACT_LOST /* the body began without an empty line, or lost octets */
};

struct message_reader {
	struct message *message;
	bool dot_ends;
	bool ended; /* a lone dot was read */
	bool in_body;
	bool line_start;   /* the next octet begins a line of the input */
	bool held_dot;     /* the last octet was a dot that began a line */
	bool bare_crs;     /* the input has had a bare CR */
	bool line_has_nul; /* a NUL was deleted from `line` */
	uint64_t held_crs; /* CRs at the end of the last piece */
	uint64_t input;    /* octets read so far */
	char start[4];     /* the first octets, until their encoding is known */
	size_t start_len;
	bool started;
	struct str line; /* an incomplete line of the header section */
	size_t field;    /* the start of the last field in the header section */
	bool nul_noted;  /* it had a NUL before */
	size_t body_line; /* octets of the incomplete last line of the body */
	char body_last;   /* the last octet of the body */
	enum exact_octets exact; /* the caller may set EXACT_IF_NEEDED */
	struct exact_body exact_body;
	size_t searched_header; /* octets searched for "binary" */
	uint64_t searched_body;
};

/* The message must be empty and must outlive the reader. */
void message_reader_begin(struct message_reader *r, struct message *m,
    bool dot_ends);
/* Reads len more octets; overwrites data.  Errors: those of message_read(). */
bool message_reader_feed(struct message_reader *r, char *data, size_t len,
    struct error *err);
/* Ends the message after the last octets.  Errors: those of message_read(). */
bool message_reader_end(struct message_reader *r, struct error *err);
void message_reader_free(struct message_reader *r);

struct message_rules {
	int fd;             /* the input */
	bool dot_ends;      /* without -i: a lone dot ends the message, and
	                     * stuffed dots are dropped */
	const char *folder; /* for the temporary file, or NULL */
};

/*
 * Reads the message to the end of the input, also after a lone dot.  The
 * header section ends at an empty line, or at the first line that is neither
 * a field nor a continuation.  "From " lines of an mbox before it are dropped.
 *
 * The octets of the body are kept if needed (EXACT_IF_NEEDED).
 *
 * Errors: ERROR_NO_INPUT if the descriptor is closed, ERROR_INPUT if it cannot
 * be read, ERROR_SPACE, ERROR_MESSAGE if the header section is over
 * MESSAGE_HEADER_MAX, ERROR_TOO_BIG if the input is over MESSAGE_INPUT_MAX,
 * ERROR_INTERRUPTED.
 */
bool message_read(struct message *m, const struct message_rules *rules,
    struct error *err);

#endif
