/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The client's side of SOCKS5 (net/socks.h).  Input: see proxy.h.
 *
 *   - It succeeds if and only if an independent parser finds the two replies of
 *     RFC 1928, and between them that of RFC 1929 if the proxy wants the login.
 *     Then no octet after them is read.
 *   - The client sends the greeting, the login if the proxy wants it, then one
 *     request of the right length, and nothing else.  It sends each of them only
 *     after the reply before.
 *   - An invalid host is an error before the request.
 */
#include "net/socks.h"
#include "proxy.h"

/* Returns the length of the replies before that to the request, or 0. */
static size_t
reference_login(const struct input *in, bool has_login)
{
	const unsigned char *p = (const unsigned char *)in->at;

	if (in->left < 2 || p[0] != 5)
		return 0;
	if (p[1] == 0)
		return 2;
	return has_login && p[1] == 2 && in->left >= 4 && p[3] == 0 ? 4 : 0;
}

/* Returns the length of all replies, or 0. */
static size_t
reference(const struct input *in, bool has_login)
{
	size_t before = reference_login(in, has_login);
	const unsigned char *p = (const unsigned char *)in->at + before;
	size_t left = in->left - before, len;

	if (before == 0 || left < 4 || p[0] != 5 || p[1] != 0)
		return 0;
	switch (p[3]) {
	case 1:
		len = 4 + 4 + 2;
		break;
	case 3:
		len = left < 5 ? SIZE_MAX : 5 + (size_t)p[4] + 2;
		break;
	case 4:
		len = 4 + 16 + 2;
		break;
	default:
		return 0;
	}
	return len <= left ? before + len : 0;
}

/* VER CMD RSV ATYP DST.ADDR DST.PROXY_SERVER_PORT. */
static void
check_request(const unsigned char *p, size_t size)
{
	size_t len;

	fuzz_assert(size > 5);
	fuzz_assert(memcmp(p, "\005\001\000", 3) == 0);
	len = p[3] == 1 ? 4 : p[3] == 4 ? 16 : 1 + (size_t)p[4];
	fuzz_assert(p[3] == 1 || p[3] == 3 || p[3] == 4);
	fuzz_assert(size == 4 + len + 2);
	fuzz_assert(p[size - 2] == PROXY_SERVER_PORT >> 8);
	fuzz_assert(p[size - 1] == (PROXY_SERVER_PORT & 0xff));
	for (size_t i = 5; p[3] == 3 && i < 4 + len; i++)
		fuzz_assert(p[i] > 32 && p[i] < 127);
}

/* VER NMETHODS METHODS, then the login and the request. */
static void
check_sent(const struct wire *w, bool has_login)
{
	static const char login[] = "\001\001u\001p";
	const char *greeting = has_login ? "\005\002\000\002" : "\005\001\000";
	const size_t login_len = sizeof(login) - 1;
	size_t at = has_login ? 4 : 3;
	const struct str *sent = &w->sent;
	bool wants_login;

	fuzz_assert(sent->len >= at);
	fuzz_assert(memcmp(sent->data, greeting, at) == 0);
	if (sent->len == at)
		return;
	fuzz_assert(w->received.len >= 2);
	wants_login = w->received.data[1] != 0;
	fuzz_assert(!wants_login || (has_login && w->received.data[1] == 2));
	if (wants_login) {
		fuzz_assert(sent->len >= at + login_len);
		fuzz_assert(memcmp(sent->data + at, login, login_len) == 0);
		at += login_len;
	}
	if (sent->len == at)
		return;
	fuzz_assert(!wants_login || w->received.data[3] == 0);
	check_request((const unsigned char *)sent->data + at, sent->len - at);
}

static void
fuzz_one(const char *data, size_t size)
{
	static const struct proxy_protocol protocol = { socks_connect,
		reference, check_sent };

	proxy_fuzz(&protocol, data, size);
}
