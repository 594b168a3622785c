/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Scans octets in vectors of 16. */
#include "mail/scan.h"

#include <string.h>

#include "base/attr.h"

#define LANES 16
typedef unsigned char vector ATTR_VECTOR(LANES);

/* Vectors of one turn.  Each has its own tally, so that they do not depend on
 * each other. */
#define TALLIES 4
#define TURN ((size_t)LANES * TALLIES)
/* More octets could overflow a lane of the sum of the tallies. */
#define BLOCK_MAX (TURN * (255 / TALLIES))

/* The high bits of eight octets. */
#define HIGH_BITS UINT64_C(0x8080808080808080)

/* For each lane: all bits, the number of LFs, and 255 if a dot was found. */
struct tally {
	vector bits, lfs, dots;
};

static inline void
look(struct tally *t, const char *data, bool with_dots)
{
	vector here, next;

	memcpy(&here, data, sizeof(here));
	t->bits |= here;
	here = (vector)(here == '\n');
	t->lfs -= here;
	if (with_dots) {
		memcpy(&next, data + 1, sizeof(next));
		here &= (vector)(next == '.');
		t->dots |= here;
	}
}

/* The bitwise or of both halves of the vector; by a pointer, because a vector
 * as a parameter needs registers that not every machine has. */
static uint64_t
any(const vector *v)
{
	uint64_t halves[2];

	memcpy(halves, v, sizeof(halves));
	return halves[0] | halves[1];
}

/* Adds the tallies to the scan; returns whether they found a dot. */
static bool
add_tallies(struct scan *s, const struct tally tallies[TALLIES])
{
	struct tally sum = tallies[0];

	for (size_t i = 1; i < TALLIES; i++) {
		sum.bits |= tallies[i].bits;
		sum.lfs += tallies[i].lfs;
		sum.dots |= tallies[i].dots;
	}
	for (size_t i = 0; i < LANES; i++)
		s->lines += sum.lfs[i];
	s->has_8bit |= (any(&sum.bits) & HIGH_BITS) != 0;
	return any(&sum.dots) != 0;
}

/* Inlined, so that with_dots is a constant. */
static inline ATTR_INLINE bool
scan(struct scan *s, const char *data, size_t len, bool with_dots)
{
	bool dot = false;

	while (len >= TURN) {
		struct tally tallies[TALLIES] = { 0 };
		size_t block = len < BLOCK_MAX ? len - len % TURN : BLOCK_MAX;

		for (const char *end = data + block; data < end; data += TURN) {
			look(&tallies[0], data, with_dots);
			look(&tallies[1], data + LANES, with_dots);
			look(&tallies[2], data + LANES * 2, with_dots);
			look(&tallies[3], data + LANES * 3, with_dots);
		}
		len -= block;
		dot |= add_tallies(s, tallies);
	}
	for (; len > 0; len--, data++) {
		s->lines += *data == '\n';
		s->has_8bit |= (unsigned char)*data > 127;
		dot |= with_dots && *data == '\n' && data[1] == '.';
	}
	return dot;
}

void
scan_octets(struct scan *s, const char *data, size_t len)
{
	scan(s, data, len, false);
}

bool
scan_with_dots(struct scan *s, const char *data, size_t len)
{
	return scan(s, data, len, true);
}
