/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message: its header section and body, in the normal form that
 * read_message.h produces.
 *
 * Every line, also the last one, ends with LF alone, and there are no CRs and
 * NULs.  The client sends each LF as CRLF, so it never sends a bare CR or LF.
 */
#ifndef VEREDUS_MAIL_MESSAGE_H
#define VEREDUS_MAIL_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer_file.h"
#include "base/error.h"
#include "base/str.h"

/* Octets of a header section; RFC 5322 has no limit. */
#define MESSAGE_HEADER_MAX ((size_t)1024 * 1024)
/* Octets of input, so that an endless input fails. */
#define MESSAGE_INPUT_MAX ((uint64_t)4 * 1024 * 1024 * 1024)
/* Octets of a line without its line end (RFC 5322 section 2.1.1). */
#define MESSAGE_LINE_MAX 998

struct message {
	struct str header; /* fields, without the empty line */
	struct buffer_file body;
	bool has_8bit_header; /* the header section has octets over 127 */
	bool has_8bit_body;
	bool has_long_lines; /* a body line is over MESSAGE_LINE_MAX octets */
	bool broken_lines;   /* a long line was broken irreversibly */
	uint64_t body_lines; /* LFs in the body */
	uint64_t nuls;       /* NULs that the reader deleted */
	/* The first field with addresses that had a NUL, or NULL. */
	const char *nul_field;
	uint64_t ignored; /* non-blank octets after a lone dot */
	/* The octets of the body before they were normalized, if has_exact. */
	struct buffer_file exact;
	bool has_exact;
	bool inexact; /* they were needed, but are lost */
};

/* The message size (RFC 1870 section 5): with CRLFs, without stuffed dots. */
uint64_t message_size(const struct message *m);
bool message_is_8bit(const struct message *m);
/* Whether the octets of the body from start to end are UTF-8.  Errors:
 * ERROR_INPUT. */
bool message_text_is_utf8(const struct buffer_file *body, uint64_t start,
    uint64_t end, bool *is_utf8, struct error *err);
/*
 * Makes the empty `copy` a copy of the message with a header section of its
 * own.  The copy shares the body, so the message must outlive it.
 */
void message_share(struct message *copy, const struct message *m);
void message_free(struct message *m);

#endif
