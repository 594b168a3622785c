/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/str.h"
#include "config/file.h"
#include "config/lexer.h"
#include "config/option_names.h"
#include "config/option_print.h"
#include "config/select.h"

/* Each test has its own folder, with a user file and a system file. */
struct place {
	char folder[64];
	char *user, *system;
	struct config config;
	struct error err;
};

static int
open_place(void **state)
{
	struct place *p = test_calloc(1, sizeof(*p));

	snprintf(p->folder, sizeof(p->folder), "/tmp/veredus-test-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	p->user = alloc_printf("%s/user.conf", p->folder);
	p->system = alloc_printf("%s/system.conf", p->folder);
	*state = p;
	return 0;
}

static int
close_place(void **state)
{
	struct place *p = *state;

	config_free(&p->config);
	error_free(&p->err);
	unlink(p->user);
	unlink(p->system);
	rmdir(p->folder);
	free(p->user);
	free(p->system);
	test_free(p);
	return 0;
}

static void
write_bytes(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(fchmod(fd, 0600), 0);
	close(fd);
}

static bool
read_again(struct place *p)
{
	const struct user alice = { .uid = getuid(), .home = "/home/alice" };
	const struct config_sources sources = {
		.user_file = p->user,
		.system_file = p->system,
		.user = &alice,
	};

	config_free(&p->config);
	error_free(&p->err);
	return config_read(&p->config, &sources, &p->err);
}

static bool
read_text(struct place *p, const char *text)
{
	write_bytes(p->user, text, strlen(text));
	return read_again(p);
}

static void
must_read(struct place *p, const char *text)
{
	if (!read_text(p, text))
		fail_msg("%s", p->config.errors.items[0]);
}

/* The error without the file name at its start. */
static const char *
nth_error(const struct place *p, size_t n)
{
	assert_true(n < p->config.errors.count);
	return p->config.errors.items[n] + strlen(p->user);
}

/* The value of a setting of the n-th account, valid until the next call. */
static const char *
value(const struct place *p, size_t n, const char *setting)
{
	static struct str out;

	str_truncate(&out, 0);
	assert_true(n < p->config.count);
	option_print(&p->config.accounts[n]->values, option_find(setting),
	    &out);
	return str_text(&out);
}

static void
reads_a_line_in_each_form_of_the_grammar(void **state)
{
	static const struct {
		const char *why, *text, *user;
	} cases[] = {
		{ "a blank between", "user alice\n", "alice" },
		{ "tabs", "\t user\t \talice\t \n", "alice" },
		{ "CRLF", "user alice\r\n", "alice" },
		{ "CRLF and blanks", "user alice  \r\n", "alice" },
		{ "no end", "user alice", "alice" },
		{ "blank lines and comments",
		    "\n \t\n# user bob\n  \t# x\nuser alice\n\r\n", "alice" },
		{ "a mark at the start", "\xef\xbb\xbfuser alice\n", "alice" },
		{ "quotes", "user \" al ice \"\n", " al ice " },
		{ "quotes inside stay", "user \"a\"b\"\n", "a\"b" },
		{ "no escapes", "user \"a\\\"\n", "a\\" },
		{ "one quote is a quote", "user \"\n", "\"" },
		{ "a quote at one end", "user \"alice\n", "\"alice" },
		{ "quotes behind a word", "user a \"b\"\n", "a \"b\"" },
		{ "empty quotes", "user \"\"\n", "" },
		{ "no comment after a value", "user alice # x\n", "alice # x" },
		{ "no continuation", "user alice \\\n", "alice \\" },
		{ "formats are no formats", "user %s%n\n", "%s%n" },
		{ "UTF-8", "user \xc3\xa4\n", "\xc3\xa4" },
		{ "an empty argument unsets",
		    "defaults\nuser bob\n"
		    "account default\nuser\n",
		    "" },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		must_read(*state, cases[i].text);
		if (strcmp(value(*state, 0, "user"), cases[i].user) != 0)
			fail_msg("%s: \"%s\"", cases[i].why,
			    value(*state, 0, "user"));
	}
}

static void
rejects_invalid_lines(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *said;
	} cases[] = {
		{ "user a\0b\n", 9, ":1: the line contains a NUL" },
		{ "# a\0b\n", 6, ":1: the line contains a NUL" },
		{ "\nuser a\rb\n", 10,
		    ":2: the line contains a control character "
		    "(octet 13)" },
		{ "user a\r", 7, ":1: the line contains a control character" },
		{ "user a\x1b[31m\n", 12,
		    ":1: the line contains a control character" },
		{ "user a\x7f\n", 8,
		    ":1: the line contains a control character" },
		{ "user a\n\xef\xbb\xbfuser b\n", 17,
		    ":2: the line contains a byte-order mark" },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct place *p = *state;

		write_bytes(p->user, cases[i].text, cases[i].len);
		assert_false(read_again(p));
		assert_int_equal(p->err.kind, ERROR_CONFIG);
		assert_int_equal(p->config.errors.count, 1);
		if (strncmp(nth_error(p, 0), cases[i].said,
			strlen(cases[i].said))
		    != 0)
			fail_msg("%s", nth_error(p, 0));
	}
}

