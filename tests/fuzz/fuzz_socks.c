/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The client's side of SOCKS5 (net/socks.h).  Input: a line with the host, a
 * line with letters (see wire.h), and what the proxy sends.
 *
 *   - It works if and only if a second reader finds the two answers of
 *     RFC 1928 there; not one octet behind them is taken then.
 *   - We say the greeting, then one request, of the right length, and no more;
 *     nothing before a method was agreed on.
 *   - A host that is none is an error before the request.
 */
#include "base/clock.h"
#include "net/socks.h"
#include "wire.h"

#define PORT 587

/* The octets of the answers, or 0. */
static size_t
reference(const struct input *in)
{
	const unsigned char *p = (const unsigned char *)in->at;
	size_t len;

	if (in->left < 6 || p[0] != 5 || p[1] != 0 || p[2] != 5 || p[3] != 0)
		return 0;
	switch (p[5]) {
	case 1:
		len = 6 + 4 + 2;
		break;
	case 3:
		len = in->left < 7 ? SIZE_MAX : 7 + (size_t)p[6] + 2;
		break;
	case 4:
		len = 6 + 16 + 2;
		break;
	default:
		return 0;
	}
	return len <= in->left ? len : 0;
}

/* VER CMD RSV ATYP DST.ADDR DST.PORT behind VER NMETHODS METHODS. */
static void
check_request(const struct str *said)
{
	const unsigned char *p = (const unsigned char *)str_text(said);
	size_t len;

	fuzz_assert(memcmp(p, "\005\001\000", 3) == 0);
	if (said->len == 3)
		return;
	fuzz_assert(said->len > 8);
	fuzz_assert(memcmp(p + 3, "\005\001\000", 3) == 0);
	len = p[6] == 1 ? 4 : p[6] == 4 ? 16 : 1 + (size_t)p[7];
	fuzz_assert(p[6] == 1 || p[6] == 3 || p[6] == 4);
	fuzz_assert(said->len == 7 + len + 2);
	fuzz_assert(p[said->len - 2] == PORT >> 8);
	fuzz_assert(p[said->len - 1] == (PORT & 0xff));
	for (size_t i = 8; p[6] == 3 && i < 7 + len; i++)
		fuzz_assert(p[i] > 32 && p[i] < 127);
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { data, size };
	struct input host = input_take(&in, '\n');
	struct input letters = input_take(&in, '\n');
	char *name = input_text(&host);
	struct wire w = { 0 };
	struct transport t;
	struct error err = { 0 };
	size_t expected = reference(&in);
	bool ok;

	/* A pause could be part of the answer: there are none here. */
	wire_set(&w, &letters);
	w.breaks = false;
	wire_open(&w, &(struct input){ in.at, 0 }, &t);
	str_append(&w.saying, in.at, in.left);
	ok = socks_connect(&t, name, PORT, 1, &err);
	fuzz_check_result(ok, &err);
	fuzz_assert(!ok || expected > 0);
	fuzz_assert(!ok || w.heard.len == expected);
	fuzz_assert(ok || expected == 0 || err.kind == ERROR_CONFIG);
	if (w.said.len > 0)
		check_request(&w.said);
	if (w.said.len > 3)
		fuzz_assert(w.heard.len >= 2 && w.heard.data[1] == 0);
	error_free(&err);
	wire_free(&w);
	free(name);
}
