/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Receives a message with binary content (RFC 3030 section 3), in which every
 * octet counts, and makes it a message in the normal form of mail/message.h.
 *
 * A part whose content is not lines that end in CRLF (it has a NUL, a bare CR
 * or LF, or no line end at its end) is encoded as base64, so that its recipient
 * gets every octet.  Text and encoded content that is not declared as binary is
 * normalized, as it is in a message that was sent by other means.
 */
#ifndef VEREDUS_MIME_BINARY_H
#define VEREDUS_MIME_BINARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer_file.h"
#include "base/error.h"
#include "mail/message.h"

/* { .text.folder } is empty. */
struct binary_message {
	/* Lines that end in LF; other CRs and LFs, and NULs, are escaped. */
	struct buffer_file text;
	bool held_cr;     /* the last octet was a CR */
	bool line_start;  /* the text is empty or ends with a line end */
	bool has_escapes; /* the text is not in normal form */
};

void binary_message_begin(struct binary_message *b, const char *folder);
/* Adds octets as they were received.  Errors: ERROR_SPACE, ERROR_TOO_BIG. */
bool binary_message_add(struct binary_message *b, const char *data, size_t len,
    struct error *err);
/*
 * Makes the empty `m` the message, after the last octet.
 * Errors: ERROR_UNSUPPORTED (5.6.1) if a part must be encoded but not changed,
 * such as a signed one; ERROR_INPUT, and those of message_reader_feed().
 */
bool binary_message_end(struct binary_message *b, struct message *m,
    struct error *err);
void binary_message_free(struct binary_message *b);

#endif
