/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/cmdline.h"

#include "argv.h"
#include "base/alloc.h"
#include "config/cmdline_parse.h"
#include "config/option_names.h"

static void
check_rows(const struct argv_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_argv(&rows[i]);
}

static void
personality_follows_the_program_name(void **state)
{
	static const struct {
		const char *argv0;
		enum personality personality;
		const char *name;
	} rows[] = {
		{ "sendmail", PERSONALITY_SENDMAIL, "sendmail" },
		{ "/usr/lib/sendmail", PERSONALITY_SENDMAIL, "sendmail" },
		{ "send-mail", PERSONALITY_SENDMAIL, "sendmail" },
		{ "veredus", PERSONALITY_VEREDUS, "veredus" },
		{ "./veredus", PERSONALITY_VEREDUS, "veredus" },
		{ "/opt/bin/veredus", PERSONALITY_VEREDUS, "veredus" },
		{ "veredus2", PERSONALITY_SENDMAIL, "sendmail" },
		{ "Veredus", PERSONALITY_SENDMAIL, "sendmail" },
		{ "veredus/", PERSONALITY_SENDMAIL, "sendmail" },
		{ "mailq", PERSONALITY_MAILQ, "mailq" },
		{ "/usr/bin/newaliases", PERSONALITY_NEWALIASES, "newaliases" },
		{ "hoststat", PERSONALITY_SENDMAIL, "hoststat" },
		{ "purgestat", PERSONALITY_SENDMAIL, "purgestat" },
		{ "", PERSONALITY_SENDMAIL, "sendmail" },
		{ "\x1b[2J\r\n", PERSONALITY_SENDMAIL, "sendmail" },
		{ NULL, PERSONALITY_SENDMAIL, "sendmail" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char *argv[] = { (char *)(uintptr_t)rows[i].argv0, NULL };
		struct cmdline cmdline = { 0 };

		assert_int_equal(cmdline_personality(rows[i].argv0),
		    rows[i].personality);
		assert_true(cmdline_parse(&cmdline, 1, argv, NULL));
		assert_string_equal(cmdline.name, rows[i].name);
		cmdline_free(&cmdline);
	}
}

static void
accepts_an_empty_or_very_long_program_name(void **state)
{
	char *none[] = { NULL };
	size_t len = 1024 * 1024;
	char *name = alloc_bytes(len + 1);
	char *argv[] = { name, name, NULL };
	struct cmdline cmdline = { 0 };

	(void)state;
	assert_true(cmdline_parse(&cmdline, 0, none, NULL));
	assert_string_equal(cmdline.name, "sendmail");
	assert_int_equal(cmdline.operands.count, 0);
	cmdline_free(&cmdline);

	memset(name, '-', len);
	name[len] = '\0';
	assert_false(cmdline_parse(&cmdline, 2, argv, NULL));
	assert_string_equal(cmdline.name, "sendmail");
	cmdline_free(&cmdline);
	free(name);
}

static void
options_override_the_mode_of_the_name(void **state)
{
	static const struct argv_row rows[] = {
		{ "mailq|-bm|a@x", "send (a@x)" },
		{ "newaliases|-bp", "queue" },
		{ "mailq|-q", "queue" },
		{ "sendmail|-bv|-bm|a@x", "verify (a@x)" },
		{ "sendmail|-bm|-bv|a@x", "verify (a@x)" },
		{ "veredus|--pretend|-bm|a@x", "pretend (a@x)" },
		{ "veredus|-bm|--pretend|a@x", "pretend (a@x)" },
		{ "veredus|--explain|-bm|a@x", "explain (a@x)" },
		{ "veredus|--version|-bm", "version" },
		{ "sendmail|-d0.1|-bm|a@x", "version d (a@x)" },
		{ "sendmail|-d0|-t|a@x", "version t d (a@x)" },
		{ "hoststat", "status" },
		{ "purgestat", "purge" },
		{ "mailq|a@x", "!\"a@x\" is unexpected: mailq takes no" },
		{ "newaliases|a@x", "!newaliases takes no recipients" },
		{ "sendmail|-bp|a@x", "!-bp takes no recipients" },
		{ "mailq|-t", "!mailq and -t cannot be combined" },
		{ "sendmail|-t|-bp", "!-bp and -t cannot be combined" },
	};

	(void)state;
	check_rows(rows, COUNT_OF(rows));
}

/* The modes that may be given together, in any order; a "!" is an error. */
static void
modes_that_contradict_each_other_are_an_error(void **state)
{
	static const char *const names[] = { "-bm", "-bs", "-bp", "-bi", "-bh",
		"-q", "-bv", "--configure=a@x", "--explain", "--pretend",
		"--probe", "--serverinfo", "--rmqs=x", "--list-options",
		"--queue-show=A", "--queue-delete=A", "--queue-hold=A",
		"--queue-release=A", "--queue-requeue=A", "--queue-return=A",
		"--queue-check", "--version", "--help" };
	static const char *const together[] = {
		"+!!!!!+!+++!!!!!!!!!!++", /* -bm */
		"!+!!!!!!!!!!!!!!!!!!!++", /* -bs */
		"!!+!!+!!!!!!!!!!!!!!!++", /* -bp */
		"!!!+!!!!!!!!!!!!!!!!!++", /* -bi */
		"!!!!+!!!!!!!!!!!!!!!!++", /* -bh */
		"!!+!!+!!!!!!!!!!!!!!!++", /* -q */
		"+!!!!!+!!!!!!!!!!!!!!++", /* -bv */
		"!!!!!!!+!!!!!!!!!!!!!++", /* --configure */
		"+!!!!!!!+!!!!!!!!!!!!++", /* --explain */
		"+!!!!!!!!+!!!!!!!!!!!++", /* --pretend */
		"+!!!!!!!!!+!!!!!!!!!!++", /* --probe */
		"!!!!!!!!!!!+!!!!!!!!!++", /* --serverinfo */
		"!!!!!!!!!!!!+!!!!!!!!++", /* --rmqs */
		"!!!!!!!!!!!!!+!!!!!!!++", /* --list-options */
		"!!!!!!!!!!!!!!+!!!!!!++", /* --queue-show */
		"!!!!!!!!!!!!!!!+!!!!!++", /* --queue-delete */
		"!!!!!!!!!!!!!!!!+!!!!++", /* --queue-hold */
		"!!!!!!!!!!!!!!!!!+!!!++", /* --queue-release */
		"!!!!!!!!!!!!!!!!!!+!!++", /* --queue-requeue */
		"!!!!!!!!!!!!!!!!!!!+!++", /* --queue-return */
		"!!!!!!!!!!!!!!!!!!!!+++", /* --queue-check */
		"+++++++++++++++++++++++", /* --version */
		"+++++++++++++++++++++++", /* --help */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		for (size_t k = 0; k < COUNT_OF(names); k++) {
			char *argv[] = { (char *)(uintptr_t) "veredus",
				(char *)(uintptr_t)names[i],
				(char *)(uintptr_t)names[k], NULL };
			struct cmdline cmdline = { 0 };
			struct error err = { 0 };
			bool ok = cmdline_parse(&cmdline, 3, argv, &err);

			if (ok != (together[i][k] == '+'))
				fail_msg("%s %s", names[i], names[k]);
			if (!ok)
				print_message("# %s\n", err.text);
			assert_true(ok
			    || (err.kind == ERROR_USAGE
				&& strstr(err.text, "cannot be combined")
				    != NULL));
			error_free(&err);
			cmdline_free(&cmdline);
		}
	}
}

static void
parses_the_commands_of_the_queue(void **state)
{
	static const struct argv_row rows[] = {
		{ "veredus|--queue-list", "queue" },
		{ "veredus|--queue-list|--json|-v", "queue v json" },
		{ "veredus|-bp|--json", "queue json" },
		{ "veredus|--json|a@x", "!--json belongs to --check" },
		{ "veredus|--queue-list|A", "!takes no recipients" },
		{ "veredus|--queue-show|A", "show (A)" },
		{ "veredus|--queue-show=A|B", "show (A) (B)" },
		{ "veredus|--queue-show", "!--queue-show needs an argument" },
		{ "veredus|--queue-requeue|all|-a|work",
		    "requeue a=work (all)" },
		{ "veredus|--queue-requeue|A|B|-a|work",
		    "!\"-a\" is too late: options come before" },
		{ "veredus|--queue-delete|A|-t",
		    "!--queue-delete and -t cannot be combined" },
		{ "veredus|--queue-check", "check" },
		{ "veredus|--queue-check|1h|4h", "check (1h) (4h)" },
		{ "sendmail|--queue-delete|A", "!use veredus" },
		{ "mailq|--json", "!use veredus" },
	};

	(void)state;
	check_rows(rows, COUNT_OF(rows));
}

static void
splits_words_with_several_letters(void **state)
{
	static const struct argv_row rows[] = {
		{ "sendmail|-ti", "send t i" },
		{ "sendmail|-it", "send t i" },
		{ "sendmail|-toi", "send t i" },
		{ "sendmail|-tvGfa@x|b@x", "send f=a@x t G v (b@x)" },
		{ "sendmail|-tf|a@x|b@x", "send f=a@x t (b@x)" },
		{ "sendmail|-t|-i|-oi|-t|-i", "send t i" },
		{ "sendmail|-td9|b@x", "send t d (b@x)" },
		{ "sendmail|-dt|b@x", "send d (b@x)" },
		{ "sendmail|-q|-t", "!-q and -t cannot be combined" },
		{ "sendmail|-d|-t", "send t d" },
		{ "sendmail|-o|em|-o|i|-o|db|b@x", "send i e=m (b@x)" },
		{ "sendmail|-f|-t|b@x", "send f=-t (b@x)" },
		{ "sendmail|-f", "!-f needs an argument" },
		{ "sendmail|-tif", "!-f needs an argument" },
		{ "sendmail|-F", "!-F needs an argument" },
		{ "sendmail|-ty|b@x", "!unknown option -y" },
		{ "sendmail|-t-", "!unknown option --" },
		{ "sendmail|-b|b@x",
		    "!-b is followed by one of m, p, i, h, H, s, v, not by "
		    "\"b@x\"" },
		{ "sendmail|-b|d@x", "!not by \"d@x\"" },
		{ "sendmail|-A|work", "!-A is followed by one of c, m, not" },
		{ "sendmail|-z|a@x", "!-z: a line for Exim's log is not" },
	};

	(void)state;
	check_rows(rows, COUNT_OF(rows));
}

static void
uses_the_last_sender(void **state)
{
	static const struct argv_row rows[] = {
		{ "sendmail|-f|a@x|-r|b@x|-fc@x", "send f=c@x" },
		{ "sendmail|-f|a@x|-f||b@x", "send f=<> (b@x)" },
		{ "sendmail|-f|<>|-f|a@x", "send f=a@x" },
		{ "sendmail|-f<>", "send f=<>" },
		{ "sendmail|-f|Al B <a@x>", "send f=a@x" },
		{ "sendmail|-f|\"B, Al\" <a@x>", "send f=a@x" },
		{ "sendmail|-f|a@x (Al)", "send f=a@x" },
		{ "sendmail|-f|a@x, b@x", "send f=a@x noted" },
		{ "sendmail|-f|root", "send f=root" },
	};

	(void)state;
	check_rows(rows, COUNT_OF(rows));
}

static void
rejects_an_invalid_sender(void **state)
{
	static const struct argv_row rows[] = {
		{ "sendmail|-f|a@x\r\nRCPT TO:<e@x>", "!65 -f" },
		{ "sendmail|-t\r", "!64 \"-t\" ends with a carriage return" },
		{ "veredus|--host=x\r|b@x", "!64 \"--host=x\" ends with" },
		{ "sendmail|-f|a@x\r|b@x", "!64 \"a@x\" ends with" },
		{ "sendmail|b@x\r", "!64 \"b@x\" ends with" },
		{ "sendmail|-f|a@x> SIZE=1", "!65 -f" },
		{ "sendmail|-f|a b@x@y", "!65 -f" },
		{ "sendmail|-r|(nobody)", "!65 -r" },
		{ "sendmail|-f|,", "!65 -f" },
	};

	(void)state;
	check_rows(rows, COUNT_OF(rows));
}

/* An attacker can append arguments, for example through PHP's mail().  They
 * must not become options. */
static void
options_end_at_the_first_operand(void **state)
{
	static const struct argv_row rows[] = {
		{ "sendmail|a@x|-X/tmp/x", "!options come before recipients" },
		{ "sendmail|a@x|-t", "!options come before recipients" },
		{ "sendmail|a@x|--help", "!options come before recipients" },
		{ "sendmail|a@x|--|b@x", "!options come before recipients" },
		{ "sendmail|--|-t", "!options come before recipients" },
		{ "sendmail|--|--", "!options come before recipients" },
		{ "sendmail|-t|-", "!options come before recipients" },
		{ "veredus|a@x|--host=h", "!options come before recipients" },
		{ "sendmail|--", "send" },
		{ "sendmail|-t|--", "send t" },
		{ "sendmail|--|a@x", "send (a@x)" },
	};

	(void)state;
	check_rows(rows, COUNT_OF(rows));
}

static void
keeps_operands_and_drops_blank_ones(void **state)
{
	static const struct argv_row rows[] = {
		{ "sendmail|a@x, b@x|\"C\" <c@x>|d@x,",
		    "send (a@x, b@x) (\"C\" <c@x>) (d@x,)" },
		{ "sendmail||a@x| ", "send (a@x)" },
		{ "sendmail|", "send" },
	};

	(void)state;
	check_rows(rows, COUNT_OF(rows));
}

static void
veredus_accepts_settings_as_long_options(void **state)
{
	static const struct argv_row rows[] = {
		{ "veredus|--host=h|--port=25|a@x",
		    "send host=h port=25 (a@x)" },
		{ "veredus|--host|h|--port|25|a@x",
		    "send host=h port=25 (a@x)" },
		{ "veredus|--tls-trust-file=/f|a@x",
		    "send tls_trust_file=/f (a@x)" },
		{ "veredus|--tls|a@x", "send tls= (a@x)" },
		{ "veredus|--tls=off|a@x", "send tls=off (a@x)" },
		{ "veredus|--tls|off|a@x",
		    "!--tls off: the argument must be attached: --tls=off" },
		{ "veredus|--partial|on", "!attached: --partial=on" },
		{ "veredus|--tls=off|off", "send tls=off (off)" },
		{ "veredus|--tls-starttls=off|a@x",
		    "send tls_starttls=off (a@x)" },
		{ "veredus|--auth|a@x", "send auth= (a@x)" },
		{ "veredus|--auth=plain|a@x", "send auth=plain (a@x)" },
		{ "veredus|--from=b@x|a@x", "send f=b@x (a@x)" },
		{ "veredus|--from|b@x|a@x", "send f=b@x (a@x)" },
		{ "veredus|--from=|a@x", "send f=<> (a@x)" },
		{ "veredus|--partial|--set-to-header=on|a@x",
		    "send partial= set_to_header=on (a@x)" },
		{ "veredus|--keepbcc|a@x", "send keepbcc= (a@x)" },
		{ "veredus|--tls-min-dh-prime-bits|512|a@x",
		    "send tls_min_dh_prime_bits=512 (a@x)" },
		{ "veredus|--tls-fingerprint=a|--tls-fingerprint=b|a@x",
		    "send tls_fingerprint=a tls_fingerprint=b (a@x)" },
		{ "veredus|--socket=/s|--|a@x", "send socket=/s (a@x)" },
		{ "veredus|--host", "!--host needs an argument" },
		{ "veredus|--password=x", "!--passwordfile" },
		{ "veredus|--password", "!--passwordfile" },
		{ "veredus|--hots=h", "!did you mean --host?" },
		{ "veredus|--tls_trust_file=/f",
		    "!did you mean --tls-trust-file" },
		{ "veredus|--pretned", "!did you mean --pretend?" },
		{ "veredus|--tls-trust", "!did you mean --tls-trust-file" },
		{ "veredus|--ser", "!unknown option --ser" },
		{ "veredus|--nothing-of-the-kind", "!see --help" },
		{ "veredus|--=x", "!unknown option --" },
	};

	(void)state;
	check_rows(rows, COUNT_OF(rows));
}

static void
veredus_accepts_its_own_modes(void **state)
{
	static const struct argv_row rows[] = {
		{ "veredus|--pretend|a@x", "pretend (a@x)" },
		{ "veredus|--pretend|-t|-f|b@x", "pretend f=b@x t" },
		{ "veredus|--configure=a@x|--dns-server=192.0.2.1",
		    "configure address=a@x dns_server=192.0.2.1" },
		{ "veredus|--configure|a@x|-a|w", "configure a=w address=a@x" },
		{ "veredus|--configure", "!needs an argument" },
		{ "veredus|--configure=a@x|b@x", "!takes no recipients" },
		{ "veredus|--configure=a@x|--host=h", "!looks up the host" },
		{ "veredus|--configure=a@x|-C|f", "!reads no file" },
		{ "veredus|--explain|-f|a@x|b@x", "explain f=a@x (b@x)" },
		{ "veredus|--probe|-a|work|b@x", "probe a=work (b@x)" },
		{ "veredus|--serverinfo|-a|work", "serverinfo a=work" },
		{ "veredus|--serverinfo|--host=h", "serverinfo host=h" },
		{ "veredus|--serverinfo|a@x", "!takes no recipients" },
		{ "veredus|--rmqs=mx.example", "remote node=mx.example" },
		{ "veredus|--rmqs|@example|-a|work",
		    "remote a=work node=@example" },
		{ "veredus|--rmqs", "!needs an argument" },
		{ "veredus|--rmqs=x|a@x", "!takes no recipients" },
		{ "veredus|--list-options", "list" },
		{ "veredus|--version|a@x", "version (a@x)" },
		{ "veredus|--help", "help" },
		{ "veredus|--help=x", "!--help takes no argument" },
		{ "veredus|--account=work|--file=/c|a@x",
		    "send C=/c a=work (a@x)" },
		{ "veredus|--account|work|a@x", "send a=work (a@x)" },
		{ "veredus|--account", "!needs an argument" },
		{ "veredus|--read-recipients|--read-envelope-from",
		    "send t read-from" },
		{ "veredus|--debug|--verbose|a@x", "send v d (a@x)" },
		{ "veredus|--time|a@x", "send time (a@x)" },
		{ "veredus|--tls-keylog=/x|a@x", "send (a@x)" },
		{ "veredus|--tls-keylog", "!needs an argument" },
		{ "veredus|-a|work|--host=h|a@x", "!cannot be combined" },
		{ "veredus|-C|/c|--host=h|a@x", "!remove -C" },
	};

	(void)state;
	check_rows(rows, COUNT_OF(rows));
}

static void
other_names_reject_options_of_veredus(void **state)
{
	static const char *const names[] = { "sendmail", "mailq", "newaliases",
		"other" };
	static const char *const words[] = { "--host=h", "--host",
		"--logfile=/x", "--passwordeval=id", "--passwordfile=/x",
		"--tls=off", "--account=a", "--file=/x", "--pretend",
		"--serverinfo", "--probe", "--explain", "--configure=a@x",
		"--rmqs=x", "--time", "--aliases=/x", "--tls-keylog=/x",
		"--list-options", "--tls-trust-file=/x" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		for (size_t j = 0; j < COUNT_OF(words); j++) {
			char *text = alloc_printf("%s|%s", names[i], words[j]);
			struct argv_row row = { text, "!use veredus" };

			check_argv(&row);
			free(text);
		}
	}
}

static void
every_setting_except_secrets_has_a_long_option(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_count; i++) {
		char *argv[] = { NULL, NULL, NULL };
		char name[] = "veredus";
		struct cmdline cmdline = { 0 };
		struct str word = { 0 };

		str_add(&word, "--");
		if (!option_long_name(&option_rows[i], &word)) {
			assert_int_equal(option_rows[i].type, OPTION_SECRET);
			str_free(&word);
			continue;
		}
		str_add(&word, "=x");
		argv[0] = name;
		argv[1] = word.data;
		assert_true(cmdline_parse(&cmdline, 2, argv, NULL));
		/* --from is -f, as with msmtp. */
		assert_true(cmdline_sets(&cmdline, option_rows[i].name)
		    || strcmp(cmdline.sender, "x") == 0);
		cmdline_free(&cmdline);
		str_free(&word);
	}
}

