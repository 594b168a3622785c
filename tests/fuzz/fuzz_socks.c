/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The client's side of SOCKS5 (net/socks.h).  Input: a line with the host, a
 * line with letters (see wire.h), and what the proxy sends.
 *
 *   - It succeeds if and only if an independent parser finds the two replies of
 *     RFC 1928.  Then no octet after them is read.
 *   - The client sends the greeting, then one request of the right length, and
 *     nothing else.  It sends the request only after the reply to the greeting.
 *   - An invalid host is an error before the request.
 */
#include "base/clock.h"
#include "net/socks.h"
#include "wire.h"

#define PORT 587

/* Returns the length of the two replies, or 0. */
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

/* VER NMETHODS METHODS, then VER CMD RSV ATYP DST.ADDR DST.PORT. */
static void
check_request(const struct str *sent)
{
	const unsigned char *p = (const unsigned char *)str_text(sent);
	size_t len;

	fuzz_assert(memcmp(p, "\005\001\000", 3) == 0);
	if (sent->len == 3)
		return;
	fuzz_assert(sent->len > 8);
	fuzz_assert(memcmp(p + 3, "\005\001\000", 3) == 0);
	len = p[6] == 1 ? 4 : p[6] == 4 ? 16 : 1 + (size_t)p[7];
	fuzz_assert(p[6] == 1 || p[6] == 3 || p[6] == 4);
	fuzz_assert(sent->len == 7 + len + 2);
	fuzz_assert(p[sent->len - 2] == PORT >> 8);
	fuzz_assert(p[sent->len - 1] == (PORT & 0xff));
	for (size_t i = 8; p[6] == 3 && i < 7 + len; i++)
		fuzz_assert(p[i] > 32 && p[i] < 127);
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { data, size };
	struct input host = input_split(&in, '\n');
	struct input letters = input_split(&in, '\n');
	char *name = input_text(&host);
	struct wire w = { 0 };
	struct transport t;
	struct error err = { 0 };
	size_t expected = reference(&in);
	bool ok;

	/* Without pauses: a "-N" line may be part of a reply. */
	wire_set(&w, &letters);
	w.fail_writes = false;
	wire_open(&w, &(struct input){ in.at, 0 }, &t);
	str_append(&w.part, in.at, in.left);
	ok = socks_connect(&t, &(struct socks_login){ 0 }, name, PORT, 1, &err);
	fuzz_check_result(ok, &err);
	fuzz_assert(!ok || expected > 0);
	fuzz_assert(!ok || w.received.len == expected);
	fuzz_assert(ok || expected == 0 || err.kind == ERROR_CONFIG);
	if (w.sent.len > 0)
		check_request(&w.sent);
	if (w.sent.len > 3)
		fuzz_assert(w.received.len >= 2 && w.received.data[1] == 0);
	error_free(&err);
	wire_free(&w);
	free(name);
}
