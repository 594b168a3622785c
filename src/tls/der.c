/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/der.h"

/* Reads a length (X.690, 8.1.3) of at most two octets behind the first. */
static bool
take_length(struct octets *in, size_t *length)
{
	size_t count;

	if (in->len == 0)
		return false;
	*length = *in->data++;
	in->len--;
	if (*length < 0x80)
		return true;
	count = *length & 0x7f;
	if (count == 0 || count > 2 || count > in->len)
		return false;
	for (*length = 0; count > 0; count--) {
		*length = *length << 8 | *in->data++;
		in->len--;
	}
	return true;
}

bool
tls_der_take(struct octets *in, struct element *element)
{
	const unsigned char *start = in->data;
	size_t length;

	if (in->len == 0)
		return false;
	element->tag = *in->data++;
	in->len--;
	if (!take_length(in, &length) || length > in->len)
		return false;
	element->body = (struct octets){ in->data, length };
	in->data += length;
	in->len -= length;
	element->whole = (struct octets){ start, (size_t)(in->data - start) };
	return true;
}

bool
tls_der_take_tag(struct octets *in, unsigned tag, struct octets *body)
{
	struct element element;

	if (!tls_der_take(in, &element) || element.tag != tag)
		return false;
	*body = element.body;
	return true;
}
