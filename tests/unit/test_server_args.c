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
	{ COMMAND_MAIL, "FROM:<a@x> BODY=binaryMIME smtputf8",
	    "a@x binary utf8" },
	{ COMMAND_MAIL, "FROM:<m\xc3\xbcller@b\xc3\xbc.example> SMTPUTF8",
	    "m\xc3\xbcller@b\xc3\xbc.example utf8" },
	{ COMMAND_MAIL, "FROM:<a@x> REQUIRETLS BY=-60;NT MT-PRIORITY=-9",
	    "a@x tls by=-60;NT priority=-9" },
	{ COMMAND_MAIL, "FROM:<a@x> BY=0;N", "a@x by=0;N" },
	{ COMMAND_MAIL, "FROM:<a@x> BY=+010;RT", "a@x by=+010;RT" },
	{ COMMAND_MAIL, "FROM:<a@x> BY=120;R HOLDFOR=60",
	    "a@x by=120;R for=60" },
	{ COMMAND_MAIL, "FROM:<a@x> HOLDUNTIL=2026-12-24T18:00:00.5+01:00",
	    "a@x until=2026-12-24T18:00:00.5+01:00" },
	{ COMMAND_MAIL, "FROM:<a@x> HOLDUNTIL=2024-02-29T23:59:60Z",
	    "a@x until=2024-02-29T23:59:60Z" },
	{ COMMAND_MAIL, "FROM:<a@x> HOLDUNTIL=2026-12-24T18:00:00Z",
	    "a@x until=2026-12-24T18:00:00Z" },
	{ COMMAND_RCPT, "TO:<bob@x>", "bob@x" },
	{ COMMAND_RCPT, "TO:<m\xc3\xbcller@x>", "m\xc3\xbcller@x" },
	{ COMMAND_RCPT, "TO:<postmaster>", "postmaster" },
	{ COMMAND_RCPT, "TO: bob@x notify=success,Failure,DELAY",
	    "bob@x notify=14" },
	{ COMMAND_RCPT, "TO:<bob@x> NOTIFY=NEVER ORCPT=rfc822;b+2Bc@y",
	    "bob@x notify=1 original=b+c@y" },
	{ COMMAND_RCPT, "TO:<bob@x> ORCPT=utf-8;\\x{FC}@y",
	    "bob@x original=\xc3\xbc@y" },
	{ COMMAND_RCPT, "TO:<bob@x> ORCPT=x400;b@y", "bob@x" },

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
	{ COMMAND_MAIL, "FROM:<al@x> BODY=9BIT", "!555 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> BODY", "!555 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> SMTPUTF8=1", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> SMTPUTF8=", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> REQUIRETLS=YES", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> BY=3600", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> BY=;R", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> BY=1234567890;R", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> BY=1;X", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> BY=1;RX", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> BY=0;R", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> BY=+00;RT", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> BY=-60;R", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> HOLDFOR=0", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> HOLDFOR=1000000000", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> HOLDUNTIL=tomorrow", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> HOLDUNTIL=2026-02-30T18:00:00Z",
	    "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> HOLDUNTIL=2026-12-24T18:00:00+24:00",
	    "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> HOLDUNTIL=2026-12-24T18:00:00",
	    "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> HOLDUNTIL=2026-12-24T18:00:00+01",
	    "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> HOLDFOR=1 HOLDUNTIL=2026-12-24T18:00:00Z",
	    "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> MT-PRIORITY=10", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<al@x> MT-PRIORITY=-", "!501 5.5.4" },
	{ COMMAND_MAIL, "FROM:<m\xfcller@x> SMTPUTF8", "!553 5.1.7" },
	{ COMMAND_RCPT, "TO:<m\xfcller@x>", "!553 5.1.3" },
	{ COMMAND_RCPT, "TO:<bob@x> SMTPUTF8", "!555 5.5.4" },
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
	{ COMMAND_RCPT, "TO:<bob@x> ORCPT=utf-8;\\x{0A}@y", "!501 5.5.4" },
};

static void
describe_params(const struct mail_params *params, struct str *out)
{
	str_add(out, params->require_tls ? " tls" : "");
	if (params->deliver_by != NULL)
		str_printf(out, " by=%s", params->deliver_by);
	if (params->hold_for != 0)
		str_printf(out, " for=%u", params->hold_for);
	if (params->hold_until != NULL)
		str_printf(out, " until=%s", params->hold_until);
	if (params->priority != NULL)
		str_printf(out, " priority=%s", params->priority);
}

static void
describe(const struct mail_args *args, struct str *out)
{
	str_add(out, args->address);
	if (args->size > 0)
		str_printf(out, " size=%" PRIu64, args->size);
	str_add(out, args->seven_bit ? " 7" : args->eight_bit ? " 8" : "");
	str_add(out, args->binarymime ? " binary" : "");
	str_add(out, args->smtputf8 ? " utf8" : "");
	describe_params(&args->params, out);
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
