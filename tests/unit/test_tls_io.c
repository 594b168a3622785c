/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading and writing in a TLS session, also with hostile servers. */
#include "tls_server.h"

#include "net/stream.h"
#include "tls/session.h"

#define TLS_1_2 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define BULK ((size_t)3 * 1024 * 1024)
#define BLOCK ((size_t)64 * 1024)

static const char *const versions[] = { NULL, TLS_1_2 };

/* Counts what the client does with the socket. */
static unsigned writes, reads;
static size_t largest;
static ssize_t (*real_write)(struct transport *t, const void *buf, size_t len,
    struct error *err);
static ssize_t (
    *real_read)(struct transport *t, void *buf, size_t len, struct error *err);

static ssize_t
counting_write(struct transport *t, const void *buf, size_t len,
    struct error *err)
{
	writes++;
	largest = len > largest ? len : largest;
	return real_write(t, buf, len, err);
}

static ssize_t
counting_read(struct transport *t, void *buf, size_t len, struct error *err)
{
	ssize_t n = real_read(t, buf, len, err);

	reads += n > 0;
	return n;
}

static void
open_counting(struct client *c, const struct server_plan *plan, bool starttls)
{
	const struct tls_target target = { .host = "mx.test",
		.implicit = !starttls };
	struct tls_params params = { .trust_file = cert_path("ca.pem", "") };
	int fd;

	*c = (struct client){ .server = 0 };
	assert_true(tls_prepare(&params, &c->context, &c->err));
	c->server = start_server(plan, &fd);
	transport_init_socket(&c->transport, fd);
	real_write = c->transport.write;
	real_read = c->transport.read;
	c->transport.write = counting_write;
	c->transport.read = counting_read;
	writes = reads = 0;
	largest = 0;
	if (!tls_start(c->context, &c->transport, &target,
		clock_after_seconds(CLIENT_SECONDS), &c->err))
		fail_msg("%s", c->err.text);
}

static void
fill(char *data, size_t len, size_t offset)
{
	for (size_t i = 0; i < len; i++)
		data[i] = (char)((offset + i) * 31 >> 3);
}

/* The server sends all data before it reads, so that a client that only writes
 * would wait forever.  The server expects the same data back. */
static int
send_before_reading(gnutls_session_t tls, int fd)
{
	static char data[BLOCK], expected[BLOCK];
	size_t done = 0;

	(void)fd;
	for (; done < BULK; done += BLOCK) {
		fill(data, BLOCK, done);
		for (size_t sent = 0; sent < BLOCK;) {
			ssize_t n =
			    gnutls_record_send(tls, data + sent, BLOCK - sent);

			if (n < 0)
				return 1;
			sent += (size_t)n;
		}
	}
	for (done = 0; done < BULK;) {
		ssize_t n = gnutls_record_recv(tls, data, sizeof(data));

		if (n <= 0)
			return 2;
		fill(expected, (size_t)n, done);
		if (memcmp(data, expected, (size_t)n) != 0)
			return 3;
		done += (size_t)n;
	}
	return 0;
}

struct bulk {
	size_t got, put;
	char in[BLOCK], out[BLOCK], expected[BLOCK];
};

static void
read_bulk(struct client *c, struct bulk *b)
{
	ssize_t n;

	while ((n = c->transport.read(&c->transport, b->in, sizeof(b->in),
		    &c->err))
	    > 0) {
		fill(b->expected, (size_t)n, b->got);
		assert_memory_equal(b->in, b->expected, (size_t)n);
		b->got += (size_t)n;
	}
	assert_true(n < 0);
	if (n == TRANSPORT_FAILED)
		fail_msg("%s", c->err.text);
}

static ssize_t
write_bulk(struct client *c, struct bulk *b)
{
	struct transport *t = &c->transport;
	size_t part = b->put % BLOCK;
	ssize_t n;

	if (b->put == BULK)
		return t->flush(t, &c->err);
	fill(b->out, BLOCK, b->put - part);
	n = t->write(t, b->out + part, BLOCK - part, &c->err);
	if (n > 0)
		b->put += (size_t)n;
	return n;
}

