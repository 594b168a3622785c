/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decodes the message data that a client sends after DATA: finds its end and
 * removes the dots that the client added to lines (RFC 5321 section 4.5.2).
 *
 * All programs on the path of a message must agree on its end; otherwise text
 * that one of them accepts as part of the message is a command for the next
 * (SMTP smuggling).  Once the client has sent a CRLF, only CRLF "." CRLF ends
 * the data.  A client that has never sent a CRLF ends its lines with LF alone,
 * and the data with LF "." LF.
 */
#ifndef VEREDUS_SERVER_DATA_H
#define VEREDUS_SERVER_DATA_H

#include <stdbool.h>
#include <stddef.h>

struct data_decoder {
	bool crlf;       /* the client has sent a CRLF */
	bool line_start; /* the next octet begins a line; initially true */
	bool after_cr;   /* the last octet was a CR */
	bool ended;      /* the end of the data was read */
};

/*
 * Decodes the next len octets of the input; len must not be 0.  Returns how
 * many octets at the start of data belong to the message, and sets *used to
 * the number of octets to remove from the input: these and an added dot or
 * the end of the data.  When *used is 0, more octets are needed.
 */
size_t data_decoder_next(struct data_decoder *d, const char *data, size_t len,
    size_t *used);

#endif
