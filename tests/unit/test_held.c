/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "server/held.h"
#include "server_client.h"

/* Actions that learn the reply to a command when its group has ended. */

static char open_addresses[10][20];
static size_t open_count;
static bool has_whole;
static size_t rejected_by_policy;

static void
leave_open(const char *address)
{
	assert_true(open_count < 10 && strlen(address) < 20);
	memcpy(open_addresses[open_count++], address, strlen(address) + 1);
	str_printf(&performed, "%s ", address);
}

static void
open_sender(void *ctx, const struct mail_args *args, struct server_reply *reply)
{
	(void)ctx;
	(void)reply;
	leave_open(args->address);
}

/* What the policy rejects has its reply at once, and a repeated recipient waits
 * for the group. */
static bool
open_recipient(void *ctx, const struct mail_args *args,
    struct server_reply *reply)
{
	(void)ctx;
	for (size_t i = 0; i < open_count; i++)
		if (strcmp(open_addresses[i], args->address) == 0)
			return false;
	if (strcmp(args->address, "policy@x") != 0) {
		leave_open(args->address);
		return true;
	}
	rejected_by_policy++;
	server_reply_set(reply, 552, "5.7.1", "policy");
	return true;
}

static void
on_group(void *ctx, struct server_reply *open, size_t count)
{
	(void)ctx;
	assert_int_equal(count, open_count);
	for (size_t i = 0; i < count; i++)
		server_reply_set(&open[i],
		    strcmp(open_addresses[i], "no@x") == 0 ? 550 : 250, "",
		    "reply");
	str_printf(&performed, "%zu! ", count);
	assert_true(rejected_by_policy <= SERVER_RECIPIENTS_MAX);
	open_count = 0;
}

static bool
on_whole(void *ctx, struct message *m, struct server_reply *reply)
{
	if (!has_whole)
		return false;
	str_add(&performed, "whole ");
	on_message(ctx, m, reply);
	return true;
}

static const struct server_actions open_actions = { .sender = open_sender,
	.recipient = open_recipient,
	.message = on_message,
	.group = on_group,
	.whole = on_whole,
	.reset = on_reset };

/* All of the input is there from the beginning. */
struct scene {
	const char *name;
	const char *sent;
	const char *replies; /* the codes of the replies after the greeting */
	const char *actions; /* "2!" is the end of a group with two replies */
	bool has_whole;
};

#define ENVELOPE "MAIL FROM:<al@x>\r\nRCPT TO:<bob@x>\r\n"
/* 16 octets of message data. */
#define LAST "BDAT 16 LAST\r\nSubject: t\r\n\r\nhi"
#define SENT "[Subject: t|hi|] . "

