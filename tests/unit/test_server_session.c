/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/buffer_file.h"
#include "server/session.h"

/* All octets of one session, and what it does with them. */
struct scene {
	const char *name;
	const char *sent;
	const char *heard; /* replies behind the greeting, statuses and texts
	                    * left out unless they are asked for with "+" */
	const char *done;  /* what the actions were called for */
	int exit;
};

#define OPEN "EHLO me\r\nMAIL FROM:<al@x>\r\nRCPT TO:<bob@x>\r\n"
#define OPENED "250-250-250-250-250-250 250 250 "

static const struct scene scenes[] = {
	{ "one message", OPEN "DATA\r\nSubject: t\r\n\r\nhi\r\n.\r\nQUIT\r\n",
	    OPENED "354 250 221 ", "<al@x> bob@x [Subject: t|hi|] . ", EX_OK },
	{ "LF alone",
	    "HELO me\nMAIL FROM:<al@x>\nRCPT TO:<bob@x>\nDATA\n"
	    "a: b\n\nhi\n..\n.\nQUIT\n",
	    "250 250 250 354 250 221 ", "<al@x> bob@x [a: b|hi|.|] . ", EX_OK },
	{ "two messages",
	    OPEN "DATA\r\na: b\r\n.\r\nMAIL FROM:<>\r\n"
		 "RCPT TO:<c@x>\r\nDATA\r\nc: d\r\n.\r\nQUIT\r\n",
	    OPENED "354 250 250 250 354 250 221 ",
	    "<al@x> bob@x [a: b|] . <> c@x [c: d|] . ", EX_OK },
	{ "without HELO",
	    "MAIL FROM:<al@x>\r\nRCPT TO:<bob@x>\r\n"
	    "DATA\r\n.\r\nQUIT\r\n",
	    "250 250 354 250 221 ", "<al@x> bob@x [] . ", EX_OK },
	{ "one recipient refused",
	    OPEN "RCPT TO:<no@x>\r\nDATA\r\na: b\r\n.\r\nQUIT\r\n",
	    OPENED "550 354 250 221 ", "<al@x> bob@x no@x [a: b|] . ", EX_OK },
	{ "all refused",
	    "MAIL FROM:<al@x>\r\nRCPT TO:<no@x>\r\nDATA\r\n"
	    "RSET\r\nQUIT\r\n",
	    "250 550 554 250 221 ", "<al@x> no@x . ", EX_OK },
	{ "sender refused",
	    "MAIL FROM:<no@x>\r\nRCPT TO:<bob@x>\r\nDATA\r\n"
	    "MAIL FROM:<al@x>\r\nRSET\r\nQUIT\r\n",
	    "550 503 503 250 250 221 ", "<no@x> <al@x> . ", EX_OK },
	{ "message refused, the next one taken",
	    OPEN "DATA\r\nLATER: x\r\n.\r\nMAIL FROM:<b@x>\r\nQUIT\r\n",
	    OPENED "354 451 250 221 ", "<al@x> bob@x [LATER: x|] . <b@x> ",
	    EX_OK },
	{ "bad sequences",
	    "RCPT TO:<bob@x>\r\nDATA\r\nMAIL FROM:<a@x>\r\n"
	    "MAIL FROM:<b@x>\r\nDATA\r\nQUIT\r\n",
	    "503 503 250 503 554 221 ", "<a@x> ", EX_OK },
	{ "EHLO and HELO forget",
	    "MAIL FROM:<a@x>\r\nHELO me\r\nRCPT TO:<b@x>\r\nQUIT\r\n",
	    "250 250 503 221 ", "<a@x> . ", EX_OK },
	{ "small verbs",
	    "NOOP\r\nnoop x\r\nVRFY bob\r\nHELP\r\nHELP MAIL\r\n"
	    "VERB on\r\nXVRB\r\nONEX\r\nRSET\r\nQUIT\r\n",
	    "250 250 252 214 214 250 250 250 250 221 ", "", EX_OK },
	{ "verbs that are not here",
	    "AUTH PLAIN AAAA\r\nSTARTTLS\r\nEXPN x\r\n"
	    "BDAT 3 LAST\r\nXUSR\r\nQUIT\r\n",
	    "502 502 502 502 500 221 ", "", EX_OK },
	{ "arguments",
	    "EHLO\r\nHELO \r\nMAIL\r\nRCPT\r\nVRFY\r\nRSET x\r\n"
	    "DATA x\r\nQUIT x\r\nquit  \r\n",
	    "501 501 501 501 501 501 501 501 221 ", "", EX_OK },
	{ "bad lines",
	    "\r\n \r\nNO\x01OP\r\nNOOP\rNOOP\r\nNOOP\x7f\r\nQUIT\r\n",
	    "500 500 500 500 500 221 ", "", EX_OK },
	{ "after QUIT nothing is heard", "QUIT\r\nMAIL FROM:<al@x>\r\n", "221 ",
	    "", EX_OK },
	{ "the end at once", "", "", "", EX_OK },
	{ "the end between transactions", OPEN "DATA\r\na: b\r\n.\r\n",
	    OPENED "354 250 ", "<al@x> bob@x [a: b|] . ", EX_OK },
	{ "the end in a line", "EHLO me\r\nQUI", "250-250-250-250-250-250 ", "",
	    EX_OK },
	{ "the end after MAIL", "MAIL FROM:<al@x>\r\n", "250 ", "<al@x> ",
	    EX_TEMPFAIL },
	{ "the end after RCPT", OPEN, OPENED, "<al@x> bob@x ", EX_TEMPFAIL },
	{ "the end after DATA", OPEN "DATA\r\n", OPENED "354 ", "<al@x> bob@x ",
	    EX_TEMPFAIL },
	{ "the end in the header", OPEN "DATA\r\nSubject: t", OPENED "354 ",
	    "<al@x> bob@x ", EX_TEMPFAIL },
	{ "the end in the body", OPEN "DATA\r\na: b\r\n\r\nhi\r\n",
	    OPENED "354 ", "<al@x> bob@x ", EX_TEMPFAIL },
	{ "the end in the final dot", OPEN "DATA\r\na: b\r\n\r\nhi\r\n.\r",
	    OPENED "354 ", "<al@x> bob@x ", EX_TEMPFAIL },
	{ "no smuggling: LF.LF after CRLF",
	    OPEN "DATA\r\na: b\r\n\r\nx\n.\nMAIL FROM:<evil@x>\r\n.\r\n"
		 "QUIT\r\n",
	    OPENED "354 250 221 ",
	    "<al@x> bob@x [a: b|x|.|MAIL FROM:<evil@x>|] . ", EX_OK },
	{ "no smuggling: LF.CRLF",
	    OPEN "DATA\r\n\r\nx\n.\r\nRSET\r\n.\r\nQUIT\r\n",
	    OPENED "354 250 221 ", "<al@x> bob@x [x|.|RSET|] . ", EX_OK },
	{ "no smuggling: CR.CR", OPEN "DATA\r\n\r\nx\r.\rRSET\r\n.\r\nQUIT\r\n",
	    OPENED "354 250 221 ", "<al@x> bob@x [x|.|RSET|] . ", EX_OK },
	{ "no smuggling: CR alone in front",
	    OPEN "DATA\r\n\r\nx\r.\r\nRSET\r\n.\r\nQUIT\r\n",
	    OPENED "354 250 221 ", "<al@x> bob@x [x|.|RSET|] . ", EX_OK },
	{ "bad parameters begin nothing",
	    "MAIL FROM:<al@x> SMTPUTF8\r\nRCPT TO:<bob@x>\r\n"
	    "MAIL FROM:<al@x> SIZE=99999999999\r\nQUIT\r\n",
	    "555 503 552 221 ", "", EX_OK },
};

