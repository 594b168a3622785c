/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/process.h"
#include "config/credentials.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/str.h"
#include "config/password_file.h"
#include "config/settings.h"
#include "config/terminal.h"
#include "error_says.h"
#include "secret_is.h"
#include "unit.h"

/* In milliseconds; this is long enough for a slow machine. */
#define TIMEOUT_MS 30000

static char folder[] = "/tmp/veredus-credentials-XXXXXX";
static struct user user = { .home = folder };
static struct auth_params result;

static int
make_folder(void **state)
{
	(void)state;
	user.uid = getuid();
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static char *
path_of(const char *name)
{
	return alloc_printf("%s/%s", folder, name);
}

static int
remove_folder(void **state)
{
	static const char *const names[] = { "secret", "link", ".netrc" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char *path = path_of(names[i]);

		unlink(path);
		free(path);
	}
	auth_params_free(&result);
	return rmdir(folder);
}

static void
write_file(const char *name, const char *text, size_t len, mode_t mode)
{
	char *path = path_of(name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
	free(path);
}

static void
remove_file(const char *name)
{
	char *path = path_of(name);

	unlink(path);
	free(path);
}

/* An account that logs in as alice at mx.example. */
static void
make_account(struct account *a, const char *mechanism)
{
	struct settings settings;

	settings_init(&settings, "work");
	account_copy(a, &settings.values);
	settings_free(&settings);
	alloc_replace(&a->server.host, "mx.example");
	alloc_replace(&a->auth.mechanism, mechanism);
	alloc_replace(&a->auth.user, "alice");
}

static void
expect_password(struct account *a, const char *password)
{
	struct error err = { 0 };

	if (!credentials_get(a, &user, NULL, false, &result, &err))
		fail_msg("%s", err.text);
	assert_true(secret_is(&result.password, password));
}

static void
expect_error(struct account *a, enum error_kind kind, const char *said)
{
	struct error err = { 0 };

	assert_false(credentials_get(a, &user, NULL, false, &result, &err));
	if (err.kind != kind || !error_says(&err, said)
	    || error_says(&err, "canary"))
		fail_msg("%s", err.text);
	error_free(&err);
	account_free(a);
}

static void
looks_for_no_password_without_auth(void **state)
{
	struct account a = { 0 };

	(void)state;
	make_account(&a, "off");
	alloc_replace(&a.auth.user, NULL);
	a.passwordeval = alloc_string("exit 1");
	assert_true(credentials_get(&a, &user, NULL, false, &result, NULL));
	assert_false(secret_is_set(&result.password));
	account_free(&a);
}

static void
uses_the_first_source(void **state)
{
	static const char netrc[] =
	    "machine mx.example login alice password four\n";
	struct account a = { 0 };

	(void)state;
	write_file("secret", "two\n", 4, 0600);
	write_file(".netrc", netrc, sizeof(netrc) - 1, 0600);
	make_account(&a, "plain");
	secret_set(&a.auth.password, "one", 3);
	a.passwordfile = path_of("secret");
	a.passwordeval = alloc_string("echo three");
	expect_password(&a, "one");

	secret_free(&a.auth.password);
	expect_password(&a, "two");

	alloc_replace(&a.passwordfile, NULL);
	expect_password(&a, "three");

	alloc_replace(&a.passwordeval, NULL);
	expect_password(&a, "four");
	account_free(&a);
	remove_file(".netrc");
}

static void
expect_source(struct account *a, bool found, const char *text)
{
	struct str out = { 0 };

	assert_int_equal(credentials_source(a, &user, false, &out), found);
	if (strncmp(str_text(&out), text, strlen(text)) != 0)
		fail_msg("%s, not %s", str_text(&out), text);
	assert_null(strstr(str_text(&out), "canary"));
	str_free(&out);
}

static void
describes_the_source_without_the_password(void **state)
{
	static const char netrc[] = "machine mx.example login al password "
				    "canary\n";
	struct account a = { 0 };

	(void)state;
	make_account(&a, "plain");
	expect_source(&a, false, "none: set passwordeval");
	alloc_replace(&a.auth.user, NULL);
	write_file(".netrc", netrc, sizeof(netrc) - 1, 0600);
	expect_source(&a, true, "~/.netrc, for the user al");
	assert_null(a.auth.user);
	alloc_replace(&a.auth.user, "al");
	expect_source(&a, true, "~/.netrc");
	write_file(".netrc", netrc, sizeof(netrc) - 1, 0644);
	expect_source(&a, true, "none: ");
	remove_file(".netrc");

	a.passwordeval = alloc_string("echo canary; touch /tmp/canary");
	expect_source(&a, true, "passwordeval (default)");
	a.passwordfile = alloc_string("/canary");
	expect_source(&a, true, "passwordfile (default)");
	secret_set(&a.auth.password, "canary", 6);
	expect_source(&a, true, "password (default)");
	account_free(&a);
}

static void
an_error_in_a_source_ends_the_search(void **state)
{
	struct account a = { 0 };

	(void)state;
	remove_file("secret");
	make_account(&a, "plain");
	a.passwordfile = path_of("secret");
	a.passwordeval = alloc_string("echo three");
	expect_error(&a, ERROR_CONFIG, "): cannot read");

	make_account(&a, "plain");
	a.passwordeval = alloc_string("echo canary; exit 1");
	expect_error(&a, ERROR_SECRET, "): the command failed");

	make_account(&a, "plain");
	a.passwordeval = alloc_string("printf 'canary\\000x\\n'");
	expect_error(&a, ERROR_CONFIG, "NUL");
}

static void
reads_the_first_line_of_a_password_file(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *password; /* NULL: error is set */
		const char *said;
	} rows[] = {
		{ "sesame", 6, "sesame", NULL },
		{ "sesame\n", 7, "sesame", NULL },
		{ "sesame\r\n", 8, "sesame", NULL },
		{ " se same ", 9, " se same ", NULL },
		{ "", 0, NULL, "is empty" },
		{ "\n", 1, NULL, "is empty" },
		{ "sesame\nlogin: al\nnotes\n", 23, "sesame", NULL },
		{ "sesame\r\nno\0tes", 14, "sesame", NULL },
		{ "\ncanary\n", 8, NULL, "is empty" },
		{ "canary\0x", 8, NULL, "contains a NUL" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct account a = { 0 };

		write_file("secret", rows[i].text, rows[i].len, 0600);
		make_account(&a, "plain");
		a.passwordfile = alloc_string("~/secret");
		if (rows[i].password == NULL) {
			expect_error(&a, ERROR_CONFIG, rows[i].said);
			continue;
		}
		expect_password(&a, rows[i].password);
		account_free(&a);
	}
}

static void
only_the_owner_may_have_access_to_a_password_file(void **state)
{
	struct account a = { 0 };
	char *target = path_of("secret"), *link = path_of("link");

	(void)state;
	write_file("secret", "canary\n", 7, 0644);
	make_account(&a, "plain");
	a.passwordfile = path_of("secret");
	expect_error(&a, ERROR_CONFIG, "chmod 600");

	assert_int_equal(chmod(target, 0600), 0);
	assert_int_equal(symlink(target, link), 0);
	make_account(&a, "plain");
	a.passwordfile = path_of("link");
	expect_password(&a, "canary"); /* the user's own link */
	account_free(&a);
	if (getuid() == 0) { /* only root can change the owner */
		assert_int_equal(lchown(link, 12345, 12345), 0);
		make_account(&a, "plain");
		a.passwordfile = path_of("link");
		expect_error(&a, ERROR_CONFIG, "symbolic link that belongs to");
	}
	unlink(link);
	free(target);
	free(link);
}

static void
netrc_may_provide_the_user(void **state)
{
	static const char netrc[] =
	    "machine other.example login eve password no\n"
	    "machine mx.example login bob password sesame\n";
	struct account a = { 0 };

	(void)state;
	write_file(".netrc", netrc, sizeof(netrc) - 1, 0600);
	make_account(&a, "plain");
	alloc_replace(&a.auth.user, NULL);
	expect_password(&a, "sesame");
	assert_string_equal(result.user, "bob");
	assert_null(a.auth.user);
	account_free(&a);

	make_account(&a, "plain"); /* there is no entry for alice */
	expect_error(&a, ERROR_CONFIG, "no password for alice at mx.example");
	remove_file(".netrc");
}

static void
only_the_owner_may_have_access_to_a_netrc(void **state)
{
	static const char netrc[] = "machine mx.example password canary\n";
	struct account a = { 0 };

	(void)state;
	write_file(".netrc", netrc, sizeof(netrc) - 1, 0644);
	make_account(&a, "plain");
	expect_error(&a, ERROR_CONFIG, "chmod 600");
	remove_file(".netrc");
}

static void
names_the_missing_setting(void **state)
{
	struct account a = { 0 };

	(void)state;
	make_account(&a, "plain");
	expect_error(&a, ERROR_CONFIG,
	    "passwordeval, passwordfile or password");

	make_account(&a, "plain");
	alloc_replace(&a.auth.user, NULL);
	secret_set(&a.auth.password, "x", 1);
	expect_error(&a, ERROR_CONFIG, "needs a user: set user");

	make_account(&a, "plain");
	alloc_replace(&a.server.host, NULL);
	a.server.socket = alloc_string("/run/x");
	expect_error(&a, ERROR_CONFIG, "at /run/x");
}

/* The exit statuses of the child at the terminal. */
enum prompt_result { GOT_PASSWORD, GOT_OTHER, GOT_SIGNAL, GOT_ERROR };

ATTR_NORETURN static void
ask_at_terminal(void)
{
	struct account a = { 0 };
	struct error err = { 0 };

	/* nohup and the "&" of a script leave signals ignored. */
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	process_catch_signals();
	make_account(&a, "plain");
	if (credentials_get(&a, &user, NULL, true, &result, &err))
		_exit(secret_is(&result.password, "open sesame") ? GOT_PASSWORD
								 : GOT_OTHER);
	_exit(err.kind == ERROR_INTERRUPTED ? GOT_SIGNAL : GOT_ERROR);
}

static bool
echoes(int terminal)
{
	struct termios settings;

	assert_int_equal(tcgetattr(terminal, &settings), 0);
	return (settings.c_lflag & ECHO) != 0;
}

/* Reads the terminal's output until the text appears. */
static void
wait_for(int terminal, struct str *shown, const char *text)
{
	while (strstr(str_text(shown), text) == NULL) {
		struct pollfd input = { .fd = terminal, .events = POLLIN };
		char block[256];
		ssize_t n;

		if (poll(&input, 1, TIMEOUT_MS) != 1)
			fail_msg("only this: %s", str_text(shown));
		n = read(terminal, block, sizeof(block));
		assert_true(n > 0);
		str_append(shown, block, (size_t)n);
	}
}

static void
run_at_terminal(const char *typed, int number, enum prompt_result expected)
{
	struct str shown = { 0 };
	int terminal = -1, status = 0;
	pid_t pid = forkpty(&terminal, NULL, NULL, NULL);

	assert_true(pid >= 0);
	if (pid == 0)
		ask_at_terminal();
	wait_for(terminal, &shown, "Password for alice at mx.example: ");
	assert_false(echoes(terminal));
	if (typed != NULL)
		assert_int_equal(write(terminal, typed, strlen(typed)),
		    strlen(typed));
	else
		assert_int_equal(kill(pid, number), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), expected);
	assert_true(echoes(terminal));
	assert_null(strstr(str_text(&shown), "sesame"));
	close(terminal);
	str_free(&shown);
}

static void
asks_at_the_terminal_without_echo(void **state)
{
	(void)state;
	run_at_terminal("open sesame\n", 0, GOT_PASSWORD);
	run_at_terminal("\n", 0, GOT_ERROR);
	run_at_terminal("\x04", 0, GOT_ERROR);
}

static void
restores_the_terminal_after_a_signal(void **state)
{
	(void)state;
	run_at_terminal(NULL, SIGTERM, GOT_SIGNAL);
	run_at_terminal("ab\x03", 0, GOT_SIGNAL);
}

static void
never_asks_without_a_terminal(void **state)
{
	int status = 0;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		setsid();
		if (terminal_is_there())
			_exit(GOT_OTHER);
		ask_at_terminal();
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), GOT_ERROR);
}

