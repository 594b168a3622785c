/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <inttypes.h>
#include <string.h>

#include "server/args.h"

/* The parsed argument, or "!" and the codes of the reply that rejects it. */
static const struct {
	enum mail_command command;
	const char *argument;
	const char *expected;
} cases[] = {
	{ COMMAND_MAIL, "FROM:<al@x.example>", "al@x.example" },
	{ COMMAND_MAIL, "from:<al@x.example>", "al@x.example" },
	{ COMMAND_MAIL, "FROM: <al@x.example>", "al@x.example" },
	{ COMMAND_MAIL, "FROM:al@x.example", "al@x.example" },
	{ COMMAND_MAIL, "FROM:<>", "" },
	{ COMMAND_MAIL, "FROM:<> BODY=7BIT", " 7" },
	{ COMMAND_MAIL, "FROM:<root>", "root" },
	{ COMMAND_MAIL, "FROM:<@a,@b:al@x.example>", "al@x.example" },
	{ COMMAND_MAIL, "FROM:<\"a> b\"@x.example> SIZE=7",
	    "\"a> b\"@x.example size=7" },
	{ COMMAND_MAIL, "FROM:<\"a\\\"> b\"@x.example>",
	    "\"a\\\"> b\"@x.example" },
	{ COMMAND_MAIL,
	    "FROM:<a@x> SIZE=100 body=8bitmime ret=Hdrs ENVID=QQ+2B1",
	    "a@x size=100 8 hdrs id=QQ+1" },
	{ COMMAND_MAIL, "FROM:<a@x>  SIZE=1 ", "a@x size=1" },
	{ COMMAND_MAIL, "FROM:<a@x> RET=FULL", "a@x full" },
	{ COMMAND_RCPT, "TO:<bob@x>", "bob@x" },
	{ COMMAND_RCPT, "TO:<postmaster>", "postmaster" },
	{ COMMAND_RCPT, "TO: bob@x notify=success,Failure,DELAY",
	    "bob@x notify=14" },
	{ COMMAND_RCPT, "TO:<bob@x> NOTIFY=NEVER ORCPT=rfc822;b+2Bc@y",
	    "bob@x notify=1 original=b+c@y" },
	{ COMMAND_RCPT, "TO:<bob@x> ORCPT=utf-8;b@y", "bob@x" },

	{ COMMAND_MAIL, "", "!501 5.5.4" },
	{ COMMAND_MAIL, "al@x", "!501 5.5.4" },
	{ COMMAND_MAIL, "TO:<al@x>", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<\"al>", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x>SIZE=3", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x>,<bob@x>", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x,bob@x>", "!553 5.1.7" },
	{ COMMAND_MAIL, "FROM:al@x,bob@x", "!553 5.1.7" },
	{ COMMAND_MAIL, "FROM:<al@>", "!553 5.1.7" },
	{ COMMAND_MAIL, "FROM:<@x>", "!553 5.1.7" },
	{ COMMAND_MAIL, "FROM:<al@x> SIZE=", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> SIZE=-1", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> SIZE=1x", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> SIZE", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> SIZE=4294967297", "!552 5.3.4" },
	{ COMMAND_MAIL, "FROM:<al@x> BODY=BINARYMIME", "!555 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> SMTPUTF8", "!555 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> AUTH=<>", "!555 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> NOTIFY=NEVER", "!555 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> RET=ALL", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> ENVID=", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> ENVID=a+0A", "!501 5.5.4" },
	{ COMMAND_RCPT, "TO:<>", "!553 5.1.3" },
	{ COMMAND_RCPT, "TO:<a b@x>", "!553 5.1.3" },
	{ COMMAND_RCPT, "TO:<Bob <bob@x>>", "!501 5.5.4" },
	{ COMMAND_RCPT, "TO:<|/bin/sh>", "!553 5.1.3" },
	{ COMMAND_RCPT, "TO:<bob@x> SIZE=1", "!555 5.5.4" },
	{ COMMAND_RCPT, "TO:<bob@x> NOTIFY=", "!501 5.5.4" },
	{ COMMAND_RCPT, "TO:<bob@x> NOTIFY=NEVER,DELAY", "!501 5.5.4" },
	{ COMMAND_RCPT, "TO:<bob@x> NOTIFY=DELAY,,FAILURE", "!501 5.5.4" },
	{ COMMAND_RCPT, "TO:<bob@x> NOTIFY=SOMETIMES", "!501 5.5.4" },
	{ COMMAND_RCPT, "TO:<bob@x> ORCPT=bob@y", "!501 5.5.4" },
	{ COMMAND_RCPT, "TO:<bob@x> ORCPT=rfc822;b+", "!501 5.5.4" },
};

static void
describe(const struct mail_args *args, struct str *out)
{
	str_add(out, args->address);
	if (args->size > 0)
		str_printf(out, " size=%" PRIu64, args->size);
	str_add(out, args->seven_bit ? " 7" : args->eight_bit ? " 8" : "");
	if (args->dsn.wanted != DSN_RETURN_DEFAULT)
		str_add(out,
		    args->dsn.wanted == DSN_RETURN_FULL ? " full" : " hdrs");
	if (args->dsn.envelope_id != NULL)
		str_printf(out, " id=%s", args->dsn.envelope_id);
	if (args->dsn.notify != 0)
		str_printf(out, " notify=%u", args->dsn.notify);
	if (args->original != NULL)
		str_printf(out, " original=%s", args->original);
}

static void
parses_paths_and_parameters(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct mail_args args = { 0 };
		struct server_reply reply = { 0 };
		struct str got = { 0 };

		if (mail_args_parse(&args, cases[i].command, cases[i].argument,
			&reply))
			describe(&args, &got);
		else
			str_printf(&got, "!%d %s", reply.status.code,
			    reply.status.enhanced);
		if (strcmp(str_text(&got), cases[i].expected) != 0)
			fail_msg("%s: got %s (%s), expected %s",
			    cases[i].argument, str_text(&got),
			    reply.text != NULL ? reply.text : "",
			    cases[i].expected);
		str_free(&got);
		server_reply_free(&reply);
		mail_args_free(&args);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_paths_and_parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