static size_t piece; /* octets that one read gives */
static const char *left;
static struct str heard, done;

/* A client that talks without listening. */
static ssize_t
client_says(struct transport *t, void *buf, size_t len, struct error *err)
{
	size_t part = strlen(left);

	(void)t;
	(void)err;
	part = part < piece ? part : piece;
	part = part < len ? part : len;
	memcpy(buf, left, part);
	left += part;
	return (ssize_t)part;
}

static ssize_t
client_hears(struct transport *t, const void *buf, size_t len,
    struct error *err)
{
	(void)t;
	(void)err;
	str_append(&heard, buf, len);
	return (ssize_t)len;
}

static void
take_sender(void *ctx, const struct mail_args *r, struct server_reply *a)
{
	(void)ctx;
	str_printf(&done, "<%s> ", r->address);
	server_reply_set(a, strcmp(r->address, "no@x") == 0 ? 550 : 250,
	    "2.1.0", "sender");
}

static void
take_recipient(void *ctx, const struct mail_args *r, struct server_reply *a)
{
	(void)ctx;
	str_printf(&done, "%s ", r->address);
	server_reply_set(a, strcmp(r->address, "no@x") == 0 ? 550 : 250,
	    "2.1.5", "recipient");
}

static void
take_message(void *ctx, struct message *m, struct server_reply *a)
{
	char body[1000];
	size_t got;

	(void)ctx;
	assert_true(
	    buffer_file_read(&m->body, 0, body, sizeof(body), &got, NULL));
	str_add_char(&done, '[');
	str_append(&done, str_text(&m->header), m->header.len);
	str_append(&done, body, got);
	for (size_t i = 0; i < done.len; i++)
		if (done.data[i] == '\n')
			done.data[i] = '|';
	str_add(&done, "] ");
	server_reply_set(a,
	    strstr(str_text(&done), "[LATER") != NULL ? 451 : 250, "2.0.0",
	    "message");
}

