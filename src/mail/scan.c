/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/scan.h"

#include <string.h>

/* What compilers turn into one vector of any machine. */
#define LANES 16
/* Of so many, a counter of one octet in each lane does not overflow. */
#define BLOCK_MAX ((size_t)(LANES * 4 * 63))

static inline void
count_lanes(unsigned char *lfs, unsigned char *bits, const unsigned char *data)
{
	for (size_t i = 0; i < LANES; i++) {
		bits[i] |= data[i];
		lfs[i] = (unsigned char)(lfs[i] + (data[i] == '\n'));
	}
}

static size_t
count_block(const unsigned char *data, size_t len, unsigned char *bits)
{
	unsigned char lfs[LANES] = { 0 }, seen[LANES] = { 0 };
	size_t total = 0;

	for (const unsigned char *end = data + len; data < end;) {
		count_lanes(lfs, seen, data);
		count_lanes(lfs, seen, data + LANES);
		count_lanes(lfs, seen, data + LANES * 2);
		count_lanes(lfs, seen, data + LANES * 3);
		data += LANES * 4;
	}
	for (size_t i = 0; i < LANES; i++) {
		total += lfs[i];
		*bits |= seen[i];
	}
	return total;
}

size_t
scan_lines(const char *data, size_t len, unsigned char *bits)
{
	const unsigned char *p = (const unsigned char *)data;
	size_t total = 0;

	while (len >= LANES * 4) {
		size_t block =
		    len < BLOCK_MAX ? len - len % (LANES * 4) : BLOCK_MAX;

		total += count_block(p, block, bits);
		p += block;
		len -= block;
	}
	for (; len > 0; len--, p++) {
		total += *p == '\n';
		*bits |= *p;
	}
	return total;
}

/* In least a lane becomes 0 where a dot stands behind an LF. */
static inline void
find_lanes(unsigned char *least, const unsigned char *data)
{
	for (size_t i = 0; i < LANES; i++) {
		unsigned char lf = data[i] ^ '\n', dot = data[i + 1] ^ '.';
		unsigned char both = lf | dot;

		least[i] = both < least[i] ? both : least[i];
	}
}

bool
scan_has_line_dot(const char *data, size_t len)
{
	const unsigned char *p = (const unsigned char *)data;
	const unsigned char *last = p + len - 1;
	unsigned char least[LANES];
	bool found = false;

	memset(least, 255, sizeof(least));
	for (; last - p >= LANES * 2; p += LANES * 2) {
		find_lanes(least, p);
		find_lanes(least, p + LANES);
	}
	for (; p < last; p++)
		found |= p[0] == '\n' && p[1] == '.';
	for (size_t i = 0; i < LANES; i++)
		found |= least[i] == 0;
	return found;
}
