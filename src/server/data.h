/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a message ends that a client sends after DATA, and which dots in it
 * were added on the way (RFC 5321 section 4.5.2).
 *
 * There is one truth about the end, or what one program takes for the text of
 * a message is a command to the next: CRLF "." CRLF, and nothing else, from
 * the first CRLF on that the client has ever sent.  A client that has sent
 * none ends its lines with LF alone, and its message with LF "." LF.
 */
#ifndef VEREDUS_SERVER_DATA_H
#define VEREDUS_SERVER_DATA_H

#include <stdbool.h>
#include <stddef.h>

struct data_decoder {
	bool crlf;       /* the client has sent a CRLF */
	bool line_start; /* what comes next begins a line; true at first */
	bool after_cr;   /* the last octet was a CR */
	bool ended;      /* the end of the message was taken */
};

/*
 * Looks at what comes next; len is not 0.  Returns how many octets of it are
 * text; *used is how many were made use of, with a dot or the end that is no
 * text.  When *used is 0 more octets are needed.
 */
size_t data_decoder_next(struct data_decoder *d, const char *data, size_t len,
    size_t *used);

#endif
