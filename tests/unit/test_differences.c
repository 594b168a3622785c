/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/cmdline_parse.h"
#include "config/differences.h"

#include <stdlib.h>
#include <string.h>

#include "argv.h"
#include "base/alloc.h"
#include "config/option.h"
#include "config/option_names.h"
#include "unit.h"

#define PRINT "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct example {
	const char *settings; /* lines of the file */
	const char *words;    /* of the command line */
	const char *told;     /* one line, up to the difference itself */
};

/* Each row of the table that has no error of its own applies to one of these. */
static const struct example examples[] = {
	{ "host a", "veredus", "/x/.msmtprc: files:" },
	{ "host a\nhost b", "veredus", "/x/.msmtprc:2: host, repeated:" },
	{ "host mx", "veredus", "/x/.msmtprc:1: host, mx or srv:" },
	{ "host srv", "veredus", "/x/.msmtprc:1: host, mx or srv:" },
	{ "auth plain", "veredus", "/x/.msmtprc: port, not set, with auth:" },
	{ "host a", "veredus", "/x/.msmtprc: domain, not set:" },
	{ "domain", "veredus", "/x/.msmtprc:1: domain, without an argument:" },
	{ "domain %H.org", "veredus", "/x/.msmtprc:1: domain, with %H or %C:" },
	{ "host a", "veredus", "/x/.msmtprc: timeout, not set:" },
	{ "timeout 60", "veredus", "/x/.msmtprc:1: timeout:" },
	{ "host a", "veredus", "/x/.msmtprc: tls, not set:" },
	{ "port 465", "veredus",
	    "/x/.msmtprc: tls_starttls, not set, with port 465:" },
	{ "tls_trust_file", "veredus",
	    "/x/.msmtprc:1: tls_trust_file, without an argument:" },
	{ "tls_fingerprint " PRINT "\ntls_fingerprint " PRINT, "veredus",
	    "/x/.msmtprc:2: tls_fingerprint, repeated:" },
	{ "auth\ntls_cert_file /c\npassword x", "veredus",
	    "/x/.msmtprc:1: auth, on, with tls_cert_file or no password:" },
	{ "auth on", "veredus",
	    "/x/.msmtprc:1: auth, on, with tls_cert_file or no password:" },
	{ "auth plain", "veredus",
	    "/x/.msmtprc: password, not set, nor passwordeval:" },
	{ "host a", "veredus", "/x/.msmtprc: from, not set, without -f:" },
	{ "from a@x\nfrom b@x", "veredus", "/x/.msmtprc:2: from, repeated:" },
	{ "from %U@x", "veredus", "/x/.msmtprc:1: from, with %U:" },
	{ "from a@%C", "veredus", "/x/.msmtprc:1: from, with %H or %C:" },
	{ "aliases /a", "veredus", "/x/.msmtprc:1: aliases:" },
	{ "dsn_notify never", "veredus",
	    "/x/.msmtprc:1: dsn_notify, without DSN on the server:" },
	{ "dsn_return full", "veredus",
	    "/x/.msmtprc:1: dsn_return, without DSN on the server:" },
	{ "logfile -", "sendmail",
	    "/x/.msmtprc:1: logfile, -, under another name than veredus:" },
	{ "host a", "veredus", "/x/.msmtprc: syslog, not set:" },
	{ "syslog", "veredus",
	    "/x/.msmtprc:1: syslog, on, or without an argument:" },
	{ "syslog on", "veredus",
	    "/x/.msmtprc:1: syslog, on, or without an argument:" },
	{ "host a", "veredus", "/x/.msmtprc: message:" },
	{ "host a", "veredus",
	    "/x/.msmtprc: message, with a single dot on a line, without -i:" },
	{ "host a", "veredus", "/x/.msmtprc: recipients, one is rejected:" },
	{ "host a", "veredus",
	    "/x/.msmtprc: exit status, after a temporary failure:" },
	{ "", "sendmail|-B7BIT", "command line: -B:" },
	{ "", "sendmail|-f%U@x", "command line: -f, with %U, %H, %C or %M:" },
	{ "", "veredus|--from=a%M@x",
	    "command line: -f, with %U, %H, %C or %M:" },
	{ "", "sendmail|-iG", "command line: -G:" },
	{ "", "sendmail|-L|x", "command line: -L:" },
	{ "", "sendmail|-Nnever",
	    "command line: -N, without DSN on the server:" },
	{ "", "sendmail|-OIgnoreDots", "command line: -O:" },
	{ "", "sendmail|-oeq", "command line: -o, with e or v:" },
	{ "", "sendmail|-Rfull",
	    "command line: -R, without DSN on the server:" },
	{ "", "veredus|--read-recipients",
	    "/x/.msmtprc: -t, and Resent fields without recipients:" },
};

