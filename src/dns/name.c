/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads compressed names with bounds checks, and escapes them as in zone files. */
#include "dns/name.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The longest name on the wire (RFC 1035 section 2.3.4). */
#define WIRE_MAX 255

/* The first two bits of a label tell its kind. */
#define KIND 0xc0
#define KIND_POINTER 0xc0
#define KIND_LABEL 0x00

struct name {
	const unsigned char *start, *end, *at;
	/* A pointer must lead to an earlier place than that where the labels
	 * before it began, so that each name ends. */
	const unsigned char *limit;
	size_t used; /* at the first place; 0 before its end is known */
	size_t wire; /* octets without compression */
	char *text;
	size_t len;
};

static void
add_char(struct name *n, unsigned char c)
{
	if (c <= ' ' || c >= 0x7f) {
		n->len += (size_t)snprintf(n->text + n->len, 5, "\\%03u", c);
		return;
	}
	if (strchr("\".;\\()@$", c) != NULL)
		n->text[n->len++] = '\\';
	n->text[n->len++] = (char)c;
}

static bool
add_label(struct name *n, size_t len)
{
	if (len > (size_t)(n->end - n->at) || n->wire + len + 2 > WIRE_MAX)
		return false;
	n->wire += len + 1;
	if (n->len > 0)
		n->text[n->len++] = '.';
	for (; len > 0; len--)
		add_char(n, *n->at++);
	return true;
}

/* Goes on at the place that the pointer tells. */
static bool
follow(struct name *n, unsigned first)
{
	size_t offset;

	if (n->at == n->end)
		return false;
	offset = (first & ~(unsigned)KIND) * 256u + *n->at++;
	if (offset >= (size_t)(n->limit - n->start))
		return false;
	n->at = n->limit = n->start + offset;
	return true;
}

size_t
dns_name_read(const unsigned char *start, const unsigned char *end,
    const unsigned char *at, char text[DNS_NAME_MAX])
{
	struct name n = { start, end, at, at, 0, 0, text, 0 };
	bool ok = true;
	unsigned first = 1;

	while (ok && first != 0) {
		if (n.at >= end)
			return 0;
		first = *n.at++;
		if ((first & KIND) == KIND_POINTER) {
			if (n.used == 0)
				n.used = (size_t)(n.at + 1 - at);
			ok = follow(&n, first);
		} else {
			ok = (first & KIND) == KIND_LABEL
			    && (first == 0 || add_label(&n, first));
		}
	}
	text[n.len] = '\0';
	if (!ok)
		return 0;
	return n.used > 0 ? n.used : (size_t)(n.at - at);
}