static void
accepts_lines_of_up_to_64_kib(void **state)
{
	struct place *p = *state;
	struct str text = { 0 };

	str_add(&text, "user ");
	while (text.len < LEXER_LINE_MAX)
		str_add_char(&text, 'x');
	must_read(p, text.data);
	assert_int_equal(strlen(value(p, 0, "user")), LEXER_LINE_MAX - 5);
	str_add_char(&text, 'x');
	assert_false(read_text(p, text.data));
	assert_string_equal(nth_error(p, 0),
	    ":1: the line is longer than 65536 octets");
	while (text.len < 1024 * 1024)
		str_add_char(&text, 'x');
	str_add(&text, "\nport x\n");
	assert_false(read_text(p, text.data));
	assert_int_equal(p->config.errors.count, 2);
	assert_string_equal(nth_error(p, 1),
	    ":2: port: \"x\" is not a number from 1 to 65535");
	str_free(&text);
}

static void
settings_before_any_account_line_make_the_default_account(void **state)
{
	struct place *p = *state;

	must_read(p, "host a.org\nport 26\naccount b\nhost b.org\n");
	assert_int_equal(p->config.count, 2);
	assert_string_equal(p->config.accounts[0]->values.name, "default");
	assert_int_equal(p->config.accounts[0]->values.origin.line, 1);
	assert_string_equal(value(p, 0, "port"), "26");
	assert_string_equal(p->config.accounts[1]->values.name, "b");
	assert_string_equal(value(p, 1, "port"), "");
}

static void
applies_defaults_to_later_accounts(void **state)
{
	struct place *p = *state;

	must_read(p,
	    "account a\n"
	    "defaults\nport 26\ntimeout 5\n"
	    "account b\n"
	    "defaults\nport 27\n" /* the timeout is kept */
	    "account c\ntimeout 6\n"
	    "account d\n");
	assert_string_equal(value(p, 0, "port"), "");
	assert_string_equal(value(p, 1, "port"), "26");
	assert_string_equal(value(p, 1, "timeout"), "5");
	assert_string_equal(value(p, 2, "port"), "27");
	assert_string_equal(value(p, 2, "timeout"), "6");
	assert_string_equal(value(p, 3, "timeout"), "5");
}

static void
inherits_the_settings_that_parents_set_themselves(void **state)
{
	struct place *p = *state;

	must_read(p,
	    "defaults\nport 26\nuser nobody\n"
	    "account a\nhost a.org\ntimeout 5\nfrom a@x.org\nfrom b@x.org\n"
	    "account b\ntimeout 6\n"
	    "defaults\nport 27\n"
	    "account c :  a ,b\n" /* b overrides a; 26 is a default */
	    "account d: b,a\nfrom d@x.org\n" /* a list is replaced */
	    "account e:c\nuser\n");          /* e inherits from a through c */
	assert_string_equal(value(p, 2, "host"), "a.org");
	assert_string_equal(value(p, 2, "timeout"), "6");
	assert_string_equal(value(p, 2, "port"), "27");
	assert_string_equal(value(p, 2, "user"), "nobody");
	assert_string_equal(value(p, 2, "from"), "a@x.org, b@x.org");
	assert_string_equal(value(p, 3, "timeout"), "5");
	assert_string_equal(value(p, 3, "from"), "d@x.org");
	assert_string_equal(value(p, 4, "host"), "a.org");
	assert_string_equal(value(p, 4, "user"), "");
}

