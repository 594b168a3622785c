/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/user.h"
#include "unit.h"

/* Values that a hostile caller may set in any variable. */
static const char *const hostile[] = { "", "no-such-user", "a\r\nb", "../..",
	"/", "\xff\xfe", "%s%n" };

static char *
system_user(void)
{
	const struct passwd *entry = getpwuid(getuid());

	return entry ? alloc_string(entry->pw_name)
		     : alloc_printf("uid-%lu", (unsigned long)getuid());
}

static char *
long_text(void)
{
	char *text = alloc_bytes(1024 * 1024 + 1);

	memset(text, 'x', 1024 * 1024);
	text[1024 * 1024] = '\0';
	return text;
}

static void
expect_user(const char *value)
{
	const struct user caller = { .uid = getuid(), .has_environment = true };
	char *expected = system_user(), *user;

	setenv("LOGNAME", value, 1);
	setenv("USER", value, 1);
	user = user_name(&caller);
	assert_string_equal(user, expected);
	free(user);
	free(expected);
}

static void
returns_the_user_with_the_real_uid(void **state)
{
	char *text = long_text();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(hostile); i++)
		expect_user(hostile[i]);
	expect_user(text);
	expect_user("nobody");
	unsetenv("LOGNAME");
	unsetenv("USER");
	free(text);
}

/* This function runs in a child process.  The exit status is 0 if the name is
 * right. */
static int
user_of_unknown_uid(void)
{
	struct user caller;
	char *user, *name;
	int ok;

	if (setuid(4000000123u) < 0)
		return 2;
	setenv("HOME", "/", 1); /* a folder of another user */
	unsetenv("NAME");
	user_init_caller(&caller);
	user = user_name(&caller);
	name = user_full_name(&caller);
	ok = strcmp(user, "uid-4000000123") == 0 && *name == '\0'
	    && !caller.home;
	free(user);
	free(name);
	user_free(&caller);
	return ok ? 0 : 1;
}

static void
names_a_uid_without_an_entry_by_its_number(void **state)
{
	int status = 0;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip(); /* only root can become another user */
	pid = fork();
	if (pid == 0)
		_exit(user_of_unknown_uid());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
reads_the_full_name_from_name_or_gecos(void **state)
{
	const struct user caller = { .uid = getuid(), .has_environment = true };
	char *name, *text = long_text();

	(void)state;
	setenv("NAME", "Alice Example", 1);
	name = user_full_name(&caller);
	assert_string_equal(name, "Alice Example");
	free(name);

	setenv("NAME", "Alice\r\nBcc: eve@example.org", 1);
	name = user_full_name(&caller);
	assert_null(strchr(name, '\n'));
	free(name);

	setenv("NAME", text, 1);
	name = user_full_name(&caller);
	assert_true(strlen(name) < 1024);
	free(name);
	unsetenv("NAME");
	name = user_full_name(&caller);
	assert_null(strchr(name, ','));
	assert_null(strchr(name, '&'));
	free(name);
	free(text);
}

static void
returns_a_home_folder_that_the_caller_owns(void **state)
{
	char folder[] = "/tmp/veredus-home-XXXXXX";
	const struct passwd *entry;
	struct user caller;

	(void)state;
	assert_non_null(mkdtemp(folder));
	setenv("HOME", folder, 1);
	user_init_caller(&caller);
	assert_string_equal(caller.home, folder);
	user_free(&caller);
	assert_int_equal(rmdir(folder), 0);

	entry = getpwuid(getuid());
	if (!entry)
		skip();
	for (int i = 0; i < 4; i++) {
		static const char *const values[] = { "", "relative", ".",
			"/no/such/folder" };

		setenv("HOME", values[i], 1);
		user_init_caller(&caller);
		assert_string_equal(caller.home, getpwuid(getuid())->pw_dir);
		user_free(&caller);
	}
	unsetenv("HOME");
	user_init_caller(&caller);
	assert_string_equal(caller.home, getpwuid(getuid())->pw_dir);
	user_free(&caller);
}

static void
uses_only_the_database_without_an_environment(void **state)
{
	const struct passwd *entry = getpwuid(getuid());
	const struct user user = { .uid = getuid() };
	char *name;

	(void)state;
	if (!entry)
		skip();
	setenv("NAME", "Somebody Else", 1);
	setenv("XDG_CACHE_HOME", entry->pw_dir, 1);
	name = user_full_name(&user);
	assert_string_not_equal(name, "Somebody Else");
	free(name);
	assert_null(user_folder(&user, "XDG_CACHE_HOME"));
	unsetenv("NAME");
	unsetenv("XDG_CACHE_HOME");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(returns_the_user_with_the_real_uid),
		cmocka_unit_test(names_a_uid_without_an_entry_by_its_number),
		cmocka_unit_test(reads_the_full_name_from_name_or_gecos),
		cmocka_unit_test(returns_a_home_folder_that_the_caller_owns),
		cmocka_unit_test(uses_only_the_database_without_an_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
