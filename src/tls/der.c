/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Splits DER into elements. */
#include "tls/der.h"

#define TAG_INTEGER 0x02
#define TAG_SEQUENCE 0x30
#define TAG_VERSION 0xa0

/* Parses a length (X.690 section 8.1.3) of up to three octets. */
static bool
parse_length(struct octets *in, size_t *length)
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
tls_der_next(struct octets *in, struct element *element)
{
	const unsigned char *start = in->data;
	size_t length;

	if (in->len == 0)
		return false;
	element->tag = *in->data++;
	in->len--;
	if (!parse_length(in, &length) || length > in->len)
		return false;
	element->body = (struct octets){ in->data, length };
	in->data += length;
	in->len -= length;
	element->whole = (struct octets){ start, (size_t)(in->data - start) };
	return true;
}

bool
tls_der_next_tag(struct octets *in, unsigned tag, struct octets *body)
{
	struct element element;

	if (!tls_der_next(in, &element) || element.tag != tag)
		return false;
	*body = element.body;
	return true;
}

/*
 * Certificate    = SEQUENCE { TBSCertificate ... }
 * TBSCertificate = SEQUENCE { [[0] version], serialNumber INTEGER,
 *                  signature SEQUENCE, issuer Name ... }
 */
bool
tls_der_issuer(const void *certificate, size_t len, struct octets *name)
{
	struct octets in = { certificate, len }, all, tbs, signature;
	struct element element;

	if (!tls_der_next_tag(&in, TAG_SEQUENCE, &all)
	    || !tls_der_next_tag(&all, TAG_SEQUENCE, &tbs)
	    || !tls_der_next(&tbs, &element))
		return false;
	if (element.tag == TAG_VERSION && !tls_der_next(&tbs, &element))
		return false;
	if (element.tag != TAG_INTEGER
	    || !tls_der_next_tag(&tbs, TAG_SEQUENCE, &signature)
	    || !tls_der_next(&tbs, &element))
		return false;
	*name = element.whole;
	return element.tag == TAG_SEQUENCE;
}
