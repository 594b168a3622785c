/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Changes a message so that a server can take it: to ASCII for one without
 * 8BITMIME (RFC 6152 section 3), to lines of allowed length.
 *
 * Parts are re-encoded, each for itself, and their header sections say so;
 * what needs no change keeps every octet.  What is signed or encrypted is
 * never re-encoded.  No part is ever held in memory, only one header section.
 */
#ifndef VEREDUS_MAIL_CONVERT_H
#define VEREDUS_MAIL_CONVERT_H

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

#endif