/* Only what ends something is told. */
static void
forget(void *ctx)
{
	struct server *s = ctx;

	(void)s;
	if (done.len > 0 && strcmp(done.data + done.len - 2, ". ") != 0)
		str_add(&done, ". ");
}

static const struct server_actions actions = { take_sender, take_recipient,
	take_message, forget };

static void
start(struct server *s, const char *sent)
{
	*s = (struct server){ .actions = &actions, .name = "me.example" };
	s->stream.transport = (struct transport){ .fd_plus_1 = 1,
		.read = client_says,
		.write = client_hears };
	left = sent;
	str_truncate(&heard, 0);
	str_truncate(&done, 0);
}

/* "220 x\r\n250-y\r\n250 z\r\n" as "250-250 ". */
static void
codes_alone(struct str *codes)
{
	const char *line = strstr(str_text(&heard), "\r\n");

	while (line != NULL && line[2] != '\0') {
		str_append(codes, line + 2, 4);
		line = strstr(line + 2, "\r\n");
	}
}

static void
play(const struct scene *scene)
{
	struct server s;
	struct error err = { 0 };
	struct str codes = { 0 };
	bool ok;

	start(&s, scene->sent);
	ok = server_run(&s, &err);
	codes_alone(&codes);
	if (strcmp(str_text(&codes), scene->heard) != 0)
		fail_msg("%s, pieces of %zu: heard %s", scene->name, piece,
		    str_text(&heard));
	if (strcmp(str_text(&done), scene->done) != 0)
		fail_msg("%s, pieces of %zu: done %s", scene->name, piece,
		    str_text(&done));
	assert_int_equal(ok, scene->exit == EX_OK);
	assert_int_equal(error_exit_status(&err), scene->exit);
	error_free(&err);
	str_free(&codes);
	server_free(&s);
}

static void
plays_each_scene_in_pieces_of_any_size(void **state)
{
	static const size_t pieces[] = { 1, 2, 3, 7, 100, 100000 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(pieces); i++) {
		piece = pieces[i];
		for (size_t j = 0; j < COUNT_OF(scenes); j++)
			play(&scenes[j]);
	}
	str_free(&heard);
	str_free(&done);
}

static void
greets_and_offers_in_the_right_form(void **state)
{
	struct server s;
	struct error err = { 0 };

	(void)state;
	piece = 100;
	start(&s, "EHLO me\r\nHELO me\r\nRSET\r\nAUTH x\r\nDATA\r\nQUIT\r\n");
	assert_true(server_run(&s, &err));
	assert_string_equal(str_text(&heard),
	    "220 me.example ESMTP veredus\r\n"
	    "250-me.example\r\n"
	    "250-8BITMIME\r\n"
	    "250-DSN\r\n"
	    "250-ENHANCEDSTATUSCODES\r\n"
	    "250-PIPELINING\r\n"
	    "250 SIZE\r\n"
	    "250 me.example\r\n"
	    "250 2.0.0 forgotten\r\n"
	    "502 5.5.1 no login is needed here\r\n"
	    "503 5.5.1 MAIL comes first\r\n"
	    "221 2.0.0 bye\r\n");
	server_free(&s);
	str_free(&heard);
	str_free(&done);
}