/* RFC 1929 has one octet for the length, Basic has no limit. */
static void
reads_the_password_of_the_proxy(void **state)
{
	static const struct {
		enum proxy_type type;
		size_t len;
		const char *expected; /* NULL: the password is read */
	} rows[] = {
		{ PROXY_SOCKS5, 255, NULL },
		{ PROXY_SOCKS5, 256, "proxy_passwordfile" },
		{ PROXY_HTTP, 256, NULL },
		{ PROXY_HTTP, 0, "is empty" },
	};
	char text[257];
	struct account a = { 0 };

	(void)state;
	make_account(&a, "off");
	a.proxy_passwordfile = path_of("secret");
	memset(text, 'c', sizeof(text));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct error err = { 0 };
		struct secret password = { 0 };

		write_file("secret", text, rows[i].len, 0600);
		a.server.proxy_type = rows[i].type;
		assert_int_equal(password_of_proxy(&a, &user, &password, &err),
		    rows[i].expected == NULL);
		if (rows[i].expected == NULL)
			assert_int_equal(password.len, rows[i].len);
		else if (err.kind != ERROR_CONFIG
		    || !error_says(&err, rows[i].expected))
			fail_msg("%zu: %s", i, err.text);
		secret_free(&password);
		error_free(&err);
	}
	remove_file("secret");
	account_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looks_for_no_password_without_auth),
		cmocka_unit_test(uses_the_first_source),
		cmocka_unit_test(describes_the_source_without_the_password),
		cmocka_unit_test(an_error_in_a_source_ends_the_search),
		cmocka_unit_test(reads_the_first_line_of_a_password_file),
		cmocka_unit_test(
		    only_the_owner_may_have_access_to_a_password_file),
		cmocka_unit_test(netrc_may_provide_the_user),
		cmocka_unit_test(only_the_owner_may_have_access_to_a_netrc),
		cmocka_unit_test(names_the_missing_setting),
		cmocka_unit_test(asks_at_the_terminal_without_echo),
		cmocka_unit_test(restores_the_terminal_after_a_signal),
		cmocka_unit_test(never_asks_without_a_terminal),
		cmocka_unit_test(reads_the_password_of_the_proxy),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
