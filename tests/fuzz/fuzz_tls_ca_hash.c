/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Distinguished names in certificates (tls/ca_hash.h).  Input: a Name in DER.
 *
 *   - It has a hash if and only if an independent parser finds it valid: each
 *     element ends within its parent, and nothing follows the name.
 *   - The hash does not depend on the case of letters and the kind of blanks.
 */
#include "fuzz.h"
#include "tls/ca_hash.h"
#include "tls/der.h"

struct item {
	unsigned tag;
	const unsigned char *body;
	size_t len;
};

static bool
read_element(const unsigned char **p, const unsigned char *end, struct item *e)
{
	size_t count = 0;

	if (end - *p < 2)
		return false;
	e->tag = *(*p)++;
	e->len = *(*p)++;
	if (e->len >= 0x80) {
		count = e->len - 0x80;
		if (count < 1 || count > 2 || (size_t)(end - *p) < count)
			return false;
		for (e->len = 0; count > 0; count--)
			e->len = e->len * 256 + *(*p)++;
	}
	e->body = *p;
	if ((size_t)(end - *p) < e->len)
		return false;
	*p += e->len;
	return true;
}

/* A type of text that is case-folded, with one octet per character. */
static bool
is_simple_text(unsigned tag)
{
	return tag == 0x0c || tag == 0x13 || tag == 0x16 || tag == 0x1a;
}

/* AttributeTypeAndValue; changes the case of the letters in `other`. */
static bool
read_attribute(const struct item *e, unsigned char *other,
    const unsigned char *start)
{
	const unsigned char *p = e->body, *end = p + e->len;
	struct item type, value;

	if (!read_element(&p, end, &type) || !read_element(&p, end, &value)
	    || p != end)
		return false;
	for (size_t i = 0; is_simple_text(value.tag) && i < value.len; i++) {
		unsigned char *c = other + (value.body + i - start);

		if ((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z'))
			*c ^= 0x20;
		else if (*c == '\t' || *c == '\n')
			*c = ' ';
	}
	return true;
}

/* Name = SEQUENCE OF SET OF SEQUENCE { type, value } */
static bool
reference(const unsigned char *start, size_t len, unsigned char *other)
{
	const unsigned char *p = start, *end = start + len;
	struct item name, rdn, attribute;

	if (!read_element(&p, end, &name) || name.tag != 0x30 || p != end)
		return false;
	for (p = name.body; p < end;) {
		const unsigned char *q;

		if (!read_element(&p, end, &rdn) || rdn.tag != 0x31)
			return false;
		for (q = rdn.body; q < p;)
			if (!read_element(&q, p, &attribute)
			    || attribute.tag != 0x30
			    || !read_attribute(&attribute, other, start))
				return false;
	}
	return true;
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { data, size };
	unsigned char *copy = (unsigned char *)input_copy(&in);
	unsigned char *other = (unsigned char *)input_copy(&in);
	uint32_t hash = 0, other_hash = 1;
	bool ok = reference(copy, size, other);

	fuzz_assert(ca_hash_name(copy, size, &hash) == ok);
	if (ok) {
		fuzz_assert(ca_hash_name(other, size, &other_hash));
		fuzz_assert(hash == other_hash);
	}
	free(copy);
	free(other);
}