static void
remembers_where_a_value_was_written(void **state)
{
	struct place *p = *state;
	const struct origin *origins;

	must_read(p,
	    "defaults\nport 26\n"
	    "account a\nhost a.org\n"
	    "account b : a\nuser alice\n");
	origins = p->config.accounts[1]->values.origins;
	assert_int_equal(origins[option_number(option_find("port"))].line, 2);
	assert_int_equal(origins[option_number(option_find("host"))].line, 4);
	assert_int_equal(origins[option_number(option_find("user"))].line, 6);
	assert_string_equal(origins[option_number(option_find("user"))].file,
	    p->user);
	assert_int_equal(origins[option_number(option_find("tls"))].kind,
	    ORIGIN_DEFAULT);
}

static void
reports_all_errors_at_once(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ "hots mail.example.org",
		    "unknown keyword; did you mean \"host\"?" },
		{ "hunter2", "unknown keyword; see veredus.conf(5)" },
		{ "port 0x19",
		    "port: \"0x19\" is not a number from 1 to 65535" },
		{ "timeout 10", NULL },
		{ "timeout 20",
		    "timeout: set twice, first on line 4; remove one of the lines" },
		{ "defaults x", "\"defaults\" takes no argument" },
		{ "account", "the account name is missing" },
		{ "account a", NULL },
		{ "account a", "account \"a\" is already defined on line 8" },
		{ "account b : c",
		    "account \"c\" is not defined above this line in the file" },
		{ "account d :",
		    "an account name is missing after the "
		    "colon or a comma" },
		{ "account e : a,,b",
		    "an account name is missing after "
		    "the colon or a comma" },
		{ "account f : f",
		    "account \"f\" is not defined above this line in the file" },
		{ "account g,h", "an account name cannot contain commas" },
		{ "tls_starttls yes",
		    "tls_starttls: \"yes\" is neither on nor off" },
		{ "eval", "the command after \"eval\" is missing" },
		{ "eval echo hots secret",
		    "unknown keyword; did you mean \"host\"?" },
		{ "eval echo 'eval echo x'",
		    "the command of \"eval\" printed another \"eval\"" },
		{ "HOST x", "unknown keyword; did you mean \"host\"?" },
		{ "hostname x", "unknown keyword; did you mean \"host\"?" },
		{ "host: x", "unknown keyword; did you mean \"host\"?" },
		{ "password=hunter2",
		    "unknown keyword; did you mean \"password\"? A blank "
		    "separates it from its argument, not \"=\"" },
	};
	struct place *p = *state;
	struct str text = { 0 };
	size_t found = 0;

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		str_printf(&text, "%s\n", cases[i].text);
	assert_false(read_text(p, text.data));
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *line;

		if (cases[i].said == NULL)
			continue;
		line =
		    alloc_printf("%s:%zu: %s", p->user, i + 1, cases[i].said);
		assert_string_equal(p->config.errors.items[found], line);
		free(line);
		found++;
	}
	assert_int_equal(p->config.errors.count, found);
	assert_int_equal(p->err.kind, ERROR_CONFIG);
	assert_non_null(strstr(p->err.text, "(and 19 more)"));
	str_free(&text);
}

static void
never_prints_a_secret(void **state)
{
	static const char *const lines[] = {
		"passwort hunter2",
		"passwordhunter2",
		"password=hunter2",
		"hunter2",
		"password \"hunter2\r\"",
		"password hunter2\npassword hunter2",
		"auth hunter2",
		"passwordeval echo hunter2\npasswordeval x",
		"eval echo passwort hunter2",
		"eval echo hunter2",
		"eval echo hunter2; exit 3",
		"keepbcc hunter2",
	};
	struct place *p = *state;

	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		assert_false(read_text(p, lines[i]));
		for (size_t j = 0; j < p->config.errors.count; j++)
			if (strstr(p->config.errors.items[j], "hunter2"))
				fail_msg("%s", p->config.errors.items[j]);
	}
}

