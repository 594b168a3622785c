/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Downgrades a message for the server's capabilities: to ASCII for a server
 * without 8BITMIME (RFC 6152 section 3), and to lines of the allowed length.
 *
 * Each part is encoded separately, and its header section then declares the
 * new encoding; a part that needs no change keeps every octet.  A signed or
 * encrypted part is never encoded again.  Memory holds one header section at
 * a time, never a whole part.
 */
#ifndef VEREDUS_MIME_DOWNGRADE_H
#define VEREDUS_MIME_DOWNGRADE_H

#include <stdbool.h>

#include "base/error.h"
#include "mail/message.h"

/*
 * Encodes the parts that are declared as binary and have NULs, CRs or LFs that
 * the normal form does not keep: as base64, with every octet.  Frees m->exact.
 * Errors: ERROR_UNSUPPORTED (5.6.1) if such a part must not be changed or if the
 * octets are lost; ERROR_INPUT, ERROR_SPACE.
 */
bool message_encode_binary(struct message *m, struct error *err);

/*
 * Makes the message ASCII.  Errors: ERROR_UNSUPPORTED if a part must not be
 * changed (status 5.6.3); ERROR_INPUT, ERROR_SPACE; those of header_encode().
 * The message is then unchanged.
 */
bool message_make_7bit(struct message *m, struct error *err);

/*
 * Folds long header lines, and encodes parts with lines over MESSAGE_LINE_MAX
 * octets as quoted-printable or base64.  Lines that cannot be shortened without
 * loss are kept, and has_long_lines stays true.  Errors: ERROR_INPUT,
 * ERROR_SPACE; the message is then unchanged.
 */
bool message_shorten_lines(struct message *m, struct error *err);

/*
 * Breaks the long lines that message_shorten_lines() kept, for a server
 * without BINARYMIME, and sets broken_lines.  Errors: the same.
 */
bool message_break_lines(struct message *m, struct error *err);

/* The form of a message that a server accepts. */
struct message_form {
	bool ascii_header; /* no octets over 127 in the header section */
	bool ascii;        /* no octets over 127 at all */
	bool short_lines;  /* no body lines over MESSAGE_LINE_MAX octets */
};

/* Whether the message has the form already. */
bool message_fits(const struct message *m, const struct message_form *form);
/*
 * Makes the empty `copy` a copy of the message in that form.  The copy shares
 * the body if only the header section changes, so the message must outlive it.
 * Errors: those of the functions above; the copy is then empty.
 */
bool message_downgrade(const struct message *m, const struct message_form *form,
    struct message *copy, struct error *err);

#endif
