/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A login with a server at the other end of a socket pair.  The server plays a
 * transcript: "C: " is a line that the client must send, "S: " a reply.  The
 * functions of tls/tls.h are replaced, so that GnuTLS is not linked.
 */
#ifndef VEREDUS_TESTS_AUTH_PEER_H
#define VEREDUS_TESTS_AUTH_PEER_H

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "client/login.h"
#include "client/session.h"
#include "tls/tls.h"
#include "unit.h"

#define USER "alice"
#define PASSWORD "sesame open"
#define TOKEN "ya29.A-token_with/all+its~letters=="

#define PASSWORD_64 "c2VzYW1lIG9wZW4="
#define PLAIN_64 "AGFsaWNlAHNlc2FtZSBvcGVu"
#define XOAUTH2_64 \
	"dXNlcj1hbGljZQFhdXRoPUJlYXJlciB5YTI5LkEtdG9rZW5fd2l0aC9hbGwraXRzfmxl" \
	"dHRlcnM9PQEB"
#define BEARER_64 \
	"bixhPWFsaWNlLAFob3N0PW14LmV4YW1wbGUBcG9ydD01ODcBYXV0aD1CZWFyZXIgeWEy" \
	"OS5BLXRva2VuX3dpdGgvYWxsK2l0c35sZXR0ZXJzPT0BAQ=="

/* The program must never print a secret, neither in full nor in part. */
static const char *const secrets[] = { PASSWORD, PASSWORD_64, PLAIN_64,
	"c2VzYW1lIG9wZW", "NlY2FtZSBvcGVu", TOKEN, "ya29.A-token", XOAUTH2_64,
	BEARER_64 };

bool
tls_channel_binding(const struct transport *transport ATTR_UNUSED,
    enum tls_binding kind, struct str *out)
{
	if (kind != TLS_BINDING_EXPORTER)
		return false;
	str_add(out, "0123456789abcdef0123456789abcdef");
	return true;
}

bool
tls_is_verified(const struct transport *transport ATTR_UNUSED)
{
	return true;
}

bool
tls_sent_certificate(const struct transport *transport ATTR_UNUSED)
{
	return true;
}

/* The server runs in a thread.  A test reads the results after the thread has
 * ended. */
struct peer_thread {
	int fd;
	const char *script;
	bool script_closes; /* does not wait for the client at the end */
	struct str problem; /* the first wrong line, or empty */
	struct str rest;    /* received after the end of the script */
};

static inline bool
peer_read_line(int fd, struct str *line)
{
	char c;

	str_truncate(line, 0);
	while (read(fd, &c, 1) == 1) {
		if (c == '\n') {
			str_truncate(line, line->len - 1);
			return true;
		}
		str_add_char(line, c);
	}
	return false;
}

static inline bool
peer_expect(struct peer_thread *peer, const char *expected, size_t len)
{
	struct str line = { 0 };
	bool ok = peer_read_line(peer->fd, &line) && line.len == len
	    && memcmp(str_text(&line), expected, len) == 0;

	if (!ok)
		str_printf(&peer->problem, "wants \"%.*s\", got \"%s\"",
		    (int)len, expected, str_text(&line));
	str_free(&line);
	return ok;
}

/* Appends one line of the script: "S: 334 ok" is a line with CRLF, "S* 5000 x"
 * is 5000 times "x" without CRLF. */
static inline void
peer_put(struct str *flight, const char *row, size_t len)
{
	if (row[1] == '*')
		for (long left = strtol(row + 2, NULL, 10); left > 0; left--)
			str_add_char(flight, row[len - 1]);
	else
		str_printf(flight, "%.*s\r\n", (int)(len - 3), row + 3);
}

/* Sends the replies between two lines of the client.  The client may have
 * closed the connection. */
static inline void
peer_send(int fd, struct str *flight)
{
	const char *at = str_text(flight);
	size_t left = flight->len;
	ssize_t sent = 1;

	while (left > 0 && sent > 0) {
		sent = send(fd, at, left, MSG_NOSIGNAL);
		if (sent > 0) {
			at += sent;
			left -= (size_t)sent;
		}
	}
	str_truncate(flight, 0);
}