static void
reads_the_first_line_that_a_command_prints(void **state)
{
	struct place *p = *state;

	must_read(p,
	    "eval printf 'account a\\nhost no\\n'\n"
	    "eval echo host $(echo a.org) # a comment\n"
	    "eval printf 'user alice'\n"
	    "eval cat; echo port 26\n"
	    "eval echo password hunter2\n");
	assert_string_equal(p->config.accounts[0]->values.name, "a");
	assert_string_equal(value(p, 0, "host"), "a.org");
	assert_string_equal(value(p, 0, "user"), "alice");
	assert_string_equal(value(p, 0, "port"), "26");
	assert_string_equal(value(p, 0, "password"), "(hidden)");
	assert_int_equal(p->config.accounts[0]
			     ->values
			     .origins[option_number(option_find("user"))]
			     .line,
	    3);
}

static void
fails_when_a_command_fails(void **state)
{
	static const char *const commands[] = { "eval echo host a.org; exit 3",
		"eval true", "eval /nonexistent/command", "eval kill -9 $$" };
	struct place *p = *state;

	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		assert_false(read_text(p, commands[i]));
		assert_int_equal(p->config.errors.count, 1);
		assert_memory_equal(nth_error(p, 0), ":1: eval", 8);
	}
}

/* Writes the file of the system, which must belong to root. */
static void
write_system(const struct place *p, const char *text)
{
	if (getuid() != 0)
		skip(); /* only root can write a file of root */
	write_bytes(p->system, text, strlen(text));
}

static void
rejects_eval_in_the_system_file(void **state)
{
	struct place *p = *state;
	const char *text = "eval touch /tmp/veredus-test-eval\n";

	write_system(p, text);
	assert_false(read_again(p));
	assert_non_null(strstr(p->err.text,
	    "system.conf:1: \"eval\" is allowed in the user's file only"));
	assert_int_equal(access("/tmp/veredus-test-eval", F_OK), -1);
}

static void
user_accounts_come_before_system_accounts(void **state)
{
	struct place *p = *state;
	const char *system = "defaults\nport 30\naccount a\nhost s.org\n"
			     "account c : a\nhost c.org\n";

	write_system(p, system);
	must_read(p, "account b\nhost b.org\naccount a\nhost u.org\n");
	assert_int_equal(p->config.count, 3);
	assert_string_equal(p->config.accounts[0]->values.name, "b");
	assert_string_equal(p->config.accounts[1]->values.name, "a");
	assert_string_equal(p->config.accounts[2]->values.name, "c");
	assert_string_equal(value(p, 1, "host"), "u.org");
	assert_string_equal(value(p, 1, "port"),
	    ""); /* defaults apply to their own file */
	assert_string_equal(value(p, 2, "port"), "30");
	assert_int_equal(p->config.files.count, 2);
	assert_false(read_text(p, "account x : c\n"));
	assert_non_null(strstr(p->err.text, "is not defined above this line"));
}

static void
a_locked_account_of_the_system_comes_first(void **state)
{
	const char *system = "account a\nhost a.org\n"
			     "account b  locked : a\nport 30\n"
			     "account c locked\nhost c.org\n";
	struct place *p = *state;

	write_system(p, system);
	must_read(p, "account a\nhost u.org\naccount d\nhost d.org\n");
	assert_int_equal(p->config.count, 4);
	assert_string_equal(p->config.accounts[0]->values.name, "b");
	assert_true(p->config.accounts[0]->values.locked);
	assert_string_equal(value(p, 0, "host"), "a.org");
	assert_string_equal(p->config.accounts[1]->values.name, "c");
	assert_string_equal(p->config.accounts[2]->values.name, "a");
	assert_string_equal(value(p, 2, "host"), "u.org");
	assert_false(p->config.accounts[2]->values.locked);
	assert_string_equal(p->config.accounts[3]->values.name, "d");
	assert_non_null(config_find_locked(&p->config, "b"));
	assert_null(config_find_locked(&p->config, "a"));
	assert_null(config_find_locked(&p->config, "x"));
}

