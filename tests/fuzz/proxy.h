/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The client's side of a proxy's protocol.  Input: a line with the host, a line
 * with letters (see wire.h; l is a login), and what the proxy sends.
 */
#ifndef VEREDUS_TESTS_PROXY_H
#define VEREDUS_TESTS_PROXY_H

#include "net/proxy.h"
#include "wire.h"

#define PROXY_SERVER_PORT 587

struct proxy_protocol {
	bool (*connect)(struct transport *t, const struct proxy_login *login,
	    const char *host, unsigned port, int64_t deadline,
	    struct error *err);
	/* An independent parser: the length of the replies if the proxy has
	 * connected, or 0. */
	size_t (*reference)(const struct input *in, bool has_login);
	/* Checks what the client has sent, if it has sent anything. */
	void (*check_sent)(const struct wire *w, bool has_login);
};

static inline void
proxy_fuzz(const struct proxy_protocol *protocol, const char *data, size_t size)
{
	struct input in = { data, size };
	struct input host = input_split(&in, '\n');
	struct input letters = input_split(&in, '\n');
	char *name = input_text(&host);
	bool has_login = input_has(&letters, 'l');
	struct secret password = { 0 };
	const struct proxy_login login = { has_login ? "u" : NULL, &password };
	struct wire w = { 0 };
	struct transport t;
	struct error err = { 0 };
	size_t expected = protocol->reference(&in, has_login);
	bool ok;

	secret_set(&password, "p", 1);
	/* Without pauses: a "-N" line may be part of a reply. */
	wire_set(&w, &letters);
	w.fail_writes = false;
	wire_open(&w, &(struct input){ in.at, 0 }, &t);
	str_append(&w.part, in.at, in.left);
	ok = protocol->connect(&t, &login, name, PROXY_SERVER_PORT, 1, &err);
	fuzz_check_result(ok, &err);
	fuzz_assert(!ok || expected > 0);
	fuzz_assert(!ok || w.received.len == expected);
	fuzz_assert(ok || expected == 0 || err.kind == ERROR_CONFIG);
	if (w.sent.len > 0)
		protocol->check_sent(&w, has_login);
	secret_free(&password);
	error_free(&err);
	wire_free(&w);
	free(name);
}

#endif