static void
parse_words(struct cmdline *cmdline, const char *text)
{
	struct strv words = { 0 };

	split_words(text, &words);
	assert_true(
	    cmdline_parse(cmdline, (int)words.count, words.items, NULL));
	strv_free(&words);
}

static void
applies_settings_to_an_account(void **state)
{
	struct cmdline cmdline = { 0 };
	struct settings settings;
	const struct account *account = &settings.values;
	struct error err = { 0 };

	(void)state;
	parse_words(&cmdline,
	    "veredus|--host=mx.example|-6|--tls=off|"
	    "--partial=off|-X|~/log|--rewrite=a b@x|--rewrite=c d@x|c@x");
	assert_true(cmdline_has_host(&cmdline));
	settings_init(&settings, "x");
	assert_true(cmdline_apply(&cmdline, &settings, "/home/me", NULL, &err));
	assert_string_equal(account->hosts.items[0], "mx.example");
	assert_int_equal(account->server.family, FAMILY_IPV6);
	assert_int_equal(account->tls.mode, TLS_OFF);
	assert_false(account->session.partial);
	assert_string_equal(account->logfile, "/home/me/log");
	assert_int_equal(account->rewrite.count, 2);
	cmdline_free(&cmdline);

	parse_words(&cmdline, "veredus|--port=0|c@x");
	assert_false(cmdline_has_host(&cmdline));
	assert_false(cmdline_apply(&cmdline, &settings, NULL, NULL, &err));
	assert_int_equal(error_exit_status(&err), 64);
	assert_string_equal(err.subject, "--port");
	error_free(&err);
	cmdline_free(&cmdline);
	settings_free(&settings);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(personality_follows_the_program_name),
		cmocka_unit_test(accepts_an_empty_or_very_long_program_name),
		cmocka_unit_test(options_override_the_mode_of_the_name),
		cmocka_unit_test(modes_that_contradict_each_other_are_an_error),
		cmocka_unit_test(parses_the_commands_of_the_queue),
		cmocka_unit_test(splits_words_with_several_letters),
		cmocka_unit_test(uses_the_last_sender),
		cmocka_unit_test(rejects_an_invalid_sender),
		cmocka_unit_test(options_end_at_the_first_operand),
		cmocka_unit_test(keeps_operands_and_drops_blank_ones),
		cmocka_unit_test(veredus_accepts_settings_as_long_options),
		cmocka_unit_test(veredus_accepts_its_own_modes),
		cmocka_unit_test(other_names_reject_options_of_veredus),
		cmocka_unit_test(
		    every_setting_except_secrets_has_a_long_option),
		cmocka_unit_test(applies_settings_to_an_account),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
