/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "server_client.h"

/* A session: all lines of the client, the replies, and the actions of the
 * server. */
struct scene {
	const char *name;
	const char *sent;
	const char *replies; /* the codes of the replies after the greeting */
	const char *actions; /* MAIL, RCPT, the message, and "." for a reset */
	int exit;
};

#define GREETED "250-250-250-250-250-250-250-250-250-250-250-250-250 "
#define OPENED GREETED "250 250 "
/* 16 octets of message data. */
#define CHUNK "Subject: t\r\n\r\nhi"

static const struct scene scenes[] = {
	{ "a message is accepted",
	    OPEN "DATA\r\nSubject: t\r\n\r\nhi\r\n.\r\nQUIT\r\n",
	    OPENED "354 250 221 ", "<al@x> bob@x [Subject: t|hi|] . ", EX_OK },
	{ "the client ends its lines with LF alone",
	    "HELO me\nMAIL FROM:<al@x>\nRCPT TO:<bob@x>\nDATA\n"
	    "a: b\n\nhi\n..\n.\nQUIT\n",
	    "250 250 250 354 250 221 ", "<al@x> bob@x [a: b|hi|.|] . ", EX_OK },
	{ "two messages in one session",
	    OPEN "DATA\r\na: b\r\n.\r\nMAIL FROM:<>\r\n"
		 "RCPT TO:<c@x>\r\nDATA\r\nc: d\r\n.\r\nQUIT\r\n",
	    OPENED "354 250 250 250 354 250 221 ",
	    "<al@x> bob@x [a: b|] . <> c@x [c: d|] . ", EX_OK },
	{ "HELO is not required",
	    "MAIL FROM:<al@x>\r\nRCPT TO:<bob@x>\r\n"
	    "DATA\r\n.\r\nQUIT\r\n",
	    "250 250 354 250 221 ", "<al@x> bob@x [] . ", EX_OK },
	{ "one recipient is rejected",
	    OPEN "RCPT TO:<no@x>\r\nDATA\r\na: b\r\n.\r\nQUIT\r\n",
	    OPENED "550 354 250 221 ", "<al@x> bob@x no@x [a: b|] . ", EX_OK },
	{ "all recipients are rejected",
	    "MAIL FROM:<al@x>\r\nRCPT TO:<no@x>\r\nDATA\r\n"
	    "RSET\r\nQUIT\r\n",
	    "250 550 554 250 221 ", "<al@x> no@x . ", EX_OK },
	{ "the sender is rejected",
	    "MAIL FROM:<no@x>\r\nRCPT TO:<bob@x>\r\nDATA\r\n"
	    "MAIL FROM:<al@x>\r\nRSET\r\nQUIT\r\n",
	    "550 503 503 250 250 221 ", "<no@x> <al@x> . ", EX_OK },
	{ "a message is rejected, and the client continues",
	    OPEN "DATA\r\nLATER: x\r\n.\r\nMAIL FROM:<b@x>\r\nQUIT\r\n",
	    OPENED "354 451 250 221 ", "<al@x> bob@x [LATER: x|] . <b@x> ",
	    EX_OK },
	{ "commands in the wrong order",
	    "RCPT TO:<bob@x>\r\nDATA\r\nMAIL FROM:<a@x>\r\n"
	    "MAIL FROM:<b@x>\r\nDATA\r\nQUIT\r\n",
	    "503 503 250 503 554 221 ", "<a@x> ", EX_OK },
	{ "EHLO and HELO end a transaction",
	    "MAIL FROM:<a@x>\r\nHELO me\r\nRCPT TO:<b@x>\r\nQUIT\r\n",
	    "250 250 503 221 ", "<a@x> . ", EX_OK },
	{ "commands with a fixed reply",
	    "NOOP\r\nnoop x\r\nVRFY bob\r\nHELP\r\nHELP MAIL\r\n"
	    "VERB on\r\nXVRB\r\nONEX\r\nRSET\r\nQUIT\r\n",
	    "250 250 252 214 214 250 250 250 250 221 ", "", EX_OK },
	{ "commands that are not implemented",
	    "AUTH PLAIN AAAA\r\nSTARTTLS\r\nEXPN x\r\nXUSR\r\nXQUEUE\r\nQUIT\r\n",
	    "502 502 502 500 502 221 ", "", EX_OK },
	{ "missing and unexpected arguments",
	    "EHLO\r\nHELO \r\nMAIL\r\nRCPT\r\nVRFY\r\nRSET x\r\n"
	    "DATA x\r\nQUIT x\r\nquit  \r\n",
	    "501 501 501 501 501 501 501 501 221 ", "", EX_OK },
	{ "empty lines and control characters",
	    "\r\n \r\nNO\x01OP\r\nNOOP\rNOOP\r\nNOOP\x7f\r\nQUIT\r\n",
	    "500 500 500 500 500 221 ", "", EX_OK },
	{ "commands after QUIT are ignored", "QUIT\r\nMAIL FROM:<al@x>\r\n",
	    "221 ", "", EX_OK },
	{ "end of input at once", "", "", "", EX_OK },
	{ "end of input between transactions", OPEN "DATA\r\na: b\r\n.\r\n",
	    OPENED "354 250 ", "<al@x> bob@x [a: b|] . ", EX_OK },
	{ "end of input in a command line", "EHLO me\r\nQUI", GREETED, "",
	    EX_OK },
	{ "end of input after MAIL", "MAIL FROM:<al@x>\r\n", "250 ", "<al@x> ",
	    EX_TEMPFAIL },
	{ "end of input after RCPT", OPEN, OPENED, "<al@x> bob@x ",
	    EX_TEMPFAIL },
	{ "end of input after DATA", OPEN "DATA\r\n", OPENED "354 ",
	    "<al@x> bob@x ", EX_TEMPFAIL },
	{ "end of input in the header section", OPEN "DATA\r\nSubject: t",
	    OPENED "354 ", "<al@x> bob@x ", EX_TEMPFAIL },
	{ "end of input in the body", OPEN "DATA\r\na: b\r\n\r\nhi\r\n",
	    OPENED "354 ", "<al@x> bob@x ", EX_TEMPFAIL },
	{ "end of input in the final dot", OPEN "DATA\r\na: b\r\n\r\nhi\r\n.\r",
	    OPENED "354 ", "<al@x> bob@x ", EX_TEMPFAIL },
	{ "LF.LF does not end the data after a CRLF",
	    OPEN "DATA\r\na: b\r\n\r\nx\n.\nMAIL FROM:<evil@x>\r\n.\r\n"
		 "QUIT\r\n",
	    OPENED "354 250 221 ",
	    "<al@x> bob@x [a: b|x|.|MAIL FROM:<evil@x>|] . ", EX_OK },
	{ "LF.CRLF does not end the data",
	    OPEN "DATA\r\n\r\nx\n.\r\nRSET\r\n.\r\nQUIT\r\n",
	    OPENED "354 250 221 ", "<al@x> bob@x [x|.|RSET|] . ", EX_OK },
	{ "CR.CR does not end the data",
	    OPEN "DATA\r\n\r\nx\r.\rRSET\r\n.\r\nQUIT\r\n",
	    OPENED "354 250 221 ", "<al@x> bob@x [x|.|RSET|] . ", EX_OK },
	{ "CR.CRLF does not end the data",
	    OPEN "DATA\r\n\r\nx\r.\r\nRSET\r\n.\r\nQUIT\r\n",
	    OPENED "354 250 221 ", "<al@x> bob@x [x|.|RSET|] . ", EX_OK },
	{ "MAIL with a bad parameter begins no transaction",
	    "MAIL FROM:<al@x> AUTH=<>\r\nRCPT TO:<bob@x>\r\n"
	    "MAIL FROM:<al@x> SIZE=99999999999\r\nQUIT\r\n",
	    "555 503 552 221 ", "", EX_OK },
	{ "a message in one chunk", OPEN "BDAT 16 LAST\r\n" CHUNK "QUIT\r\n",
	    OPENED "250 221 ", "<al@x> bob@x [Subject: t|hi|] . ", EX_OK },
	{ "a message in chunks of any size, and the next one",
	    OPEN "BDAT 15\r\nSubject: t\r\n\r\nhbdat 0\r\nNOOP\r\n"
		 "BDAT 2\r\ni\rBDAT 1 last\r\n\nMAIL FROM:<b@x>\r\n"
		 "RCPT TO:<c@x>\r\nBDAT 0 LAST\r\nQUIT\r\n",
	    OPENED "250 250 250 250 250 250 250 250 221 ",
	    "<al@x> bob@x [Subject: t|hi|] . <b@x> c@x [] . ", EX_OK },
	{ "dots and bare line ends do not end a chunk",
	    OPEN "BDAT 26 LAST\r\n\r\n.\r\nx\n.\ny\r.\r..\r\nQUIT\r\n.\r\n"
		 "QUIT\r\n",
	    OPENED "250 221 ", "<al@x> bob@x [.|x|.|y|.|..|QUIT|.|] . ",
	    EX_OK },
	{ "a chunk without MAIL is dropped",
	    "BDAT 8\r\nRSET\r\n\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\nQUIT\r\n",
	    "503 503 250 221 ", "", EX_OK },
	{ "chunks behind a rejected sender are dropped",
	    "MAIL FROM:<no@x>\r\nRCPT TO:<bob@x>\r\nBDAT 16 LAST\r\n" CHUNK
	    "QUIT\r\n",
	    "550 503 503 221 ", "<no@x> ", EX_OK },
	{ "a chunk without a valid recipient ends the transaction",
	    "MAIL FROM:<al@x>\r\nRCPT TO:<no@x>\r\nBDAT 6\r\nQUIT\r\n"
	    "RCPT TO:<bob@x>\r\nBDAT 16 LAST\r\n" CHUNK "QUIT\r\n",
	    "250 550 554 503 503 221 ", "<al@x> no@x . ", EX_OK },
	{ "commands between chunks",
	    OPEN "BDAT 16\r\n" CHUNK "RCPT TO:<c@x>\r\nMAIL FROM:<b@x>\r\n"
		 "DATA\r\nBDAT 2 LAST\r\n\r\nQUIT\r\n",
	    OPENED "250 503 503 503 250 221 ",
	    "<al@x> bob@x [Subject: t|hi|] . ", EX_OK },
	{ "RSET drops the chunks so far",
	    OPEN "BDAT 16\r\n" CHUNK "RSET\r\nBDAT 16 LAST\r\n" CHUNK
		 "MAIL FROM:<b@x>\r\nRCPT TO:<c@x>\r\nBDAT 4 LAST\r\na: b"
		 "QUIT\r\n",
	    OPENED "250 250 503 250 250 250 221 ",
	    "<al@x> bob@x . <b@x> c@x [a: b|] . ", EX_OK },
	{ "EHLO drops the chunks so far",
	    OPEN "BDAT 16\r\n" CHUNK "EHLO me\r\nBDAT 0 LAST\r\nQUIT\r\n",
	    OPENED "250 " GREETED "503 221 ", "<al@x> bob@x . ", EX_OK },
	{ "BODY=BINARYMIME needs BDAT",
	    "MAIL FROM:<al@x> BODY=BINARYMIME\r\nRCPT TO:<bob@x>\r\n"
	    "DATA\r\nBDAT 16 LAST\r\n" CHUNK "QUIT\r\n",
	    "250 250 503 250 221 ", "<al@x> bob@x [Subject: t|hi|] . ", EX_OK },
	{ "after BDAT without a size, nothing is a command",
	    OPEN "BDAT x LAST\r\nRSET\r\nMAIL FROM:<b@x>\r\n",
	    OPENED "501 421 ", "<al@x> bob@x ", EX_TEMPFAIL },
	{ "BDAT without a size ends a session without a transaction",
	    "BDAT\r\nNOOP\r\n", "501 421 ", "", EX_OK },
	{ "BDAT with a size beyond all numbers",
	    "BDAT 99999999999999999999\r\nNOOP\r\n", "501 421 ", "", EX_OK },
	{ "BDAT with a negative size", "BDAT -1\r\nNOOP\r\n", "501 421 ", "",
	    EX_OK },
	{ "BDAT with another word than LAST", "BDAT 0 FIRST\r\nNOOP\r\n",
	    "501 421 ", "", EX_OK },
	{ "end of input in a chunk", OPEN "BDAT 17 LAST\r\n" CHUNK, OPENED,
	    "<al@x> bob@x ", EX_TEMPFAIL },
	{ "end of input between chunks", OPEN "BDAT 16\r\n" CHUNK,
	    OPENED "250 ", "<al@x> bob@x ", EX_TEMPFAIL },
	{ "a message in a chunk is rejected, and the client continues",
	    OPEN "BDAT 8 LAST\r\nLATER: xMAIL FROM:<b@x>\r\nQUIT\r\n",
	    OPENED "451 250 221 ", "<al@x> bob@x [LATER: x|] . <b@x> ", EX_OK },
};

