/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "server/data.h"
#include "server/io.h"
#include "server_client.h"

/* Returns the codes of the replies to what the client sends; the caller frees
 * them. */
static char *
codes_of(struct server *s, const char *sent, struct error *err)
{
	struct str codes = { 0 };

	start(s, sent);
	server_run(s, err);
	add_codes(&codes);
	return str_steal(&codes);
}

static void
expect_codes(const char *sent, const char *expected)
{
	struct server s;
	char *codes;

	piece = 100000;
	codes = codes_of(&s, sent, NULL);
	if (strcmp(codes, expected) != 0)
		fail_msg("%.60s...: %s, expected %s", sent, codes, expected);
	free(codes);
	server_free(&s);
	str_free(&replies);
	str_free(&performed);
}

static void
repeat(struct str *text, const char *part, size_t count)
{
	for (size_t i = 0; i < count; i++)
		str_add(text, part);
}

static void
ends_a_session_with_too_many_rejected_commands(void **state)
{
	static const struct {
		const char *rejected, *code;
	} commands[] = {
		{ "XUSR\r\n", "500 " },
		{ "NO\x01OP\r\n", "500 " },
		{ "STARTTLS\r\n", "502 " },
		{ "RSET x\r\n", "501 " },
		{ "RCPT TO:<a@x>\r\n", "503 " },
		{ "DATA\r\n", "503 " },
		{ "BDAT 0\r\n", "503 " },
		{ "MAIL FROM:<no@x>\r\n", "550 " },
		{ "MAIL FROM:<a@x> X=1\r\n", "555 " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		struct str sent = { 0 }, codes = { 0 };

		repeat(&sent, commands[i].rejected, SERVER_REJECTED_MAX);
		repeat(&codes, commands[i].code, SERVER_REJECTED_MAX);
		str_add(&sent, "NOOP\r\n");
		str_add(&codes, "421 ");
		expect_codes(sent.data, codes.data);
		str_free(&sent);
		str_free(&codes);
	}
}

/* What the next hop rejects, and commands that were pipelined behind it, do not
 * show that the client knows no SMTP. */
static void
does_not_count_rejections_for_which_the_client_is_not_responsible(void **state)
{
	static const struct {
		const char *first, *rejected, *code;
	} commands[] = {
		{ "MAIL FROM:<al@x>\r\n", "RCPT TO:<no@x>\r\n", "550 " },
		{ "MAIL FROM:<no@x>\r\n", "RCPT TO:<a@x>\r\n", "503 " },
		{ "MAIL FROM:<no@x>\r\n", "BDAT 0\r\n", "503 " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		struct str sent = { 0 }, codes = { 0 };

		str_add(&sent, commands[i].first);
		repeat(&sent, commands[i].rejected, 3 * SERVER_REJECTED_MAX);
		str_add(&sent, "QUIT\r\n");
		str_add(&codes, i == 0 ? "250 " : "550 ");
		repeat(&codes, commands[i].code, 3 * SERVER_REJECTED_MAX);
		str_add(&codes, "221 ");
		expect_codes(sent.data, codes.data);
		str_free(&sent);
		str_free(&codes);
	}
}

static void
an_accepted_message_resets_the_count(void **state)
{
	static const char message[] = "MAIL FROM:<al@x>\r\nRCPT TO:<b@x>\r\n"
				      "BDAT 0 LAST\r\n";
	struct str sent = { 0 }, codes = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		repeat(&sent, "XUSR\r\n", SERVER_REJECTED_MAX - 1);
		repeat(&codes, "500 ", SERVER_REJECTED_MAX - 1);
		str_add(&sent, message);
		str_add(&codes, "250 250 250 ");
	}
	str_add(&sent, "QUIT\r\n");
	str_add(&codes, "221 ");
	expect_codes(sent.data, codes.data);
	str_free(&sent);
	str_free(&codes);
}

/* The client sends to the others in another transaction. */
static void
limits_the_recipients_of_a_transaction(void **state)
{
	struct str sent = { 0 }, codes = { 0 };

	(void)state;
	str_add(&sent, "MAIL FROM:<al@x>\r\n");
	repeat(&sent, "RCPT TO:<b@x>\r\n", SERVER_RECIPIENTS_MAX + 30);
	str_add(&sent, "BDAT 0 LAST\r\nQUIT\r\n");
	str_add(&codes, "250 ");
	repeat(&codes, "250 ", SERVER_RECIPIENTS_MAX);
	repeat(&codes, "452 ", 30);
	str_add(&codes, "250 221 ");
	expect_codes(sent.data, codes.data);
	str_free(&sent);
	str_free(&codes);
}

/* What the actions remember of rejected recipients does not grow without end. */
static void
limits_the_rejected_recipients_of_a_transaction(void **state)
{
	struct str sent = { 0 }, codes = { 0 };

	(void)state;
	str_add(&sent, "MAIL FROM:<al@x>\r\n");
	repeat(&sent, "RCPT TO:<no@x>\r\n", SERVER_RECIPIENTS_MAX + 30);
	str_add(&sent, "RSET\r\nMAIL FROM:<al@x>\r\nRCPT TO:<b@x>\r\nQUIT\r\n");
	str_add(&codes, "250 ");
	repeat(&codes, "550 ", SERVER_RECIPIENTS_MAX);
	repeat(&codes, "452 ", 30);
	str_add(&codes, "250 250 250 221 ");
	expect_codes(sent.data, codes.data);
	str_free(&sent);
	str_free(&codes);
}

/* A chunk must be read to its end as well. */
static void
rejects_chunks_that_cannot_be_stored(void **state)
{
	struct str sent = { 0 }, chunk = { 0 };

	(void)state;
	str_add(&chunk, "a: ");
	while (chunk.len < MESSAGE_HEADER_MAX * 11 / 10)
		str_add(&chunk,
		    "0123456789012345678901234567890123456789\r\n ");
	str_printf(&sent, "MAIL FROM:<al@x>\r\nRCPT TO:<bob@x>\r\nBDAT %zu\r\n",
	    chunk.len);
	str_append(&sent, chunk.data, chunk.len);
	str_add(&sent, "BDAT 6 LAST\r\nRSET\r\nNOOP\r\nQUIT\r\n");
	expect_codes(sent.data, "250 250 554 503 250 221 ");
	str_free(&sent);
	str_free(&chunk);
}

static ssize_t
client_is_silent(struct transport *t, void *buf, size_t len, struct error *err)
{
	ssize_t got = client_sends(t, buf, len, err);

	return got > 0 ? got : TRANSPORT_WANT_READ;
}

/* Runs a session with a client that is silent at the end; returns the codes. */
static void
expect_timeout(const char *sent, const char *expected, const char *says,
    int exit)
{
	struct server s;
	struct error err = { 0 };
	struct str codes = { 0 };
	int silent[2];

	assert_int_equal(pipe(silent), 0);
	piece = 100;
	start(&s, sent);
	s.stream.transport.read = client_is_silent;
	s.stream.transport.fd_plus_1 = silent[0] + 1;
	s.timeout = 1;
	assert_int_equal(server_run(&s, &err), exit == EX_OK);
	add_codes(&codes);
	assert_string_equal(str_text(&codes), expected);
	assert_non_null(strstr(str_text(&replies), says));
	assert_int_equal(error_exit_status(&err), exit);
	server_free(&s);
	error_free(&err);
	str_free(&codes);
	str_free(&replies);
	str_free(&performed);
	close(silent[0]);
	close(silent[1]);
}

static void
ends_the_session_of_a_silent_client(void **state)
{
	static const char nothing[] = "421 4.4.2 me.example: the client has "
				      "sent nothing for 1 seconds";
	static const char little[] = "the client has sent too little of its "
				     "message for 1 seconds";

	(void)state;
	expect_timeout("NOOP\r\n", "250 421 ", nothing, EX_OK);
	expect_timeout("NOOP\r\nNO", "250 421 ",
	    "the client has sent no whole line for 1 seconds", EX_OK);
	expect_timeout("MAIL FROM:<al@x>\r\n", "250 421 ", nothing,
	    EX_TEMPFAIL);
	expect_timeout("MAIL FROM:<al@x>\r\nRCPT TO:<b@x>\r\nDATA\r\na: b\r\n",
	    "250 250 354 421 ", little, EX_TEMPFAIL);
	expect_timeout(
	    "MAIL FROM:<al@x>\r\nRCPT TO:<b@x>\r\nBDAT 9 LAST\r\na: b\r\n",
	    "250 250 421 ", little, EX_TEMPFAIL);
}

/* A process that sends one octet after the other, so that it is never silent. */
static pid_t
start_slow_client(int *input)
{
	int ends[2];
	pid_t client;

	assert_int_equal(pipe(ends), 0);
	client = fork();
	if (client == 0) {
		close(ends[0]);
		while (write(ends[1], "x", 1) == 1)
			poll(NULL, 0, 100);
		_exit(0);
	}
	close(ends[1]);
	*input = ends[0];
	return client;
}

static void
expect_end_of_slow_client(bool data, int64_t waited, const char *says)
{
	struct server s;
	struct str line = { 0 };
	struct message m = { 0 };
	struct error err = { 0 }, problem = { 0 };
	bool too_long, ok;
	int input;
	pid_t client = start_slow_client(&input);

	start(&s, "");
	server_transport_init(&s.stream.transport, input, STDERR_FILENO);
	s.timeout = 1;
	s.waited = waited;
	ok = data ? server_read_data(&s, &m, &problem, &err)
		  : server_read_line(&s, &line, &too_long, &err);
	assert_false(ok);
	assert_int_equal(err.kind, ERROR_TIMEOUT);
	if (strstr(err.text, says) == NULL)
		fail_msg("%s", err.text);
	kill(client, SIGKILL);
	waitpid(client, NULL, 0);
	close(input);
	message_free(&m);
	str_free(&line);
	error_free(&err);
	server_free(&s);
}

static void
ends_the_session_of_a_client_that_is_slow_on_purpose(void **state)
{
	(void)state;
	expect_end_of_slow_client(false, 0, "no whole line for 1");
	expect_end_of_slow_client(true, 0, "too little of its message");
	expect_end_of_slow_client(false, 11500,
	    "sent no message for 12 seconds");
}

/* Accepted commands that lead to no message do not go on for ever. */
static void
ends_a_session_with_too_many_idle_commands(void **state)
{
	static const struct {
		const char *idle, *code;
	} commands[] = {
		{ "NOOP\r\n", "250 " },
		{ "RSET\r\n", "250 " },
		{ "HELO x\r\n", "250 " },
		{ "VRFY a@x\r\n", "252 " },
		{ "MAIL FROM:<al@x>\r\nRSET\r\n", "250 250 " },
		{ "BDAT 0\r\n", "250 " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		struct str sent = { 0 }, codes = { 0 };

		if (*commands[i].idle == 'B') {
			str_add(&sent, "MAIL FROM:<al@x>\r\nRCPT TO:<b@x>\r\n");
			str_add(&codes, "250 250 ");
		}
		repeat(&sent, commands[i].idle, SERVER_IDLE_MAX);
		repeat(&codes, commands[i].code, SERVER_IDLE_MAX);
		str_add(&sent, "NOOP\r\n");
		str_add(&codes, "421 ");
		expect_codes(sent.data, codes.data);
		str_free(&sent);
		str_free(&codes);
	}
}

static void
an_accepted_message_resets_the_count_of_idle_commands(void **state)
{
	struct str sent = { 0 }, codes = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		repeat(&sent, "NOOP\r\n", SERVER_IDLE_MAX - 1);
		repeat(&codes, "250 ", SERVER_IDLE_MAX - 1);
		str_add(&sent,
		    "MAIL FROM:<al@x>\r\nRCPT TO:<b@x>\r\n"
		    "BDAT 0 LAST\r\n");
		str_add(&codes, "250 250 250 ");
	}
	str_add(&sent, "QUIT\r\n");
	str_add(&codes, "221 ");
	expect_codes(sent.data, codes.data);
	str_free(&sent);
	str_free(&codes);
}

static ssize_t
client_is_gone(struct transport *t, const void *buf, size_t len,
    struct error *err)
{
	(void)t;
	(void)buf;
	(void)len;
	error_set(err, ERROR_NETWORK, "gone");
	return TRANSPORT_FAILED;
}

/* A client that disconnects outside a transaction loses no message. */
static void
ends_without_an_error_when_the_client_disconnects(void **state)
{
	struct server s;
	struct error err = { 0 };

	(void)state;
	piece = 100;
	start(&s, "NOOP\r\nNOOP\r\n");
	s.stream.transport.write = client_is_gone;
	assert_true(server_run(&s, &err));
	assert_false(error_is_set(&err));
	server_free(&s);
}

static const char *last_line; /* that can be written */

/* Writes fail after the reply with that text. */
static ssize_t
output_breaks(struct transport *t, const void *buf, size_t len,
    struct error *err)
{
	if (strstr(str_text(&replies), last_line) == NULL)
		return client_receives(t, buf, len, err);
	error_set(err, t->ctx == NULL ? ERROR_INPUT : ERROR_NETWORK,
	    "cannot write");
	return TRANSPORT_FAILED;
}

/* The caller of the program learns what became of the message. */
static void
reports_that_the_final_reply_could_not_be_sent(void **state)
{
	static const struct {
		const char *sent, *last, *text;
		bool gone;
		int exit;
	} cases[] = {
		{ "QUIT\r\n", "220", "cannot write", false, EX_IOERR },
		{ "QUIT\r\n", "220", NULL, true, EX_OK },
		{ "NOOP\r\nQUIT\r\n", "220", "cannot write", false, EX_IOERR },
		{ OPEN, "2.1.0 sender",
		    "cannot write during a transaction; its message was not "
		    "sent",
		    false, EX_IOERR },
		{ OPEN, "2.1.0 sender",
		    "the client disconnected during a transaction; its message "
		    "was not sent",
		    true, EX_TEMPFAIL },
		{ OPEN "BDAT 4 LAST\r\na: bQUIT\r\n", "2.1.5 recipient",
		    "the message was accepted, but the client could not be "
		    "told: cannot write",
		    true, EX_IOERR },
		{ OPEN "DATA\r\na: b\r\n.\r\n", "354",
		    "the message was accepted, but the client could not be "
		    "told: cannot write",
		    false, EX_IOERR },
		{ OPEN "BDAT 8 LAST\r\nLATER: x", "2.1.5 recipient",
		    "the message was rejected, but the client could not be "
		    "told: cannot write",
		    true, EX_IOERR },
	};

	(void)state;
	piece = 100000;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct server s;
		struct error err = { 0 };

		start(&s, cases[i].sent);
		last_line = cases[i].last;
		s.stream.transport.write = output_breaks;
		s.stream.transport.ctx = cases[i].gone ? &s : NULL;
		assert_int_equal(server_run(&s, &err), cases[i].exit == EX_OK);
		assert_int_equal(error_exit_status(&err), cases[i].exit);
		if (cases[i].text != NULL)
			assert_string_equal(err.text, cases[i].text);
		error_free(&err);
		server_free(&s);
	}
	str_free(&replies);
	str_free(&performed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    ends_without_an_error_when_the_client_disconnects),
		cmocka_unit_test(
		    ends_a_session_with_too_many_rejected_commands),
		cmocka_unit_test(
		    does_not_count_rejections_for_which_the_client_is_not_responsible),
		cmocka_unit_test(an_accepted_message_resets_the_count),
		cmocka_unit_test(limits_the_recipients_of_a_transaction),
		cmocka_unit_test(
		    limits_the_rejected_recipients_of_a_transaction),
		cmocka_unit_test(rejects_chunks_that_cannot_be_stored),
		cmocka_unit_test(ends_the_session_of_a_silent_client),
		cmocka_unit_test(
		    ends_the_session_of_a_client_that_is_slow_on_purpose),
		cmocka_unit_test(ends_a_session_with_too_many_idle_commands),
		cmocka_unit_test(
		    an_accepted_message_resets_the_count_of_idle_commands),
		cmocka_unit_test(
		    reports_that_the_final_reply_could_not_be_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
