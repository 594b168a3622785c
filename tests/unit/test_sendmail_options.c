/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/sendmail_options.h"

#include "argv.h"

/* The options of sendmail and of other mailers, in alphabetical order. */
static const struct argv_row rows[] = {
	{ "sendmail|-Ac|-Am|a@x", "send (a@x)" },
	{ "sendmail|-A|c|a@x", "send (a@x)" },
	{ "sendmail|-Ax", "!-A is followed by one of c, m, not by \"x\"" },
	{ "sendmail|-B8BITMIME|a@x", "send B=8bit (a@x)" },
	{ "sendmail|-B|8BITMIME|a@x", "send B=8bit (a@x)" },
	{ "sendmail|-B|7bit|a@x", "send B=7bit (a@x)" },
	{ "sendmail|-BBINARYMIME|a@x", "send noted (a@x)" },
	{ "sendmail|-ba", "!this protocol is obsolete" },
	{ "sendmail|-bd", "!-bd: daemon mode is not supported" },
	{ "sendmail|-bD", "!daemon mode is not" },
	{ "sendmail|-bl", "!daemon mode is not" },
	{ "sendmail|-bd|-q30m", "!daemon mode is not" },
	{ "sendmail|-bh", "status" },
	{ "sendmail|-bH", "purge" },
	{ "sendmail|-bi", "aliases" },
	{ "sendmail|-I", "aliases" },
	{ "sendmail|-bm|a@x", "send (a@x)" },
	{ "sendmail|-b|m|a@x", "send (a@x)" },
	{ "sendmail|-bp", "queue" },
	{ "sendmail|-bpc", "!-b is followed by one of" },
	{ "sendmail|-bpr", "!not by \"pr\"" },
	{ "sendmail|-bP", "!meaning differs" },
	{ "sendmail|-bs", "serve" },
	{ "sendmail|-bs|-odb|-oem", "serve e=m" },
	{ "sendmail|-bs|-t|a@x", "serve t (a@x)" },
	{ "sendmail|-bS", "!batched SMTP" },
	{ "sendmail|-bt", "!test mode" },
	{ "sendmail|-bT", "!test mode" },
	{ "sendmail|-bC", "!test mode" },
	{ "sendmail|-bF", "!test mode" },
	{ "sendmail|-bf", "!test mode" },
	{ "sendmail|-be", "!test mode" },
	{ "sendmail|-brt", "!test mode" },
	{ "sendmail|-brw", "!test mode" },
	{ "sendmail|-bV", "!test mode" },
	{ "sendmail|-bw", "!test mode" },
	{ "sendmail|-bI:", "!test mode" },
	{ "sendmail|-bv|a@x|b", "verify (a@x) (b)" },
	{ "sendmail|-bz", "!not by \"z\"" },
	{ "sendmail|-b", "!-b needs an argument" },
	{ "sendmail|-b|", "!not by \"\"" },
	{ "sendmail|-C|/tmp/evil",
	    "!-C: not accepted under this name: use veredus" },
	{ "sendmail|-C/tmp/evil", "!use veredus" },
	{ "veredus|-C|/tmp/mine|a@x", "send C=/tmp/mine (a@x)" },
	{ "veredus|-C/tmp/mine|a@x", "send C=/tmp/mine (a@x)" },
	{ "sendmail|-c|a@x", "send (a@x)" },
	{ "sendmail|-D|/tmp/x|a@x", "!meaning differs" },
	{ "sendmail|-D/tmp/x", "!meaning differs" },
	{ "sendmail|-d|a@x", "send d (a@x)" },
	{ "sendmail|-d0-99.1|a@x", "send d (a@x)" },
	{ "sendmail|-d99|-t", "send t d" },
	{ "sendmail|-E|-J|a@x", "send (a@x)" },
	{ "sendmail|-Eabc|-Jabc|a@x", "send (a@x)" },
	{ "sendmail|-em|a@x", "send e=m (a@x)" },
	{ "sendmail|-eq|a@x", "send e=q (a@x)" },
	{ "sendmail|-e|q|a@x", "send e=q (a@x)" },
	{ "sendmail|-ex|a@x", "send noted (a@x)" },
	{ "sendmail|-FCronDaemon|a@x", "send F=CronDaemon (a@x)" },
	{ "sendmail|-F|Al \"the\" B|a@x", "send F=Al \"the\" B (a@x)" },
	{ "sendmail|-F|A\r\nBcc: e@x|a@x", "send F=A Bcc: e@x (a@x)" },
	{ "sendmail|-F||a@x", "send F= (a@x)" },
	{ "sendmail|-f|b@x|a@x", "send f=b@x (a@x)" },
	{ "sendmail|-fb@x|a@x", "send f=b@x (a@x)" },
	{ "sendmail|-r|b@x|a@x", "send f=b@x (a@x)" },
	{ "sendmail|-rb@x|a@x", "send f=b@x (a@x)" },
	{ "sendmail|-G|a@x", "send G (a@x)" },
	{ "sendmail|-h|3|a@x", "send (a@x)" },
	{ "sendmail|-h3|a@x", "send (a@x)" },
	{ "sendmail|-i|a@x", "send i (a@x)" },
	{ "sendmail|-L|tag|a@x", "send L=tag (a@x)" },
	{ "sendmail|-La b\r\n%s/\xc3\xbc|a@x", "send L=a_b___s___ (a@x)" },
	{ "sendmail|-L||a@x", "send (a@x)" },
	{ "sendmail|-Mrm|x", "!meaning differs" },
	{ "sendmail|-m|-om|a@x", "send (a@x)" },
	{ "sendmail|-N|never|a@x", "send N=never (a@x)" },
	{ "sendmail|-Nsuccess,delay|a@x", "send N=success N=delay (a@x)" },
	{ "sendmail|-N|FAILURE , delay|a@x", "send N=failure N=delay (a@x)" },
	{ "sendmail|-N|never,delay|a@x", "send noted (a@x)" },
	{ "sendmail|-N|often|a@x", "send noted (a@x)" },
	{ "sendmail|-N|success,|a@x", "send noted (a@x)" },
	{ "sendmail|-N|success failure|a@x", "send noted (a@x)" },
	{ "sendmail|-N||a@x", "send noted (a@x)" },
	{ "sendmail|-n|a@x", "send (a@x)" },
	{ "sendmail|-ODeliveryMode=b|-OErrorMode=m|a@x", "send e=m (a@x)" },
	{ "sendmail|-O|IgnoreDots|a@x", "send i (a@x)" },
	{ "sendmail|-OIgnoreDots=false|a@x", "send (a@x)" },
	{ "sendmail|-O|ignoredots=true|a@x", "send i (a@x)" },
	{ "sendmail|-OErrorMode|a@x", "send noted (a@x)" },
	{ "sendmail|-OQueueDirectory=/tmp/x|a@x", "send (a@x)" },
	{ "sendmail|-Osmtputf8=yes|a@x", "send (a@x)" },
	{ "sendmail|-Orequiretls=no|a@x", "send (a@x)" },
	{ "sendmail|-Orequiretls=yes|a@x", "send require_tls=on (a@x)" },
	{ "sendmail|-oi|a@x", "send i (a@x)" },
	{ "sendmail|-o|i|a@x", "send i (a@x)" },
	{ "sendmail|-oitrue|a@x", "send i (a@x)" },
	{ "sendmail|-i|-oifalse|a@x", "send (a@x)" },
	{ "sendmail|-oem|a@x", "send e=m (a@x)" },
	{ "sendmail|-oep|a@x", "send (a@x)" },
	{ "sendmail|-oeq|a@x", "send e=q (a@x)" },
	{ "sendmail|-oew|a@x", "send e=w (a@x)" },
	{ "sendmail|-oee|a@x", "send e=e (a@x)" },
	{ "sendmail|-oe|a@x", "send noted (a@x)" },
	{ "sendmail|-ov|a@x", "send v (a@x)" },
	{ "sendmail|-odb|-odi|-odf|-odq|-odd|a@x", "send (a@x)" },
	{ "sendmail|-o7|-o8|-or0s|-os|-oT3d|-oL9|a@x", "send (a@x)" },
	{ "sendmail|-oA/etc/aliases|-oQ/tmp/x|-oX8|a@x", "send (a@x)" },
	{ "sendmail|-oPpostmaster|-oMrlocal|-o||a@x", "send (a@x)" },
	{ "sendmail|-pNNTP:host|a@x", "send (a@x)" },
	{ "sendmail|-p|SMTP|a@x", "send (a@x)" },
	{ "sendmail|-Q", "!quarantine" },
	{ "sendmail|-Qreason", "!quarantine" },
	{ "sendmail|-q", "run" },
	{ "sendmail|-q30m", "run" },
	{ "sendmail|-qIxyz|-qf|-qGgroup|-qRhost|-qSfrom", "run" },
	{ "sendmail|-qp10|-Ac", "run" },
	{ "sendmail|-q|a@x", "!takes no recipients" },
	{ "sendmail|-q|30m", "!takes no recipients" },
	{ "sendmail|-R|full|a@x", "send R=full (a@x)" },
	{ "sendmail|-Rhdrs|a@x", "send R=hdrs (a@x)" },
	{ "sendmail|-R|HDRS|a@x", "send R=hdrs (a@x)" },
	{ "sendmail|-R|headers|a@x", "send R=hdrs (a@x)" },
	{ "sendmail|-Rfull|-Roff|a@x", "send (a@x)" },
	{ "sendmail|-N|success|-N|off|a@x", "send (a@x)" },
	{ "sendmail|-Rhalf|a@x", "send noted (a@x)" },
	{ "sendmail|-S", "!meaning differs" },
	{ "veredus|-S", "serverinfo" },
	{ "sendmail|-P|a@x", "!use veredus -P" },
	{ "veredus|-P|a@x", "pretend (a@x)" },
	{ "sendmail|-s|-T|a@x", "send (a@x)" },
	{ "sendmail|-t", "send t" },
	{ "sendmail|-U|a@x", "send (a@x)" },
	{ "sendmail|-V|QQ314159|a@x", "send V=QQ314159 (a@x)" },
	{ "sendmail|-Va+2Bb|a@x", "send V=a+b (a@x)" },
	{ "sendmail|-Va+0Ab|a@x", "send noted (a@x)" },
	{ "sendmail|-Va+2b|a@x", "send noted (a@x)" },
	{ "sendmail|-Va+2|a@x", "send noted (a@x)" },
	{ "sendmail|-Va=b|a@x", "send noted (a@x)" },
	{ "sendmail|-V|a b|a@x", "send noted (a@x)" },
	{ "sendmail|-V||a@x", "send noted (a@x)" },
	{ "sendmail|-V+=|a@x", "send noted (a@x)" },
	{ "sendmail|-v|a@x", "send v (a@x)" },
	{ "sendmail|-X|/tmp/x|a@x",
	    "!-X: not accepted under this name: use veredus" },
	{ "sendmail|-X/tmp/x|a@x", "!use veredus" },
	{ "mailq|-X/tmp/x", "!use veredus" },
	{ "veredus|-X|/tmp/x|a@x", "send logfile=/tmp/x (a@x)" },
	{ "veredus|-X-|a@x", "send logfile=- (a@x)" },
	{ "sendmail|-x|a@x", "send (a@x)" },
	{ "sendmail|-z|text", "!not supported" },
	{ "sendmail|-i|--|a@x", "send i (a@x)" },
	{ "sendmail|--version", "version" },
	{ "sendmail|--help", "help" },
	{ "veredus|-a|work|a@x", "send a=work (a@x)" },
	{ "veredus|-awork|a@x", "send a=work (a@x)" },
	{ "sendmail|-a|work|a@x", "!use veredus -a" },
	{ "veredus|-4|a@x", "send address_family=ipv4 (a@x)" },
	{ "veredus|-6|a@x", "send address_family=ipv6 (a@x)" },
	{ "sendmail|-4|a@x", "!use veredus -4" },
	{ "sendmail|-y|a@x", "!unknown option -y" },
	{ "sendmail|-\x1b[31m", "!unknown option -?" },
};

