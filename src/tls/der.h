/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads DER (X.690): one element after the other, with tags of one octet and
 * up to 64 KiB each.  Private to src/tls.
 */
#ifndef VEREDUS_TLS_DER_H
#define VEREDUS_TLS_DER_H

#include <stdbool.h>
#include <stddef.h>

struct octets {
	const unsigned char *data;
	size_t len;
};

/* One element: all of it, and what it holds. */
struct element {
	unsigned tag;
	struct octets whole, body;
};

/* Takes the first element; false when there is no whole one. */
bool tls_der_take(struct octets *in, struct element *element);
/* The same of what must have this tag. */
bool tls_der_take_tag(struct octets *in, unsigned tag, struct octets *body);

#endif
