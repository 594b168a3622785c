/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The time limits of a transaction, with a clock that is fast. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "client/transaction.h"
#include "fast_clock.h"
#include "transcript.h"

#define PIPELINED CAP_PIPELINING
#define CHUNKED (CAP_PIPELINING | CAP_CHUNKING)
#define MAIL "C: MAIL FROM:<al@x>\n"
#define RCPT "C: RCPT TO:<bob@x>\n"
#define ENVELOPE MAIL "S: 250 ok\n" RCPT "S: 250 ok\n"
/* Octets of a message that is large enough to show the rate of its upload. */
#define BIG ((size_t)4 * 1024 * 1024)

static const struct scene {
	const char *name;
	unsigned capabilities;
	bool big; /* the message is large enough to show its rate */
	const char *transcript;
	unsigned seconds;  /* that the client waits */
	unsigned slack;    /* that it may wait longer */
	const char *says;  /* in the error; NULL: the message is delivered */
	unsigned timeout;  /* of the account */
	unsigned deadline; /* of the account */
	bool uncertain;
} scenes[] = {
	{ "MAIL", 0, false, MAIL "DRAIN", 300, .says = "waiting for a reply" },
	{ "RCPT", 0, false, MAIL "S: 250 ok\n" RCPT "DRAIN", 300,
	    .says = "waiting for a reply" },
	{ "DATA", 0, false, ENVELOPE "C: DATA\nDRAIN", 120,
	    .says = "waiting for a reply" },
	{ "the end of DATA", 0, false, ENVELOPE "C: DATA\nS: 354 go\nDRAIN",
	    600, .says = "waiting for a reply", .uncertain = true },
	{ "BDAT", CAP_CHUNKING, false, ENVELOPE "DRAIN", 600,
	    .says = "waiting for a reply", .uncertain = true },
	{ "BDAT with its envelope", CHUNKED, false,
	    MAIL RCPT "C: BDAT *\nREAD 22\nC: QUIT\nS: 250 ok|250 ok\nDRAIN",
	    600, .says = "waiting for a reply", .uncertain = true },
	{ "the reply to a QUIT that followed the message", CHUNKED, false,
	    MAIL RCPT "C: BDAT *\nREAD 22\nC: QUIT\n"
		      "S: 250 ok|250 ok|250 ok\nDRAIN",
	    .seconds = 10 },
	{ "a block of DATA", 0, true, ENVELOPE "C: DATA\nS: 354 go\nSTALL", 180,
	    .says = "accepts no more data" },
	{ "a block of BDAT", CHUNKED, true, MAIL RCPT "S: 250 ok|250 ok\nSTALL",
	    180, .says = "accepts no more data" },
	{ "each with a timeout of the account", 0, false, MAIL "DRAIN", 50,
	    .says = "waiting for a reply", .timeout = 50 },
	{ "a block with a timeout of the account", 0, true,
	    ENVELOPE "C: DATA\nS: 354 go\nSTALL", 50,
	    .says = "accepts no more data", .timeout = 50 },
	{ "the deadline", 0, false, MAIL "DRAIN", 100,
	    .says = "waiting for a reply", .deadline = 100 },
	{ "the end of DATA and the deadline", 0, false,
	    ENVELOPE "C: DATA\nS: 354 go\nDRAIN", 100,
	    .says = "waiting for a reply", .deadline = 100, .uncertain = true },
	{ "a slow upload with DATA", 0, true,
	    ENVELOPE "C: DATA\nS: 354 go\nSLOW 100", 300, .slack = 100,
	    .says = "less than 307200 octets", .timeout = 400 },
	{ "a slow upload with BDAT, longer than the deadline", CHUNKED, true,
	    MAIL RCPT "S: 250 ok|250 ok\nSLOW 100", 300, .slack = 100,
	    .says = "less than 307200 octets", .timeout = 400,
	    .deadline = 100 },
};

static struct message small, big;

static int
make_messages(void **state)
{
	static char block[65536];
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = i % 64 == 63 ? '\n' : 'x';
	for (size_t i = 0; i < BIG / sizeof(block) && ok; i++)
		ok = buffer_file_add(&big.body, block, sizeof(block), NULL);
	big.body_lines = BIG / 64;
	small.body_lines = 1;
	str_add(&big.header, "X: text\n");
	str_add(&small.header, "X: text\n");
	return ok && buffer_file_add(&small.body, "123456789\n", 10, NULL) ? 0
									   : -1;
}

static int
free_messages(void **state)
{
	(void)state;
	message_free(&small);
	message_free(&big);
	return 0;
}

static bool
deliver(const struct message *message, struct session *s, struct error *err)
{
	struct envelope e = { 0 };
	struct transaction t = { .session = s,
		.envelope = &e,
		.original = message };
	bool ok;

	envelope_set_sender(&e, "al@x", false);
	envelope_add(&e, "bob@x", NULL);
	ok = transaction_envelope(&t, err) && transaction_data(&t, err)
	    && transaction_final_reply(&t, err);
	transaction_free(&t);
	envelope_free(&e);
	return ok;
}