static void
exchange_bulk(struct client *c)
{
	static struct bulk b;
	bool flushed = false;
	short ready;

	b.got = b.put = 0;
	while (b.got < BULK || !flushed) {
		bool all = b.put == BULK;
		ssize_t n = flushed ? TRANSPORT_WANT_READ : write_bulk(c, &b);

		assert_int_not_equal(n, TRANSPORT_FAILED);
		flushed = flushed || (all && n == 1);
		if (n > 0)
			continue;
		assert_true(transport_wait(&c->transport,
		    (short)(POLLIN | (flushed ? 0 : POLLOUT)),
		    clock_after_seconds(CLIENT_SECONDS), &ready, &c->err));
		if (ready & POLLIN)
			read_bulk(c, &b);
	}
	assert_int_equal(b.got, BULK);
}

static void
transfers_data_both_ways_through_small_buffers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(versions); i++) {
		struct server_plan plan = { "good", versions[i], .tiny = true,
			.serve = send_before_reading };
		struct client c;

		open_counting(&c, &plan, i == 0);
		exchange_bulk(&c);
		/* The server is slow, but the output buffer must stay small. */
		assert_true(((struct tls_session *)c.transport.ctx)->out.size
		    < 4 * BLOCK);
		assert_int_equal(close_client(&c), 0);
	}
}

static int
receive_all(gnutls_session_t tls, int fd)
{
	char data[4096];
	size_t got = 0;
	ssize_t n;

	(void)fd;
	while (
	    got < BULK && (n = gnutls_record_recv(tls, data, sizeof(data))) > 0)
		got += (size_t)n;
	gnutls_record_send(tls, ".", 1);
	return gnutls_record_recv(tls, data, sizeof(data)) == 0 ? 0 : 1;
}

static void
writes_a_body_in_large_blocks(void **state)
{
	struct server_plan plan = { "good", .serve = receive_all };
	struct client c;
	char *block = alloc_zeroed(1, BLOCK);

	(void)state;
	open_counting(&c, &plan, true);
	writes = 0;
	for (size_t sent = 0; sent < BULK; sent += BLOCK)
		assert_true(client_write(&c, block, BLOCK));
	assert_true(largest >= BLOCK);
	assert_true(writes < 2 * BULK / BLOCK);
	assert_int_equal(client_read(&c, block, BLOCK), 1);
	assert_int_equal(close_client(&c), 0);
	free(block);
}

static int
echo_line(gnutls_session_t tls, int fd)
{
	char buf[100];
	ssize_t n = gnutls_record_recv(tls, buf, sizeof(buf));

	(void)fd;
	gnutls_record_send(tls, buf, n > 0 ? (size_t)n : 0);
	return n > 0 ? 0 : 1;
}

static void
check_flights(const char *priorities)
{
	struct server_plan plan = { "good", priorities, .serve = echo_line };
	struct client c;
	char buf[100];

	open_counting(&c, &plan, true);
	assert_int_equal(writes, 1);
	/* A stream checks for input before it writes. */
	assert_true(c.transport.read(&c.transport, buf, sizeof(buf), &c.err)
	    < TRANSPORT_FAILED);
	assert_int_equal(c.transport.pending(&c.transport), 0);
	assert_int_equal(writes, 1);
	assert_true(client_write(&c, "EHLO a\r\n", 8));
	assert_int_equal(writes, 2);
	assert_int_equal(client_read(&c, buf, sizeof(buf)), 8);
	assert_memory_equal(buf, "EHLO a\r\n", 8);
	assert_int_equal(close_client(&c), 0);
}

/* Two writes: ClientHello, and Finished with EHLO.  With TLS 1.2 this is false
 * start (RFC 7918). */
static void
sends_finished_with_the_next_command(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(versions); i++)
		check_flights(versions[i]);
}

static int
expect_quit(gnutls_session_t tls, int fd)
{
	char buf[64];

	(void)fd;
	gnutls_record_send(tls, GREETING, strlen(GREETING));
	return gnutls_record_recv(tls, buf, sizeof(buf)) == 6
		&& memcmp(buf, "QUIT\r\n", 6) == 0
		&& gnutls_record_recv(tls, buf, sizeof(buf)) == 0
	    ? 0
	    : 1;
}