static void
each_option_has_its_effect(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		check_argv(&rows[i]);
}

/* All but a few have the same effect under the name veredus. */
static void
veredus_accepts_the_options_of_sendmail(void **state)
{
	static const char others[] = "46aCPSX";

	(void)state;
	for (size_t i = 0; i < sendmail_option_count; i++)
		if (strchr(others, sendmail_options[i].letter) == NULL)
			assert_true(sendmail_options[i].personalities
			    & PERSONALITY_VEREDUS);
}

/* The parser must know whether a letter takes the next word before it can
 * find the row. */
static void
all_rows_of_a_letter_take_the_same_kind_of_argument(void **state)
{
	(void)state;
	for (size_t i = 0; i < sendmail_option_count; i++)
		for (size_t j = 0; j < sendmail_option_count; j++)
			if (sendmail_options[i].letter
			    == sendmail_options[j].letter)
				assert_int_equal(sendmail_options[i].argument,
				    sendmail_options[j].argument);
}

static void
every_row_can_be_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sendmail_option_count; i++) {
		const struct sendmail_option *row = &sendmail_options[i];
		const char *first = row->first != NULL ? row->first : "?";

		assert_non_null(row->meaning);
		assert_true(row->action.apply == NULL || row->refusal == NULL);
		for (; *first != '\0'; first++)
			assert_ptr_equal(row,
			    sendmail_option_find(row->letter, first,
				row->personalities));
	}
}

/* Every letter is in the table of tests above. */
static void
every_letter_has_a_test(void **state)
{
	(void)state;
	for (size_t i = 0; i < sendmail_option_count; i++) {
		char word[] = { '|', '-', sendmail_options[i].letter, '\0' };
		bool tried = false;

		for (size_t j = 0; j < COUNT_OF(rows) && !tried; j++)
			tried = strstr(rows[j].words, word) != NULL;
		assert_true(tried);
	}
}

static void
every_meaning_fits_on_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sendmail_option_count; i++)
		assert_true(strlen(sendmail_options[i].meaning) <= 50);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_option_has_its_effect),
		cmocka_unit_test(veredus_accepts_the_options_of_sendmail),
		cmocka_unit_test(
		    all_rows_of_a_letter_take_the_same_kind_of_argument),
		cmocka_unit_test(every_row_can_be_found),
		cmocka_unit_test(every_letter_has_a_test),
		cmocka_unit_test(every_meaning_fits_on_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
