/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parses DER (X.690): a sequence of elements with tags of one octet and up to 64
 * KiB.  The results point into the input.  Private to src/tls.
 */
#ifndef VEREDUS_TLS_DER_H
#define VEREDUS_TLS_DER_H

#include <stdbool.h>
#include <stddef.h>

struct octets {
	const unsigned char *data;
	size_t len;
};

/* One element: whole with its tag and length, and its contents. */
struct element {
	unsigned tag;
	struct octets whole, body;
};

/* Removes the first element from in; false if it is incomplete. */
bool tls_der_next(struct octets *in, struct element *element);
/* The same; false if the element has another tag. */
bool tls_der_next_tag(struct octets *in, unsigned tag, struct octets *body);

/* Finds the Name of the issuer in a certificate; false if there is none. */
bool tls_der_issuer(const void *certificate, size_t len, struct octets *name);

#endif
