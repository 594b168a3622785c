/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The way in: makes the octets of a message regular, in whatever pieces they
 * come, and sorts them into header section and body (message.h says how).
 *
 * What is done to the octets, in this order: NULs are deleted; CRs before an
 * LF are dropped; with dot_ends a lone dot ends the message and the first
 * dot of a line that begins with two is dropped (lines end in LF here, never
 * in a bare CR, so that no CR can hide or make a lone dot); the header
 * section is found; a bare CR becomes a space there and a line end in the
 * body.  CRs at the very end count as the line end that is missing.
 */
#ifndef VEREDUS_MAIL_READ_MESSAGE_H
#define VEREDUS_MAIL_READ_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "mail/message.h"

struct message_reader {
	struct message *message;
	bool dot_ends;
	bool ended; /* by a lone dot */
	bool in_body;
	bool line_start;   /* what comes next begins a line of the input */
	bool held_dot;     /* a dot that begins a line, not yet judged */
	bool bare_crs;     /* there was one: look for them */
	uint64_t held_crs; /* CRs at the end of a piece */
	uint64_t taken;    /* octets of input */
	struct str line;   /* of the header section, not yet complete */
	size_t body_line;  /* octets of the body's last line so far */
	char body_last;    /* the last octet of the body */
};

/* The message must be empty and outlive the reader. */
void message_reader_begin(struct message_reader *in, struct message *m,
    bool dot_ends);
/* Takes len octets more; data is overwritten.  Errors as message_read(). */
bool message_reader_feed(struct message_reader *in, char *data, size_t len,
    struct error *err);
/* The input is complete. */
bool message_reader_end(struct message_reader *in, struct error *err);
void message_reader_free(struct message_reader *in);

struct message_rules {
	int fd;             /* where to read from */
	bool dot_ends;      /* no -i: a lone dot ends the input (and the first
	                     * dot of a line that begins with two is dropped) */
	const char *folder; /* for the temporary file, or NULL */
};

/*
 * Reads the whole message, to the end of the input even after a lone dot.
 * The header section ends at an empty line or at the first line that is
 * neither field nor continuation; a leading run of mbox "From " lines goes.
 * Errors: ERROR_NO_INPUT (closed), ERROR_INPUT (a read error, a directory),
 * ERROR_SPACE, ERROR_MESSAGE (header section too long), ERROR_TOO_BIG (over
 * MESSAGE_INPUT_MAX), ERROR_INTERRUPTED.
 */
bool message_read(struct message *m, const struct message_rules *rules,
    struct error *err);

#endif