static inline bool
peer_play(struct peer_thread *peer)
{
	struct str flight = { 0 };
	bool ok = true;
	size_t len;

	for (const char *row = peer->script; ok && *row != '\0';
	     row += len + 1) {
		len = strcspn(row, "\n");
		if (row[0] == 'S') {
			peer_put(&flight, row, len);
			continue;
		}
		peer_send(peer->fd, &flight);
		ok = peer_expect(peer, row + 3, len - 3);
	}
	peer_send(peer->fd, &flight);
	str_free(&flight);
	return ok;
}

/* Stores the data that arrives after the end of the script, and closes the
 * connection. */
static inline void
peer_end(struct peer_thread *peer)
{
	struct str rest = { 0 };

	while (peer_read_line(peer->fd, &rest))
		str_printf(&peer->rest, "%s\n", str_text(&rest));
	str_free(&rest);
	close(peer->fd);
}

static inline void *
peer_run(void *ctx)
{
	struct peer_thread *peer = ctx;

	if (!peer_play(peer) || peer->script_closes)
		shutdown(peer->fd, SHUT_WR);
	peer_end(peer);
	return NULL;
}

/* One login and its result. */
struct attempt {
	struct session session;
	struct session_params session_params;
	struct auth_params params;
	struct error error;
	struct str trace;
	struct peer_thread peer;
	bool ok;
};

static inline void
terminal_line(void *ctx, enum stream_direction direction, const char *line)
{
	str_printf(ctx, "%c: %s\n", direction == STREAM_SENT ? 'C' : 'S', line);
}

static inline void
offer(struct session *s, const char *mechanisms)
{
	char *copy = alloc_string(mechanisms), *rest = copy, *word;

	while ((word = strsep(&rest, " ")) != NULL)
		strv_add(&s->capabilities.mechanisms, word);
	s->capabilities.set = CAP_AUTH;
	free(copy);
}

static inline void
attempt_prepare(struct attempt *a, const char *setting, const char *offered)
{
	bool token = strstr(setting, "oauth") != NULL;

	*a = (struct attempt){ 0 };
	offer(&a->session, offered);
	a->session.params = &a->session_params;
	a->session.host = alloc_string("mx.example");
	a->session.state = SESSION_GREETED;
	a->session.encrypted = true;
	str_add(&a->session.connection.address, "192.0.2.1:587");
	a->session.stream.deadline = clock_after_seconds(60);
	a->session.stream.trace = terminal_line;
	a->session.stream.trace_ctx = &a->trace;
	a->params.mechanism = alloc_string(setting);
	a->params.user = alloc_string(USER);
	a->params.has_certificate = true;
	secret_set(&a->params.password, token ? TOKEN : PASSWORD,
	    strlen(token ? TOKEN : PASSWORD));
}

/* Runs the function as the server, logs in, and closes the connection. */
static inline void
attempt_run(struct attempt *a, void *(*peer)(void *), const char *script)
{
	pthread_t thread;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
			     fds),
	    0);
	transport_init_socket(&a->session.stream.transport, fds[0]);
	a->peer.fd = fds[1];
	a->peer.script = script;
	assert_int_equal(pthread_create(&thread, NULL, peer, &a->peer), 0);
	a->ok = auth_login(&a->session, &a->params, &a->error);
	transport_close(&a->session.stream.transport);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static inline void
check_no_secret(const char *name, const char *text)
{
	for (size_t i = 0; text != NULL && i < COUNT_OF(secrets); i++)
		if (strstr(text, secrets[i]) != NULL)
			fail_msg("%s: shows a secret: %s", name, text);
}

static inline void
attempt_check(const struct attempt *a, const char *name)
{
	if (a->peer.problem.len > 0)
		fail_msg("%s: the peer %s", name, a->peer.problem.data);
	if (a->peer.rest.len > 0)
		fail_msg("%s: more was sent: %s", name, a->peer.rest.data);
	check_no_secret(name, a->trace.data);
	check_no_secret(name, a->error.text);
	check_no_secret(name, a->error.said);
	check_no_secret(name, a->error.command);
	if (a->ok == error_is_set(&a->error))
		fail_msg("%s: success and error disagree", name);
}

static inline void
attempt_free(struct attempt *a)
{
	error_free(&a->error);
	free(a->params.mechanism);
	free(a->params.user);
	free(a->params.ntlm_domain);
	secret_free(&a->params.password);
	session_free(&a->session);
	str_free(&a->trace);
	str_free(&a->peer.problem);
	str_free(&a->peer.rest);
}

#endif