static void
sends_quit_and_close_notify_in_one_write(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(versions); i++) {
		struct server_plan plan = { "good", versions[i],
			.serve = expect_quit };
		struct stream s = { .deadline = CLOCK_NEVER };
		struct client c;
		char buf[64];
		unsigned before;

		open_counting(&c, &plan, false);
		assert_true(client_read(&c, buf, sizeof(buf)) > 0);
		before = writes;
		s.transport = c.transport;
		c.transport = (struct transport){ 0 };
		stream_send_and_close(&s, "QUIT");
		assert_int_equal(writes, before + 1);
		assert_int_equal(close_client(&c), 0);
	}
}

static void
sends_finished_at_once_with_implicit_tls(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct server_plan plan = { "good", .serve = greet };
		struct client c;

		open_counting(&c, &plan, i == 0);
		exchange_greetings(&c);
		assert_int_equal(close_client(&c), 0);
	}
}

static int
send_many(gnutls_session_t tls, int fd)
{
	(void)fd;
	gnutls_record_cork(tls);
	for (int i = 0; i < 10; i++) {
		gnutls_record_send(tls, "250 a\r\n", 7);
		gnutls_record_uncork(tls, GNUTLS_RECORD_WAIT);
		gnutls_record_cork(tls);
	}
	return 0;
}

static void
reports_input_that_has_been_read_from_the_socket(void **state)
{
	struct server_plan plan = { "good", .serve = send_many };
	struct client c;
	size_t got;
	char buf[100];

	(void)state;
	open_counting(&c, &plan, true);
	assert_int_equal(client_read(&c, buf, 1), 1);
	assert_int_equal(waitpid(c.server, NULL, 0), c.server);
	c.server = 0;
	assert_true(c.transport.pending(&c.transport) >= 6);
	for (got = 1; got < 70;) {
		ssize_t n = client_read(&c, buf, sizeof(buf));

		assert_true(n > 0);
		got += (size_t)n;
	}
	assert_true(reads < 10);
	/* The connection ends without close_notify. */
	assert_int_equal(client_read(&c, buf, sizeof(buf)), 0);
	assert_int_equal(client_read(&c, buf, sizeof(buf)), 0);
	close_client(&c);
}

/* Hostile servers; send_line() follows. */
static int
send_line(gnutls_session_t tls)
{
	char buf[100];

	gnutls_record_send(tls, GREETING, strlen(GREETING));
	while (gnutls_record_recv(tls, buf, sizeof(buf)) > 0)
		continue;
	return 0;
}

static int
request_renegotiation(gnutls_session_t tls, int fd)
{
	(void)fd;
	gnutls_rehandshake(tls);
	return send_line(tls);
}

static int
request_renegotiation_forever(gnutls_session_t tls, int fd)
{
	(void)fd;
	for (int i = 0; i < 10000; i++)
		if (gnutls_rehandshake(tls) < 0)
			return 0;
	return send_line(tls);
}

static int
warn_forever(gnutls_session_t tls, int fd)
{
	(void)fd;
	for (int i = 0; i < 10000; i++)
		if (gnutls_alert_send(tls, GNUTLS_AL_WARNING,
			GNUTLS_A_USER_CANCELED)
		    < 0)
			return 0;
	return send_line(tls);
}

static int
update_keys(gnutls_session_t tls, int fd)
{
	(void)fd;
	gnutls_session_key_update(tls, GNUTLS_KU_PEER);
	return send_line(tls);
}

static int
update_keys_forever(gnutls_session_t tls, int fd)
{
	(void)fd;
	for (int i = 0; i < 10000; i++)
		if (gnutls_session_key_update(tls, GNUTLS_KU_PEER) < 0)
			return 0;
	return send_line(tls);
}

static int
send_tickets(gnutls_session_t tls, int fd)
{
	(void)fd;
	gnutls_session_ticket_send(tls, 4, 0);
	return send_line(tls);
}

static int
send_empty_records(gnutls_session_t tls, int fd)
{
	(void)fd;
	for (int i = 0; i < 10000; i++)
		if (gnutls_record_send2(tls, "", 0, 10, 0) < 0)
			return 0;
	return send_line(tls);
}

static int
send_noise(gnutls_session_t tls, int fd)
{
	char noise[64] = "\x17\x03\x03";

	noise[4] = 50;
	if (write(fd, noise, 55) != 55)
		return 1;
	return send_line(tls);
}