/* Nothing is told of these. */
static const struct {
	const char *settings, *words;
	const char *part;
} same[] = {
	{ "host a\nport 25\nauth plain", "veredus", ": port" },
	{ "auth plain\ntls_starttls off\ntls", "veredus", ": port" },
	{ "port 465\ntls off", "veredus", ": tls_starttls" },
	{ "port 465\ntls_starttls", "veredus", ": tls_starttls" },
	{ "auth\npassword x", "veredus", ": auth" },
	{ "from a@x", "veredus", ": from" },
	{ "host a", "veredus|-f|a@x", ": from" },
	{ "syslog LOG_MAIL", "veredus", ": syslog" },
	{ "syslog off", "veredus", ": syslog" },
	{ "logfile -", "veredus", ": logfile" },
	{ "logfile /x", "sendmail", ": logfile" },
	{ "tls_trust_file system", "veredus", ": tls_trust_file" },
	{ "domain a.org", "veredus", ": domain" },
	{ "host a", "sendmail|-i|-oi", "command line" },
	{ "host a", "sendmail|-i", "single dot" },
	{ "host a", "sendmail|-i", ": -t" },
};

/* Lists what is told of settings that were read from that file. */
static void
tell(const char *path, const char *lines, const char *words, struct strv *out)
{
	struct option_context context = { .origin = { .kind = ORIGIN_FILE,
					      .file = path },
		.section = 1 };
	struct strv argv = { 0 };
	struct cmdline cmdline = { 0 };
	struct settings s;

	settings_init(&s, "a");
	s.values.origin = context.origin;
	while (*lines != '\0') {
		size_t len = strcspn(lines, "\n");
		char *line = alloc_string_n(lines, len);
		size_t word = strcspn(line, " ");
		const char *value = line[word] != '\0' ? line + word + 1 : "";

		line[word] = '\0';
		context.origin.line++;
		assert_true(
		    option_set(&s, option_find(line), value, &context, NULL));
		free(line);
		lines += len + (lines[len] == '\n');
	}
	split_words(words, &argv);
	assert_true(cmdline_parse(&cmdline, (int)argv.count, argv.items, NULL));
	differences_add(&s.values, &cmdline, out);
	strv_free(&argv);
	cmdline_free(&cmdline);
	settings_free(&s);
}

static bool
has_part(const struct strv *lines, const char *part)
{
	for (size_t i = 0; i < lines->count; i++)
		if (strstr(lines->items[i], part) != NULL)
			return true;
	return false;
}

static void
tells_each_difference_with_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(examples); i++) {
		struct strv told = { 0 };
		bool found = false;

		tell("/x/.msmtprc", examples[i].settings, examples[i].words,
		    &told);
		for (size_t k = 0; k < told.count; k++)
			found |= strncmp(told.items[k], examples[i].told,
				     strlen(examples[i].told))
			    == 0;
		if (!found)
			fail_msg("not told: %s", examples[i].told);
		strv_free(&told);
	}
}

static void
tells_nothing_of_what_is_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(same); i++) {
		struct strv told = { 0 };

		tell("/x/.msmtprc", same[i].settings, same[i].words, &told);
		if (has_part(&told, same[i].part))
			fail_msg("told %s of %s", same[i].part,
			    same[i].settings);
		strv_free(&told);
	}
}

static void
tells_defaults_only_of_files_of_msmtp(void **state)
{
	static const struct {
		const char *path;
		bool told;
	} files[] = {
		{ ".msmtprc", true },
		{ "/etc/msmtprc", true },
		{ "/home/a/.config/msmtp/config", true },
		{ "/etc/veredus.conf", false },
		{ "/x/old.msmtprc", false },
		{ "/x/config", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		struct strv told = { 0 };

		tell(files[i].path, "host a\nhost b", "veredus", &told);
		assert_true(has_part(&told, ":2: host, repeated:"));
		assert_int_equal(has_part(&told, ": tls, not set:"),
		    files[i].told);
		strv_free(&told);
	}
}

static void
every_difference_has_an_example(void **state)
{
	(void)state;
	for (size_t i = 0; i < difference_count; i++) {
		const struct difference *d = &differences[i];
		char *head = alloc_printf(": %s%s%s:", d->name,
		    *d->when != '\0' ? ", " : "", d->when);
		bool found = d->kind == DIFFERS_TOLD;

		for (size_t k = 0; k < COUNT_OF(examples); k++)
			found |= strstr(examples[k].told, head) != NULL;
		if (!found)
			fail_msg("no example%s", head);
		free(head);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_each_difference_with_its_line),
		cmocka_unit_test(tells_nothing_of_what_is_the_same),
		cmocka_unit_test(tells_defaults_only_of_files_of_msmtp),
		cmocka_unit_test(every_difference_has_an_example),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