static void
rejects_a_locked_name_in_the_users_file(void **state)
{
	static const struct {
		const char *user, *error;
	} cases[] = {
		{ "account x\nhost h\naccount work\nhost h\n",
		    "user.conf:3: account \"work\" is locked by " },
		{ "host h\nport 26\n",
		    "user.conf:1: account \"default\" is locked by " },
		{ "account x locked\nhost h\n",
		    "user.conf:1: only the system file can lock an account" },
	};
	const char *system = "account default locked\nhost h\n"
			     "account work locked\nhost h\n";
	struct place *p = *state;

	write_system(p, system);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_false(read_text(p, cases[i].user));
		assert_int_equal(p->err.kind, ERROR_CONFIG);
		assert_int_equal(p->config.errors.count, 1);
		if (strstr(p->err.text, cases[i].error) == NULL)
			fail_msg("%s", p->err.text);
	}
}

static void
the_users_file_yields_to_a_locked_default(void **state)
{
	const char *locked = "account default locked\nhost h\n";
	const char *other = "account work locked\nhost h\n";
	const struct user alice = { .uid = getuid(), .home = "/home/alice" };
	struct place *p = *state;
	struct config_sources sources = { .user_file = p->user,
		.user_yields = true,
		.system_file = p->system,
		.user = &alice };

	write_bytes(p->user, "nonsense\n", 9);
	write_system(p, locked);
	assert_true(config_read(&p->config, &sources, &p->err));
	assert_int_equal(p->config.files.count, 1);
	config_free(&p->config);
	write_system(p, other);
	assert_false(config_read(&p->config, &sources, &p->err));
	assert_string_equal(p->config.files.items[0], p->user);
}

static void
skips_a_missing_file_unless_it_was_given(void **state)
{
	const struct user alice = { .uid = getuid(), .home = "/home/alice" };
	struct place *p = *state;
	struct config_sources sources = { .user_file = p->user,
		.user_must_exist = true,
		.user = &alice };

	assert_true(read_again(p));
	assert_int_equal(p->config.count, 0);
	assert_int_equal(p->config.files.count, 0);
	assert_int_equal(p->config.absent.count, 2);
	assert_false(config_read(&p->config, &sources, &p->err));
	assert_int_equal(p->err.kind, ERROR_CONFIG);
	assert_non_null(strstr(p->err.text, p->user));
}

static void
accepts_a_secret_only_in_a_private_file(void **state)
{
	struct place *p = *state;
	char *other = alloc_printf("%s/other", p->folder);

	must_read(p, "password hunter2\n");
	assert_int_equal(chmod(p->user, 0644), 0);
	assert_false(read_again(p));
	assert_non_null(strstr(p->err.text, "chmod 600"));
	assert_null(strstr(p->err.text, "hunter2"));
	assert_int_equal(chmod(p->user, 0600), 0);

	assert_int_equal(link(p->user, other), 0);
	assert_false(read_again(p));
	assert_non_null(strstr(p->err.text, "hard link"));
	assert_int_equal(rename(p->user, other), 0); /* does nothing */
	assert_int_equal(unlink(p->user), 0);

	assert_int_equal(symlink(other, p->user), 0);
	assert_true(read_again(p)); /* the user's own link */
	assert_int_equal(chmod(other, 0604), 0);
	assert_false(read_again(p));
	assert_non_null(strstr(p->err.text, "chmod 600"));
	write_bytes(other, "user alice\n", 11);
	assert_int_equal(chmod(other, 0644), 0);
	assert_true(read_again(p)); /* the rule is for secrets only */
	unlink(other);
	free(other);
}

static void
rejects_anything_but_a_regular_file(void **state)
{
	struct place *p = *state;

	assert_int_equal(mkfifo(p->user, 0600), 0);
	assert_false(read_again(p));
	assert_non_null(strstr(p->err.text, "not a regular file"));
	unlink(p->user);
	assert_int_equal(mkdir(p->user, 0700), 0);
	assert_false(read_again(p));
	assert_non_null(strstr(p->err.text, "directory"));
	rmdir(p->user);
}

static void
accepts_a_secret_in_the_system_file_only_if_root_owns_it(void **state)
{
	struct place *p = *state;

	write_system(p, "password hunter2\n");
	assert_true(read_again(p));
	assert_int_equal(chown(p->system, 12345, 12345), 0);
	assert_false(read_again(p));
	assert_non_null(strstr(p->err.text, "belongs to"));
}

