/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <inttypes.h>
#include <string.h>

#include "server/args.h"

/* What is asked for, or how it is refused. */
static const struct {
	enum request_verb verb;
	const char *argument;
	const char *wanted;
} cases[] = {
	{ REQUEST_MAIL, "FROM:<al@x.example>", "al@x.example" },
	{ REQUEST_MAIL, "from:<al@x.example>", "al@x.example" },
	{ REQUEST_MAIL, "FROM: <al@x.example>", "al@x.example" },
	{ REQUEST_MAIL, "FROM:al@x.example", "al@x.example" },
	{ REQUEST_MAIL, "FROM:<>", "" },
	{ REQUEST_MAIL, "FROM:<> BODY=7BIT", " 7" },
	{ REQUEST_MAIL, "FROM:<root>", "root" },
	{ REQUEST_MAIL, "FROM:<@a,@b:al@x.example>", "al@x.example" },
	{ REQUEST_MAIL, "FROM:<\"a> b\"@x.example> SIZE=7",
	    "\"a> b\"@x.example size=7" },
	{ REQUEST_MAIL, "FROM:<\"a\\\"> b\"@x.example>",
	    "\"a\\\"> b\"@x.example" },
	{ REQUEST_MAIL,
	    "FROM:<a@x> SIZE=100 body=8bitmime ret=Hdrs ENVID=QQ+2B1",
	    "a@x size=100 8 hdrs id=QQ+1" },
	{ REQUEST_MAIL, "FROM:<a@x>  SIZE=1 ", "a@x size=1" },
	{ REQUEST_MAIL, "FROM:<a@x> RET=FULL", "a@x full" },
	{ REQUEST_RCPT, "TO:<bob@x>", "bob@x" },
	{ REQUEST_RCPT, "TO:<postmaster>", "postmaster" },
	{ REQUEST_RCPT, "TO: bob@x notify=success,Failure,DELAY",
	    "bob@x notify=14" },
	{ REQUEST_RCPT, "TO:<bob@x> NOTIFY=NEVER ORCPT=rfc822;b+2Bc@y",
	    "bob@x notify=1 original=b+c@y" },
	{ REQUEST_RCPT, "TO:<bob@x> ORCPT=utf-8;b@y", "bob@x" },

	{ REQUEST_MAIL, "", "!501 5.5.4" },
	{ REQUEST_MAIL, "al@x", "!501 5.5.4" },
	{ REQUEST_MAIL, "TO:<al@x>", "!501 5.5.4" },
	{ REQUEST_MAIL, "FROM:", "!501 5.5.4" },
	{ REQUEST_MAIL, "FROM:<al@x", "!501 5.5.4" },
	{ REQUEST_MAIL, "FROM:<\"al>", "!501 5.5.4" },
	{ REQUEST_MAIL, "FROM:<al@x>SIZE=3", "!501 5.5.4" },
	{ REQUEST_MAIL, "FROM:<al@x>,<bob@x>", "!501 5.5.4" },
	{ REQUEST_MAIL, "FROM:<al@x,bob@x>", "!553 5.1.7" },
	{ REQUEST_MAIL, "FROM:al@x,bob@x", "!553 5.1.7" },
	{ REQUEST_MAIL, "FROM:<al@>", "!553 5.1.7" },
	{ REQUEST_MAIL, "FROM:<@x>", "!553 5.1.7" },
	{ REQUEST_MAIL, "FROM:<al@x> SIZE=", "!501 5.5.4" },
	{ REQUEST_MAIL, "FROM:<al@x> SIZE=-1", "!501 5.5.4" },
	{ REQUEST_MAIL, "FROM:<al@x> SIZE=1x", "!501 5.5.4" },
	{ REQUEST_MAIL, "FROM:<al@x> SIZE", "!501 5.5.4" },
	{ REQUEST_MAIL, "FROM:<al@x> SIZE=4294967297", "!552 5.3.4" },
	{ REQUEST_MAIL, "FROM:<al@x> BODY=BINARYMIME", "!555 5.5.4" },
	{ REQUEST_MAIL, "FROM:<al@x> SMTPUTF8", "!555 5.5.4" },
	{ REQUEST_MAIL, "FROM:<al@x> AUTH=<>", "!555 5.5.4" },
	{ REQUEST_MAIL, "FROM:<al@x> NOTIFY=NEVER", "!555 5.5.4" },
	{ REQUEST_MAIL, "FROM:<al@x> RET=ALL", "!501 5.5.4" },
	{ REQUEST_MAIL, "FROM:<al@x> ENVID=", "!501 5.5.4" },
	{ REQUEST_MAIL, "FROM:<al@x> ENVID=a+0A", "!501 5.5.4" },
	{ REQUEST_RCPT, "TO:<>", "!553 5.1.3" },
	{ REQUEST_RCPT, "TO:<a b@x>", "!553 5.1.3" },
	{ REQUEST_RCPT, "TO:<Bob <bob@x>>", "!501 5.5.4" },
	{ REQUEST_RCPT, "TO:<|/bin/sh>", "!553 5.1.3" },
	{ REQUEST_RCPT, "TO:<bob@x> SIZE=1", "!555 5.5.4" },
	{ REQUEST_RCPT, "TO:<bob@x> NOTIFY=", "!501 5.5.4" },
	{ REQUEST_RCPT, "TO:<bob@x> NOTIFY=NEVER,DELAY", "!501 5.5.4" },
	{ REQUEST_RCPT, "TO:<bob@x> NOTIFY=DELAY,,FAILURE", "!501 5.5.4" },
	{ REQUEST_RCPT, "TO:<bob@x> NOTIFY=SOMETIMES", "!501 5.5.4" },
	{ REQUEST_RCPT, "TO:<bob@x> ORCPT=bob@y", "!501 5.5.4" },
	{ REQUEST_RCPT, "TO:<bob@x> ORCPT=rfc822;b+", "!501 5.5.4" },
};

static void
describe(const struct mail_args *r, struct str *out)
{
	str_add(out, r->address);
	if (r->size > 0)
		str_printf(out, " size=%" PRIu64, r->size);
	str_add(out, r->seven_bit ? " 7" : r->eight_bit ? " 8" : "");
	if (r->dsn.wanted != DSN_RETURN_DEFAULT)
		str_add(out,
		    r->dsn.wanted == DSN_RETURN_FULL ? " full" : " hdrs");
	if (r->dsn.envelope_id != NULL)
		str_printf(out, " id=%s", r->dsn.envelope_id);
	if (r->dsn.notify != 0)
		str_printf(out, " notify=%u", r->dsn.notify);
	if (r->original != NULL)
		str_printf(out, " original=%s", r->original);
}

static void
reads_paths_and_parameters(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct mail_args r = { 0 };
		struct server_reply a = { 0 };
		struct str got = { 0 };

		if (mail_args_parse(&r, cases[i].verb, cases[i].argument, &a))
			describe(&r, &got);
		else
			str_printf(&got, "!%d %s", a.status.code,
			    a.status.enhanced);
		if (strcmp(str_text(&got), cases[i].wanted) != 0)
			fail_msg("%s: got %s (%s), not %s", cases[i].argument,
			    str_text(&got), a.text != NULL ? a.text : "",
			    cases[i].wanted);
		str_free(&got);
		server_reply_free(&a);
		mail_args_free(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_paths_and_parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
