/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Computes SHA-256 as FIPS 180-4 describes it, for small data. */
#include "base/sha256.h"

#include <stdint.h>
#include <string.h>

#define BLOCK 64
#define ROUNDS 64
/* Where the length of the data begins in the last block. */
#define LENGTH_AT 56

/* Section 4.2.2. */
static const uint32_t constants[ROUNDS] = { 0x428a2f98, 0x71374491, 0xb5c0fbcf,
	0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
	0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7,
	0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
	0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
	0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e,
	0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
	0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c,
	0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee,
	0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2 };

/* Section 5.3.3. */
static const uint32_t initial[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372,
	0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

static uint32_t
rotate(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

static uint32_t
load(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16
	    | (uint32_t)at[2] << 8 | at[3];
}

/* Section 6.2.2, step 1. */
static void
make_schedule(uint32_t w[ROUNDS], const unsigned char *block)
{
	for (size_t t = 0; t < 16; t++)
		w[t] = load(block + 4 * t);
	for (size_t t = 16; t < ROUNDS; t++) {
		uint32_t a = w[t - 15], b = w[t - 2];

		w[t] = (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10) + w[t - 7]
		    + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[t - 16];
	}
}

/* Steps 2 to 4. */
static void
add_block(uint32_t state[8], const unsigned char *block)
{
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
	uint32_t w[ROUNDS];

	make_schedule(w, block);
	for (size_t t = 0; t < ROUNDS; t++) {
		uint32_t t1 = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25))
		    + ((e & f) ^ (~e & g)) + constants[t] + w[t];
		uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22))
		    + ((a & b) ^ (a & c) ^ (b & c));

		h = g;
		g = f;
		f = e;
		e = d + t1;
		d = c;
		c = b;
		b = a;
		a = t1 + t2;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
	state[5] += f;
	state[6] += g;
	state[7] += h;
}

/* Pads the rest of the data (section 5.1.1), which fills one or two blocks. */
static void
add_rest(uint32_t state[8], const unsigned char *rest, size_t len,
    uint64_t total)
{
	unsigned char last[2 * BLOCK] = { 0 };
	size_t size = len < LENGTH_AT ? BLOCK : 2 * BLOCK;

	if (len > 0)
		memcpy(last, rest, len);
	last[len] = 0x80;
	for (size_t i = 0; i < 8; i++)
		last[size - 1 - i] = (unsigned char)(total * 8 >> 8 * i);
	for (size_t at = 0; at < size; at += BLOCK)
		add_block(state, last + at);
}

void
sha256(const void *data, size_t len, unsigned char digest[SHA256_SIZE])
{
	const unsigned char *at = data;
	uint32_t state[8];
	size_t left = len;

	memcpy(state, initial, sizeof(state));
	for (; left >= BLOCK; at += BLOCK, left -= BLOCK)
		add_block(state, at);
	add_rest(state, at, left, len);
	for (size_t i = 0; i < SHA256_SIZE; i++)
		digest[i] = (unsigned char)(state[i / 4] >> (24 - 8 * (i % 4)));
}

void
sha256_add_hex(struct str *out, const unsigned char digest[SHA256_SIZE],
    size_t octets)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < octets && i < SHA256_SIZE; i++) {
		str_add_char(out, digits[digest[i] >> 4]);
		str_add_char(out, digits[digest[i] & 15]);
	}
}
