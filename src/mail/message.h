/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The message as it came from the caller, made regular while it is read.
 *
 * Knows lines and where the header section ends; what the fields mean is
 * known in header.h and add_headers.h.  Inside the program every line ends in LF
 * alone: CR before LF is dropped, a bare CR becomes a line end in the body
 * and a space in the header section, NULs are deleted, a missing final LF is
 * added.  So what leaves can hold neither a bare CR nor a bare LF.
 */
#ifndef VEREDUS_MAIL_MESSAGE_H
#define VEREDUS_MAIL_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer_file.h"
#include "base/error.h"
#include "base/str.h"

/* The header section may have this many octets (RFC 5322 knows no limit). */
#define MESSAGE_HEADER_MAX ((size_t)1024 * 1024)
/* No more octets of input are read: an endless input must end. */
#define MESSAGE_INPUT_MAX ((uint64_t)4 * 1024 * 1024 * 1024)
/* A line of text, its end not counted (RFC 5322 section 2.1.1). */
#define MESSAGE_LINE_MAX 998

struct message {
	struct str header; /* fields, each line with its LF; no empty line */
	struct buffer_file body; /* what follows the empty line */
	bool has_8bit_header;    /* octets over 127 in the header section */
	bool has_8bit_body;
	bool has_long_lines; /* a body line over MESSAGE_LINE_MAX octets */
	bool broken_lines;   /* long lines became others for good */
	uint64_t body_lines; /* LFs in the body */
	uint64_t nuls;       /* NULs that were deleted */
	uint64_t ignored;    /* octets after a lone dot that were not blank */
};

/* Octets on the wire as RFC 1870 counts them: with CRLFs, without stuffing. */
uint64_t message_size(const struct message *m);
bool message_is_8bit(const struct message *m);
/*
 * Makes `copy`, which is empty, a copy of the message with a header section of
 * its own.  The copy shares the body, so the message must outlive it.
 */
void message_share(struct message *copy, const struct message *m);
void message_free(struct message *m);

#endif