/* The rate is that of the server, not that of the socket buffer. */
static void
keep_little(const struct session *s)
{
	int size = 4096;

	assert_int_equal(setsockopt(s->stream.transport.fd_plus_1 - 1,
			     SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)),
	    0);
}

static void
play_scene(const struct scene *scene)
{
	struct session_params params = { .partial = true,
		.chunking = true,
		.pipelining = true,
		.timeout = scene->timeout };
	/* The limit that hosts with an alternative have before the envelope. */
	struct session s = { .params = &params,
		.state = SESSION_READY,
		.early_timeout = 30 };
	struct error err = { 0 };
	struct transcript *server;
	int64_t start, waited;
	char *fault;
	bool ok;

	s.host = alloc_string("mx.example");
	s.capabilities.set = scene->capabilities;
	server = transcript_start(scene->transcript, &s.stream.transport);
	keep_little(&s);
	start = clock_now();
	if (scene->deadline != 0)
		s.stream.deadline = start + (int64_t)scene->deadline * 1000;
	ok = deliver(scene->big ? &big : &small, &s, &err);
	waited = (clock_now() - start) / 1000;
	session_free(&s);
	fault = transcript_end(server, NULL);
	assert_string_equal(fault, "");
	free(fault);
	if (ok != (scene->says == NULL))
		fail_msg("%s: %s", scene->name, err.text);
	if (!ok && strstr(err.text, scene->says) == NULL)
		fail_msg("%s: \"%s\"", scene->name, err.text);
	if (waited < scene->seconds || waited > scene->seconds + scene->slack)
		fail_msg("%s: %d seconds", scene->name, (int)waited);
	assert_int_equal(err.uncertain, scene->uncertain);
	assert_int_equal(error_exit_status(&err), ok ? EX_OK : EX_TEMPFAIL);
	error_free(&err);
}

static void
limits_each_wait(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(scenes); i++)
		play_scene(&scenes[i]);
}

/* A block in 20 seconds is enough, however long the whole upload takes. */
static void
allows_an_upload_that_takes_longer_than_every_limit(void **state)
{
	struct session_params params = { .partial = true };
	struct session s = { .params = &params, .state = SESSION_READY };
	struct error err = { 0 };
	struct transcript *server;
	int64_t start;

	(void)state;
	s.host = alloc_string("mx.example");
	server = transcript_start(ENVELOPE "C: DATA\nS: 354 go\nSLOW 20",
	    &s.stream.transport);
	start = clock_now();
	s.stream.deadline = start + 200000;
	assert_false(deliver(&big, &s, &err));
	/* Only the final reply is missing, and the deadline ends that wait. */
	if (!err.uncertain || strstr(err.text, "waiting for a reply") == NULL)
		fail_msg("%s", err.text);
	assert_in_range(clock_now() - start, 1000000, 5000000);
	assert_in_range(clock_now() - s.stream.deadline, 0, 1000);
	session_free(&s);
	free(transcript_end(server, NULL));
	error_free(&err);
}

/* RFC 5321 section 4.5.3.2; only the stages up to TLS may have less. */
static void
knows_the_timeouts_of_all_stages(void **state)
{
	static const struct {
		enum smtp_stage stage;
		unsigned seconds, early;
	} cases[] = {
		{ STAGE_GREETING, 300, 30 },
		{ STAGE_EHLO, 300, 30 },
		{ STAGE_TLS, 300, 30 },
		{ STAGE_AUTH, 300, 300 },
		{ STAGE_MAIL, 300, 300 },
		{ STAGE_RCPT, 300, 300 },
		{ STAGE_DATA, 120, 120 },
		{ STAGE_BODY, 180, 180 },
		{ STAGE_END_OF_DATA, 600, 600 },
		{ STAGE_RSET, 300, 300 },
		{ STAGE_ETRN, 300, 300 },
		{ STAGE_XQUEUE, 60, 60 },
	};
	struct session_params params = { 0 };
	struct session s = { .params = &params };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		params.timeout = s.early_timeout = 0;
		assert_int_equal(session_timeout(&s, cases[i].stage),
		    cases[i].seconds);
		s.early_timeout = 30;
		assert_int_equal(session_timeout(&s, cases[i].stage),
		    cases[i].early);
		params.timeout = 20;
		assert_int_equal(session_timeout(&s, cases[i].stage), 20);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_timeouts_of_all_stages),
		cmocka_unit_test(limits_each_wait),
		cmocka_unit_test(
		    allows_an_upload_that_takes_longer_than_every_limit),
	};

	return cmocka_run_group_tests(tests, make_messages, free_messages);
}