static int
end_by_alert(gnutls_session_t tls, int fd)
{
	(void)fd;
	gnutls_alert_send(tls, GNUTLS_AL_FATAL, GNUTLS_A_ACCESS_DENIED);
	return 0;
}

static const struct {
	const char *title, *priorities;
	int (*serve)(gnutls_session_t tls, int fd);
	const char *error; /* NULL: the line arrives; "": either result */
} hostile[] = {
	{ "HelloRequest", TLS_1_2, request_renegotiation, NULL },
	{ "HelloRequests", TLS_1_2, request_renegotiation_forever, "" },
	{ "warnings in TLS 1.3", NULL, warn_forever, "the alert \"User" },
	{ "warnings in TLS 1.2", TLS_1_2, warn_forever,
	    "too many warning alerts" },
	{ "KeyUpdate", NULL, update_keys, NULL },
	{ "KeyUpdates", NULL, update_keys_forever,
	    "too many handshake messages" },
	{ "tickets", NULL, send_tickets, NULL },
	{ "empty records", NULL, send_empty_records, "endless TLS messages" },
	{ "noise in TLS 1.3", NULL, send_noise, "ecryption" },
	{ "noise in TLS 1.2", TLS_1_2, send_noise, "ecryption" },
	{ "an alert", NULL, end_by_alert, "the alert \"Access was denied\"" },
};

static void
stops_or_continues_with_hostile_servers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(hostile); i++) {
		struct server_plan plan = { "good", hostile[i].priorities,
			.serve = hostile[i].serve };
		int64_t started = clock_now();
		const char *error = hostile[i].error;
		struct client c;
		char buf[100];
		ssize_t n;

		open_counting(&c, &plan, true);
		n = client_read(&c, buf, sizeof(buf));
		if (n > 0)
			assert_memory_equal(buf, GREETING, (size_t)n);
		if (n > 0 && error && *error)
			fail_msg("%s: not rejected", hostile[i].title);
		if (n <= 0
		    && (error == NULL || n == 0 || c.err.kind != ERROR_TLS
			|| !strstr(c.err.text, error)))
			fail_msg("%s: %zd %s", hostile[i].title, n, c.err.text);
		assert_true(clock_now() - started < 10000);
		close_client(&c);
	}
}

static int
reply_and_stop_reading(gnutls_session_t tls, int fd)
{
	gnutls_record_send(tls, "552 too big\r\n", 13);
	shutdown(fd, SHUT_RD);
	usleep(200000);
	return 0;
}

static void
reads_a_reply_after_a_failed_write(void **state)
{
	struct server_plan plan = { "good", .tiny = true,
		.serve = reply_and_stop_reading };
	char *block = alloc_zeroed(1, BLOCK);
	struct client c;
	char buf[100];

	(void)state;
	open_counting(&c, &plan, true);
	while (client_write(&c, block, BLOCK))
		continue;
	assert_int_equal(c.err.kind, ERROR_NETWORK);
	assert_int_equal(c.transport.write(&c.transport, block, 1, &c.err),
	    TRANSPORT_FAILED);
	assert_int_equal(c.err.kind, ERROR_NETWORK);
	assert_int_equal(c.transport.flush(&c.transport, &c.err),
	    TRANSPORT_FAILED);
	assert_int_equal(client_read(&c, buf, sizeof(buf)), 13);
	assert_memory_equal(buf, "552 too big\r\n", 13);
	close_client(&c);
	free(block);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    transfers_data_both_ways_through_small_buffers),
		cmocka_unit_test(writes_a_body_in_large_blocks),
		cmocka_unit_test(sends_finished_with_the_next_command),
		cmocka_unit_test(sends_quit_and_close_notify_in_one_write),
		cmocka_unit_test(sends_finished_at_once_with_implicit_tls),
		cmocka_unit_test(
		    reports_input_that_has_been_read_from_the_socket),
		cmocka_unit_test(stops_or_continues_with_hostile_servers),
		cmocka_unit_test(reads_a_reply_after_a_failed_write),
	};

	return cmocka_run_group_tests(tests, make_certificates,
	    remove_certificates);
}
