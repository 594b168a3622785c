/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The command lines of programs that call sendmail, as in their source. */
#include "argv.h"

static const struct argv_row rows[] = {
	/* cron and similar programs */
	{ "/usr/sbin/sendmail|-FCronDaemon|-i|-B8BITMIME|-oem|root",
	    "send F=CronDaemon i B=8bit e=m (root)" },
	{ "/usr/sbin/sendmail|-FCronDaemon|-i|-odi|-oem|-oi|-t|-f|root",
	    "send f=root F=CronDaemon t i e=m" },
	{ "/usr/sbin/sendmail|-FCronDaemon|-i|-odi|-oem|-oi|-t|-f|<>",
	    "send f=<> F=CronDaemon t i e=m" },
	{ "/usr/sbin/sendmail|-FCronDaemon|-odi|-oem|-oi|-t",
	    "send F=CronDaemon t i e=m" },
	{ "/usr/sbin/sendmail|-FCronDaemon|-odi|-oem|-or0s|root",
	    "send F=CronDaemon e=m (root)" },
	{ "/usr/sbin/sendmail|-FCronDaemon|-odi|-oem|me",
	    "send F=CronDaemon e=m (me)" },
	{ "sendmail|-Ffcron|-odi|me@x", "send F=fcron (me@x)" },
	{ "sendmail|-ti", "send t i" },
	{ "sendmail|-i|-B|8BITMIME|a@x, b@x", "send i B=8bit (a@x, b@x)" },
	{ "sendmail|-i|-B8BITMIME|root", "send i B=8bit (root)" },
	{ "/usr/sbin/sendmail|-FAnacron|-odi|root", "send F=Anacron (root)" },
	{ "/usr/sbin/sendmail|-i|me", "send i (me)" },
	/* system programs */
	{ "sendmail|-t", "send t" },
	{ "/usr/sbin/sendmail|a@x|b@x|c@x", "send (a@x) (b@x) (c@x)" },
	{ "/usr/lib/sendmail|-odi|root", "send (root)" },
	{ "/usr/sbin/sendmail|-f|fail2ban|root", "send f=fail2ban (root)" },
	{ "/usr/sbin/sendmail|-oi|-t", "send t i" },
	{ "sendmail|-t|-oi", "send t i" },
	{ "sendmail|-oi|-f|a@x|b@x", "send f=a@x i (b@x)" },
	{ "/usr/sbin/sendmail|-f|a@x|-oi|-oem|b@x|c@x",
	    "send f=a@x i e=m (b@x) (c@x)" },
	{ "/usr/sbin/sendmail|-f|me@h|-F|Me Too|a@x|b@x,|c@x",
	    "send f=me@h F=Me Too (a@x) (b@x,) (c@x)" },
	{ "sendmail|-f|a@x|-it", "send f=a@x t i" },
	{ "/usr/lib/sendmail|-fa@x|-t", "send f=a@x t" },
	{ "/usr/sbin/sendmail|-t|-f|backuppc", "send f=backuppc t" },
	{ "/usr/lib/sendmail|-oi|-t|-f|a@x|-F|Mon", "send f=a@x F=Mon t i" },
	{ "sendmail|-i|a@x", "send i (a@x)" },
	/* PHP, Ruby, Perl, Python, JavaScript, Go */
	{ "/usr/sbin/sendmail|-t|-i", "send t i" },
	{ "/usr/sbin/sendmail|-t|-i|-fwww@x", "send f=www@x t i" },
	{ "/usr/sbin/sendmail|-t|-i|-oi|-fwww@x|-t", "send f=www@x t i" },
	{ "/usr/sbin/sendmail|-oi|-fwww@x|-t", "send f=www@x t i" },
	{ "/usr/sbin/sendmail|-bs", "serve" },
	{ "/usr/sbin/sendmail|-i|-fa@x|--|b@x|c@x",
	    "send f=a@x i (b@x) (c@x)" },
	{ "/usr/sbin/sendmail|-i|-f|a@x|--|b@x", "send f=a@x i (b@x)" },
	{ "sendmail|-i|-f|a@x|b@x|c@x", "send f=a@x i (b@x) (c@x)" },
	{ "sendmail|-f|a@x|-i|b@x", "send f=a@x i (b@x)" },
	{ "/usr/lib/sendmail|-t|-oi|-oem|-fa@x", "send f=a@x t i e=m" },
	{ "/usr/sbin/sendmail|-f|a@x|b@x", "send f=a@x (b@x)" },
	{ "/usr/sbin/sendmail|-oi|-t|-f|a@x|-f|b+verp@x",
	    "send f=b+verp@x t i" },
	{ "/usr/sbin/sendmail|-oi|-t|-f|<>", "send f=<> t i" },
	{ "/usr/sbin/sendmail|-oi|-ODeliveryMode=b|-OErrorMode=m|a@x",
	    "send i e=m (a@x)" },
	/* lists and news */
	{ "sendmail|-oi|-odi|-oem|-N|success,delay,failure|-VabcdefGH|-f|l@x|"
	  "--|a@x|b@x",
	    "send f=l@x i N=success N=failure N=delay V=abcdefGH e=m "
	    "(a@x) (b@x)" },
	{ "sendmail|-oi|-odi|-oem|-f||--|a@x", "send f=<> i e=m (a@x)" },
	{ "sendmail|-oem|-odb|-oi|-om|-flist-request@x|-t",
	    "send f=list-request@x t i e=m" },
	{ "sendmail|-oep|me", "send (me)" },
	{ "sendmail|-odq|me@x", "send (me@x)" },
	{ "sendmail|-oee|-odq|-fa@x|-pNNTP:news.x|b@x",
	    "send f=a@x e=e (b@x)" },
	/* mail programs */
	{ "sendmail|-oem|-oi|-B8BITMIME|-f|a@x|-N|failure|-R|hdrs|--|b@x",
	    "send f=a@x i B=8bit N=failure R=hdrs e=m (b@x)" },
	{ "sendmail|-oem|-oi|--|b@x", "send i e=m (b@x)" },
	{ "sendmail|-bs|-odi|-oem|-om|-ov", "serve e=m v" },
	{ "/usr/sbin/sendmail|-t|-i|-v", "send t i v" },
	{ "sendmail|-i|-m|-v|-f|a@x|-F|A B|--|b@x",
	    "send f=a@x F=A B i v (b@x)" },
	{ "sendmail|-oi|-f|a@x|-oA/etc/aliases|-oep|-odi|-t",
	    "send f=a@x t i" },
	{ "sendmail|-oi|-f|a@x|-oem|-odb|b@x, C <c@x>",
	    "send f=a@x i e=m (b@x, C <c@x>)" },
	/* delivery agents */
	{ "sendmail|-oi", "send i" },
	{ "sendmail|-f|", "send f=<>" },
	{ "sendmail|-Nsuccess,delay,failure|-f|a@x",
	    "send f=a@x N=success N=failure N=delay" },
	{ "/usr/sbin/sendmail|-i|-f|<>|--|b@x", "send f=<> i (b@x)" },
	{ "sendmail|-G|-oee|-odq|-oi|-pUUCP:host|-fa@x|<b@x>",
	    "send f=a@x i G e=e (<b@x>)" },
	{ "sendmail|-oi|-f|me|--|b@x", "send f=me i (b@x)" },
	{ "sendmail|-eq|-f|me|b@x", "send f=me e=q (b@x)" },
	{ "/usr/sbin/sendmail|-i|-odd|-f|a@x|--|b@x", "send f=a@x i (b@x)" },
	/* queue monitors, maintainer scripts */
	{ "sendmail|-q", "run" },
	{ "sendmail|-q|-Ac", "run" },
	{ "mailq", "queue" },
	{ "/usr/bin/mailq|-Ac", "queue" },
	{ "mailq|-C|/etc/postfix", "queue" },
	{ "mailq|-v", "queue v" },
	{ "mailq|-q", "queue" },
	{ "newaliases", "aliases" },
};

static void
accepts_the_command_lines_of_all_callers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		check_argv(&rows[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_the_command_lines_of_all_callers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
