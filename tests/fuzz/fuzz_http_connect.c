/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The client's side of an HTTP proxy (net/http_connect.h).  Input: see proxy.h.
 *
 *   - It succeeds if and only if an independent parser finds a response with 2xx,
 *     perhaps after others with 1xx.  Then no octet after it is read.
 *   - The client sends the request and nothing else, and no line end of the host
 *     is in it.
 *   - No more than HTTP_CONNECT_MAX octets are read.
 */
#include "net/http_connect.h"
#include "proxy.h"

/* Returns the octets of the response at that place up to its empty line, or 0;
 * *code is its status. */
static size_t
response_length(const struct input *in, size_t from, int *code)
{
	const char *p = in->at + from;
	size_t left = in->left - from, line = 0;

	*code = 0;
	for (size_t i = 0; i < left; i++) {
		if (p[i] == '\0'
		    || (p[i] == '\n' && (i == 0 || p[i - 1] != '\r')))
			return 0;
		if (p[i] != '\n')
			continue;
		if (line == 0) {
			if (i < 13 || memcmp(p, "HTTP/1.", 7) != 0 || p[7] < '0'
			    || p[7] > '9' || p[8] != ' ')
				return 0;
			for (size_t k = 9; k < 12; k++) {
				if (p[k] < '0' || p[k] > '9')
					return 0;
				*code = *code * 10 + p[k] - '0';
			}
			/* The line ends with the first CR. */
			if ((p[12] != ' ' && p[12] != '\r') || *code < 100
			    || *code > 599)
				return 0;
		}
		if (line > 0 && i == line + 1)
			return i + 1;
		line = i + 1;
	}
	return 0;
}

/* Returns the length of all responses up to the one with 2xx, or 0. */
static size_t
reference(const struct input *in, bool has_login)
{
	size_t all = 0;
	int code;

	(void)has_login;
	do {
		size_t len = response_length(in, all, &code);

		if (len == 0)
			return 0;
		all += len;
	} while (code < 200);
	return code < 300 && all <= HTTP_CONNECT_MAX ? all : 0;
}

static void
check_sent(const struct wire *w, bool has_login)
{
	const struct str *sent = &w->sent;
	const char *text = str_text(sent), *end = strstr(text, "\r\n\r\n");
	size_t lines = 0;

	fuzz_assert(strncmp(text, "CONNECT ", 8) == 0);
	fuzz_assert(end != NULL && end + 4 == text + sent->len);
	for (size_t i = 0; i < sent->len; i++)
		lines += text[i] == '\n';
	fuzz_assert(lines == (has_login ? 4 : 3));
	fuzz_assert(strstr(text, ":587 HTTP/1.1\r\nHost: ") != NULL);
	fuzz_assert((strstr(text, ": Basic dTpw\r\n") != NULL) == has_login);
}

/* No more is read than a response may have. */
static bool
connect_within_limit(struct transport *t, const struct proxy_login *login,
    const char *host, unsigned port, int64_t deadline, struct error *err)
{
	bool ok = http_connect(t, login, host, port, deadline, err);
	const struct wire *w = t->ctx;

	fuzz_assert(w->received.len <= HTTP_CONNECT_MAX);
	return ok;
}

static void
fuzz_one(const char *data, size_t size)
{
	static const struct proxy_protocol protocol = { connect_within_limit,
		reference, check_sent };

	proxy_fuzz(&protocol, data, size);
}