static void
play(const struct scene *scene)
{
	struct server s;
	struct error err = { 0 };
	struct str codes = { 0 };
	bool ok;

	start(&s, scene->sent);
	ok = server_run(&s, &err);
	add_codes(&codes);
	if (strcmp(str_text(&codes), scene->replies) != 0)
		fail_msg("%s, pieces of %zu: replies %s", scene->name, piece,
		    str_text(&replies));
	if (strcmp(str_text(&performed), scene->actions) != 0)
		fail_msg("%s, pieces of %zu: actions %s", scene->name, piece,
		    str_text(&performed));
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
	str_free(&replies);
	str_free(&performed);
}

static void
sends_complete_reply_lines(void **state)
{
	struct server s;
	struct error err = { 0 };

	(void)state;
	piece = 100;
	start(&s, "EHLO me\r\nHELO me\r\nRSET\r\nAUTH x\r\nDATA\r\nQUIT\r\n");
	assert_true(server_run(&s, &err));
	assert_string_equal(str_text(&replies),
	    "220 me.example ESMTP veredus\r\n"
	    "250-me.example\r\n"
	    "250-8BITMIME\r\n"
	    "250-BINARYMIME\r\n"
	    "250-CHUNKING\r\n"
	    "250-DELIVERBY\r\n"
	    "250-DSN\r\n"
	    "250-ENHANCEDSTATUSCODES\r\n"
	    "250-FUTURERELEASE\r\n"
	    "250-MT-PRIORITY\r\n"
	    "250-PIPELINING\r\n"
	    "250-REQUIRETLS\r\n"
	    "250-SIZE 4294967296\r\n"
	    "250 SMTPUTF8\r\n"
	    "250 me.example\r\n"
	    "250 2.0.0 ok\r\n"
	    "502 5.5.1 authentication is not needed\r\n"
	    "503 5.5.1 send MAIL first\r\n"
	    "221 2.0.0 bye\r\n");
	server_free(&s);
	str_free(&replies);
	str_free(&performed);
}