/* Of any length, and the next line is a command again. */
static void
refuses_lines_that_are_too_long(void **state)
{
	static const struct {
		size_t len; /* with its end */
		const char *heard;
	} lines[] = {
		{ 2048, "250 221 " },
		{ 2049, "500 221 " },
		{ 5000, "500 221 " },
		{ 100000, "500 221 " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		struct str sent = { 0 }, codes = { 0 };
		struct server s;

		str_add(&sent, "NOOP ");
		while (sent.len + 2 < lines[i].len)
			str_add_char(&sent, 'x');
		str_add(&sent, "\r\nQUIT\r\n");
		piece = 1500;
		start(&s, sent.data);
		assert_true(server_run(&s, NULL));
		codes_alone(&codes);
		assert_string_equal(str_text(&codes), lines[i].heard);
		server_free(&s);
		str_free(&sent);
		str_free(&codes);
	}
	str_free(&heard);
}

/* A NUL would hide what stands behind it. */
static void
refuses_a_nul_in_a_command(void **state)
{
	static const char sent[] = "RSET\0 RSET\r\nQUIT\r\n";
	struct server s;
	struct str copy = { 0 }, codes = { 0 };

	(void)state;
	piece = 100;
	start(&s, "");
	str_append(&copy, sent, sizeof(sent) - 1);
	str_append(&s.stream.in, copy.data, copy.len);
	assert_true(server_run(&s, NULL));
	codes_alone(&codes);
	assert_string_equal(str_text(&codes), "500 221 ");
	server_free(&s);
	str_free(&copy);
	str_free(&codes);
	str_free(&heard);
}

/* What cannot be kept is read to its end, or it would become commands. */
static void
refuses_a_message_that_cannot_be_kept(void **state)
{
	struct str sent = { 0 }, codes = { 0 };
	struct server s;

	(void)state;
	str_add(&sent, "MAIL FROM:<al@x>\r\nRCPT TO:<bob@x>\r\nDATA\r\na: ");
	while (sent.len < MESSAGE_HEADER_MAX * 11 / 10)
		str_add(&sent, "0123456789012345678901234567890123456789\r\n ");
	str_add(&sent, "\r\n\r\nRSET\r\n.\r\nQUIT\r\n");
	piece = 16384;
	start(&s, sent.data);
	assert_true(server_run(&s, NULL));
	codes_alone(&codes);
	assert_string_equal(str_text(&codes), "250 250 354 554 221 ");
	assert_string_equal(str_text(&done), "<al@x> bob@x . ");
	server_free(&s);
	str_free(&sent);
	str_free(&codes);
	str_free(&heard);
	str_free(&done);
}

/* Lines of a message may have any length. */
static void
takes_long_lines_of_a_message(void **state)
{
	struct str sent = { 0 }, codes = { 0 };
	struct server s;

	(void)state;
	str_add(&sent, "MAIL FROM:<al@x>\r\nRCPT TO:<bob@x>\r\nDATA\r\n\r\n");
	for (size_t i = 0; i < 100000; i++)
		str_add_char(&sent, 'x');
	str_add(&sent, "\r\n.\r\nQUIT\r\n");
	piece = 1000;
	start(&s, sent.data);
	assert_true(server_run(&s, NULL));
	codes_alone(&codes);
	assert_string_equal(str_text(&codes), "250 250 354 250 221 ");
	server_free(&s);
	str_free(&sent);
	str_free(&codes);
	str_free(&heard);
	str_free(&done);
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

/* Nobody listens: outside a transaction nothing is lost by it. */
static void
ends_when_nobody_listens(void **state)
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plays_each_scene_in_pieces_of_any_size),
		cmocka_unit_test(greets_and_offers_in_the_right_form),
		cmocka_unit_test(refuses_lines_that_are_too_long),
		cmocka_unit_test(refuses_a_nul_in_a_command),
		cmocka_unit_test(refuses_a_message_that_cannot_be_kept),
		cmocka_unit_test(takes_long_lines_of_a_message),
		cmocka_unit_test(ends_when_nobody_listens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