static const struct scene scenes[] = {
	{ "a whole message", ENVELOPE LAST "QUIT\r\n", "250 250 250 221 ",
	    "al@x bob@x whole [Subject: t|hi|] 2! . ", true },
	{ "a whole message that the action does not take",
	    ENVELOPE LAST "QUIT\r\n", "250 250 250 221 ", "al@x bob@x 2! " SENT,
	    false },
	{ "a message without QUIT", ENVELOPE LAST "NOOP\r\n",
	    "250 250 250 250 ", "al@x bob@x 2! " SENT, true },
	{ "QUIT with an argument", ENVELOPE LAST "QUIT now\r\n",
	    "250 250 250 501 ", "al@x bob@x 2! " SENT, true },
	{ "the sender is rejected",
	    "MAIL FROM:<no@x>\r\nRCPT TO:<bob@x>\r\n" LAST "QUIT\r\n",
	    "550 503 503 221 ", "no@x bob@x 2! ", false },
	{ "the sender of a whole message is rejected",
	    "MAIL FROM:<no@x>\r\nRCPT TO:<bob@x>\r\n" LAST "QUIT\r\n",
	    "550 503 503 221 ", "no@x bob@x whole [Subject: t|hi|] 2! . ",
	    true },
	{ "all recipients are rejected",
	    "MAIL FROM:<al@x>\r\nRCPT TO:<no@x>\r\n" LAST "QUIT\r\n",
	    "250 550 554 221 ", "al@x no@x 2! . ", false },
	{ "all recipients of a whole message are rejected",
	    "MAIL FROM:<al@x>\r\nRCPT TO:<no@x>\r\n" LAST "QUIT\r\n",
	    "250 550 554 221 ", "al@x no@x whole [Subject: t|hi|] 2! . ",
	    true },
	{ "the reply of the policy keeps its place",
	    ENVELOPE "RCPT TO:<policy@x>\r\nRCPT TO:<c@x>\r\n" LAST "QUIT\r\n",
	    "250 250 552 250 250 221 ", "al@x bob@x c@x 3! " SENT, false },
	{ "no recipient is open",
	    "MAIL FROM:<al@x>\r\nRCPT TO:<policy@x>\r\n" LAST "QUIT\r\n",
	    "250 552 554 221 ", "al@x 1! . ", true },
	{ "a repeated recipient ends the group",
	    ENVELOPE "RCPT TO:<bob@x>\r\n" LAST "QUIT\r\n",
	    "250 250 250 250 221 ", "al@x bob@x 2! bob@x 1! " SENT, false },
	{ "a repeated recipient after a rejected sender",
	    "MAIL FROM:<no@x>\r\nRCPT TO:<bob@x>\r\nRCPT TO:<bob@x>\r\n"
	    "QUIT\r\n",
	    "550 503 503 221 ", "no@x bob@x 2! ", false },
	{ "DATA ends the group",
	    ENVELOPE "DATA\r\nSubject: t\r\n\r\nhi\r\n.\r\nQUIT\r\n",
	    "250 250 354 250 221 ", "al@x bob@x 2! " SENT, true },
	{ "BDAT without LAST ends the group",
	    ENVELOPE "BDAT 16\r\nSubject: t\r\n\r\nhiBDAT 0 LAST\r\nQUIT\r\n",
	    "250 250 250 250 221 ", "al@x bob@x 2! " SENT, true },
	{ "BDAT without a size ends the group", ENVELOPE "BDAT x LAST\r\n",
	    "250 250 501 421 ", "al@x bob@x 2! ", true },
	{ "RSET ends the group", ENVELOPE "RSET\r\nQUIT\r\n",
	    "250 250 250 221 ", "al@x bob@x 2! . ", true },
	{ "a second MAIL ends the group",
	    "MAIL FROM:<no@x>\r\nMAIL FROM:<al@x>\r\nQUIT\r\n", "550 250 221 ",
	    "no@x 1! al@x 1! ", true },
	{ "an unknown command ends the group", ENVELOPE "XYZ\r\nQUIT\r\n",
	    "250 250 500 221 ", "al@x bob@x 2! ", true },
	{ "a control character ends the group", ENVELOPE "RCPT\x01\r\nQUIT\r\n",
	    "250 250 500 221 ", "al@x bob@x 2! ", true },
	{ "RCPT without an argument ends the group",
	    ENVELOPE "RCPT\r\nQUIT\r\n", "250 250 501 221 ", "al@x bob@x 2! ",
	    true },
	{ "a syntax error keeps its place",
	    ENVELOPE "RCPT FROM:<x>\r\nRCPT TO:<c@x>\r\nQUIT\r\n",
	    "250 250 501 250 221 ", "al@x bob@x c@x 3! ", true },
	{ "end of input after RCPT", ENVELOPE, "250 250 ", "al@x bob@x 2! ",
	    true },
	{ "end of input in the message", ENVELOPE "BDAT 20 LAST\r\na: b", "",
	    "al@x bob@x ", true },
	{ "two messages", ENVELOPE LAST ENVELOPE LAST "QUIT\r\n",
	    "250 250 250 250 250 250 221 ",
	    "al@x bob@x 2! " SENT "al@x bob@x 2! " SENT, false },
};

static void
play(const struct scene *scene)
{
	struct server s;
	struct str codes = { 0 };

	start(&s, scene->sent);
	s.actions = &open_actions;
	open_count = 0;
	has_whole = scene->has_whole;
	rejected_by_policy = 0;
	server_run(&s, NULL);
	add_codes(&codes);
	if (strcmp(str_text(&codes), scene->replies) != 0)
		fail_msg("%s, pieces of %zu: replies %s", scene->name, piece,
		    str_text(&replies));
	if (strcmp(str_text(&performed), scene->actions) != 0)
		fail_msg("%s, pieces of %zu: actions %s", scene->name, piece,
		    str_text(&performed));
	str_free(&codes);
	server_free(&s);
}

static void
keeps_the_order_of_the_replies(void **state)
{
	static const size_t pieces[] = { 1, 3, 17, SIZE_MAX };

	(void)state;
	for (size_t p = 0; p < COUNT_OF(pieces); p++) {
		piece = pieces[p];
		for (size_t i = 0; i < COUNT_OF(scenes); i++)
			play(&scenes[i]);
	}
	str_free(&replies);
	str_free(&performed);
}

/* A client that only sends RCPT gets replies before it ends. */
static void
limits_a_group(void **state)
{
	struct str sent = { 0 };
	struct server s;

	(void)state;
	piece = SIZE_MAX;
	str_add(&sent, "MAIL FROM:<al@x>\r\n");
	for (size_t i = 0; i < 30000; i++)
		str_add(&sent, "RCPT TO:<policy@x>\r\n");
	start(&s, str_text(&sent));
	s.actions = &open_actions;
	open_count = rejected_by_policy = 0;
	server_run(&s, NULL);
	assert_string_equal(str_text(&performed), "al@x 1! ");
	server_free(&s);
	str_free(&sent);
	str_free(&replies);
	str_free(&performed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_order_of_the_replies),
		cmocka_unit_test(limits_a_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
