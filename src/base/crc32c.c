/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CRC-32C by the instruction of the processor where there is one, else by a
 * table of the 16 values of half a byte.
 */
#include "base/crc32c.h"

#include <string.h>

/* The polynomial with its lowest power in the highest bit. */
#define POLYNOMIAL 0x82F63B78U

static uint32_t
add_by_table(uint32_t crc, const unsigned char *data, size_t len)
{
	uint32_t table[16];

	for (uint32_t i = 0; i < 16; i++) {
		table[i] = i;
		for (int bit = 0; bit < 4; bit++)
			table[i] = (table[i] >> 1)
			    ^ ((table[i] & 1) != 0 ? POLYNOMIAL : 0);
	}
	for (size_t i = 0; i < len; i++) {
		crc ^= data[i];
		crc = (crc >> 4) ^ table[crc & 15];
		crc = (crc >> 4) ^ table[crc & 15];
	}
	return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t
add_by_instruction(uint32_t crc, const unsigned char *data, size_t len)
{
	uint64_t sum = crc;

	for (; len >= sizeof(uint64_t); len -= sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, data, sizeof(word));
		sum = __builtin_ia32_crc32di(sum, word);
		data += sizeof(word);
	}
	crc = (uint32_t)sum;
	for (; len > 0; len--)
		crc = __builtin_ia32_crc32qi(crc, *data++);
	return crc;
}

static uint32_t
add(uint32_t crc, const unsigned char *data, size_t len)
{
	return __builtin_cpu_supports("sse4.2")
	    ? add_by_instruction(crc, data, len)
	    : add_by_table(crc, data, len);
}
#else
static uint32_t
add(uint32_t crc, const unsigned char *data, size_t len)
{
	return add_by_table(crc, data, len);
}
#endif

uint32_t
crc32c(uint32_t beginning, const void *data, size_t len)
{
	return ~add(~beginning, data, len);
}
