/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the end of the message data and removes added dots. */
#include "server/data.h"

#include <string.h>

/* Decodes a dot at the start of a line: the end of the data, or an added dot.
 * Returns the number of octets used, or 0 if more are needed. */
static size_t
decode_dot(struct data_decoder *d, const char *data, size_t len)
{
	size_t end = 0;

	if (len < 2 || (data[1] == '\r' && len < 3))
		return 0;
	if (data[1] == '\n' && !d->crlf)
		end = 2;
	else if (data[1] == '\r' && data[2] == '\n')
		end = 3;
	d->crlf = d->crlf || end == 3;
	d->ended = end > 0;
	d->line_start = d->after_cr = false;
	return d->ended ? end : 1;
}

size_t
data_decoder_next(struct data_decoder *d, const char *data, size_t len,
    size_t *used)
{
	const char *at = data, *end = data + len, *lf;

	if (d->line_start && *data == '.') {
		*used = decode_dot(d, data, len);
		return 0;
	}
	while ((lf = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		bool after_cr = lf > data ? lf[-1] == '\r' : d->after_cr;

		d->crlf = d->crlf || after_cr;
		d->line_start = after_cr || !d->crlf;
		at = lf + 1;
		if (at == end || (d->line_start && *at == '.')) {
			d->after_cr = false;
			return *used = (size_t)(at - data);
		}
	}
	d->line_start = false;
	d->after_cr = end[-1] == '\r';
	return *used = len;
}
