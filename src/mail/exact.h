/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The octets of a body as they were received, which the reader keeps beside the
 * normal form if a part may be binary (RFC 2045 section 2.9): there, each NUL,
 * CR and LF counts.
 *
 * Only the dots of the transfer (read_message.h, step 3) are removed.
 */
#ifndef VEREDUS_MAIL_EXACT_H
#define VEREDUS_MAIL_EXACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer_file.h"
#include "base/error.h"
#include "base/str.h"

struct exact_body {
	struct buffer_file *octets; /* borrowed */
	bool dot_ends;
	bool line_start;
	bool held_dot;   /* a dot began the line; what it means is not known */
	struct str held; /* NULs and CRs after it */
	bool ended;      /* by a lone dot */
	bool lost;       /* there were too many to be held */
};

/* Adds octets.  Errors: ERROR_SPACE. */
bool exact_body_add(struct exact_body *e, const char *data, size_t len,
    struct error *err);

/*
 * A position in the octets and the same one in their normal form, in which NULs
 * and CRs before an LF are missing, and other CRs are LFs.
 */
struct exact_cursor {
	const struct buffer_file *octets;
	uint64_t at;
	char *block; /* block_len octets from block_at on */
	uint64_t block_at;
	size_t block_len;
};

void exact_cursor_begin(struct exact_cursor *c,
    const struct buffer_file *octets);
/* Skips octets that are `len` octets of the normal form.  Errors: ERROR_INPUT. */
bool exact_cursor_skip(struct exact_cursor *c, uint64_t len, struct error *err);
/*
 * Skips octets that have no counterpart in the normal form and are not part of
 * the next line end; with is_crlf, one CR before an LF is.  Errors: ERROR_INPUT.
 */
bool exact_cursor_skip_rest(struct exact_cursor *c, bool is_crlf,
    struct error *err);
void exact_cursor_end(struct exact_cursor *c);

#endif
