/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Downgrades a message for the server's capabilities: to ASCII for a server
 * without 8BITMIME (RFC 6152 section 3), and to lines of the allowed length.
 *
 * Each part is re-encoded separately, and its header section then declares the
 * new encoding; a part that needs no change keeps every octet.  A signed or
 * encrypted part is never re-encoded.  Memory holds one header section at a
 * time, never a whole part.
 */
#ifndef VEREDUS_MIME_DOWNGRADE_H
#define VEREDUS_MIME_DOWNGRADE_H

#include <stdbool.h>

#include "base/error.h"
#include "mail/message.h"

/*
 * Errors: ERROR_UNSUPPORTED (5.6.3) for what must not be changed, or 5.6.7
 * for an address with octets over 127; ERROR_INPUT, ERROR_SPACE.  The message
 * is then as it was.
 */
bool message_make_7bit(struct message *m, struct error *err);

/*
 * Text with lines over MESSAGE_LINE_MAX octets becomes quoted-printable, other
 * parts what is shorter; header lines are folded.  Where nothing of that may
 * be done the lines stay, and m->has_long_lines says so.
 * Errors: ERROR_INPUT, ERROR_SPACE.
 */
bool message_shorten_lines(struct message *m, struct error *err);

/*
 * Puts line ends into those that had to stay, for a server that takes only
 * text; m->broken_lines says so.  Errors as above.
 */
bool message_break_lines(struct message *m, struct error *err);

/* What a server requires of a message. */
struct message_form {
	bool ascii_header; /* no octets over 127 in the header section */
	bool ascii;        /* no octets over 127 at all */
	bool short_lines;  /* no body lines over MESSAGE_LINE_MAX octets */
};

/* Whether the message has the form, so that it can be sent as it is. */
bool message_fits(const struct message *m, const struct message_form *form);
/*
 * Makes `copy`, which is empty, a copy of the message in the form.  The
 * copy shares the body of the message if only the header section must change, so
 * the message must outlive it.  Errors: those of the functions above; the copy
 * is then empty.
 */
bool message_downgrade(const struct message *m, const struct message_form *form,
    struct message *copy, struct error *err);

#endif