static void
notes_old_names_for_the_log(void **state)
{
	struct place *p = *state;

	must_read(p, "\nkeepbcc\n");
	assert_int_equal(p->config.notes.count, 1);
	assert_non_null(strstr(p->config.notes.items[0],
	    ":2: keepbcc is an old name: use \"remove_bcc_headers off\" "
	    "instead"));
}

static void
reads_configuration_files_of_msmtp(void **state)
{
	struct place *p = *state;

	must_read(p,
	    "# Example for a user configuration file ~/.msmtprc\n"
	    "defaults\n"
	    "auth           on\n"
	    "tls            on\n"
	    "tls_trust_file /etc/ssl/certs/ca-certificates.crt\n"
	    "logfile        ~/.msmtp.log\n"
	    "syslog         LOG_USER\n"
	    "\n"
	    "account        freemail\n"
	    "host           smtp.freemail.example\n"
	    "from           joe_smith@freemail.example\n"
	    "user           joe.smith\n"
	    "password       secret\n"
	    "\n"
	    "account        freemail2 : freemail\n"
	    "from           joey@freemail.example\n"
	    "\n"
	    "account        provider\n"
	    "host           smtp.provider.example\n"
	    "port           465\n"
	    "tls_starttls   off\n"
	    "set_from_header on\n"
	    "undisclosed_recipients off\n"
	    "passwordeval   gpg --no-tty -q -d ~/.msmtp-password.gpg\n"
	    "account default : provider\n");
	assert_int_equal(p->config.count, 4);
	assert_string_equal(value(p, 1, "host"), "smtp.freemail.example");
	assert_string_equal(value(p, 1, "from"), "joey@freemail.example");
	assert_string_equal(value(p, 3, "port"), "465");
	assert_string_equal(value(p, 3, "logfile"), "/home/alice/.msmtp.log");
	assert_string_equal(p->config.accounts[3]->values.passwordeval,
	    "gpg --no-tty -q -d ~/.msmtp-password.gpg");
}

static void
looks_for_the_users_file_in_xdg_config_home(void **state)
{
	const struct user homeless = { .uid = getuid(),
		.has_environment = true };
	struct user alice = homeless;
	struct place *p = *state;
	char *path;

	alice.home = "/home/alice";
	setenv("XDG_CONFIG_HOME", p->folder, 1);
	path = config_user_file(&alice);
	assert_memory_equal(path, p->folder, strlen(p->folder));
	assert_string_equal(path + strlen(p->folder), "/veredus.conf");
	free(path);
	setenv("XDG_CONFIG_HOME", "relative", 1);
	path = config_user_file(&alice);
	assert_string_equal(path, "/home/alice/.config/veredus.conf");
	free(path);
	unsetenv("XDG_CONFIG_HOME");
	assert_null(config_user_file(&homeless));
	assert_non_null(strstr(config_system_file(), "/veredus.conf"));
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_place, close_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_a_line_in_each_form_of_the_grammar),
		TEST(rejects_invalid_lines),
		TEST(accepts_lines_of_up_to_64_kib),
		TEST(settings_before_any_account_line_make_the_default_account),
		TEST(applies_defaults_to_later_accounts),
		TEST(inherits_the_settings_that_parents_set_themselves),
		TEST(remembers_where_a_value_was_written),
		TEST(reports_all_errors_at_once),
		TEST(never_prints_a_secret),
		TEST(reads_the_first_line_that_a_command_prints),
		TEST(fails_when_a_command_fails),
		TEST(rejects_eval_in_the_system_file),
		TEST(user_accounts_come_before_system_accounts),
		TEST(a_locked_account_of_the_system_comes_first),
		TEST(rejects_a_locked_name_in_the_users_file),
		TEST(the_users_file_yields_to_a_locked_default),
		TEST(skips_a_missing_file_unless_it_was_given),
		TEST(accepts_a_secret_only_in_a_private_file),
		TEST(rejects_anything_but_a_regular_file),
		TEST(accepts_a_secret_in_the_system_file_only_if_root_owns_it),
		TEST(notes_old_names_for_the_log),
		TEST(reads_configuration_files_of_msmtp),
		TEST(looks_for_the_users_file_in_xdg_config_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