/* The line after a line that is too long is a command again. */
static void
rejects_command_lines_that_are_too_long(void **state)
{
	static const struct {
		size_t len; /* with its CRLF */
		const char *replies;
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
		add_codes(&codes);
		assert_string_equal(str_text(&codes), lines[i].replies);
		server_free(&s);
		str_free(&sent);
		str_free(&codes);
	}
	str_free(&replies);
}

/* A NUL would hide the rest of the line. */
static void
rejects_a_nul_in_a_command(void **state)
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
	add_codes(&codes);
	assert_string_equal(str_text(&codes), "500 221 ");
	server_free(&s);
	str_free(&copy);
	str_free(&codes);
	str_free(&replies);
}

/* The server must read the data to its end.  Otherwise it would execute the
 * rest as commands. */
static void
rejects_a_message_that_cannot_be_stored(void **state)
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
	add_codes(&codes);
	assert_string_equal(str_text(&codes), "250 250 354 554 221 ");
	assert_string_equal(str_text(&performed), "<al@x> bob@x . ");
	server_free(&s);
	str_free(&sent);
	str_free(&codes);
	str_free(&replies);
	str_free(&performed);
}

static void
accepts_long_lines_in_a_message(void **state)
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
	add_codes(&codes);
	assert_string_equal(str_text(&codes), "250 250 354 250 221 ");
	server_free(&s);
	str_free(&sent);
	str_free(&codes);
	str_free(&replies);
	str_free(&performed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plays_each_scene_in_pieces_of_any_size),
		cmocka_unit_test(sends_complete_reply_lines),
		cmocka_unit_test(rejects_command_lines_that_are_too_long),
		cmocka_unit_test(rejects_a_nul_in_a_command),
		cmocka_unit_test(rejects_a_message_that_cannot_be_stored),
		cmocka_unit_test(accepts_long_lines_in_a_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
