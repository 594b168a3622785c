/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/identity.h"
#include "base/idna.h"
#include "unit.h"

/* What a hostile caller may put into any variable. */
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
	char *expected = system_user(), *user;

	setenv("LOGNAME", value, 1);
	setenv("USER", value, 1);
	user = identity_user();
	assert_string_equal(user, expected);
	free(user);
	free(expected);
}

static void
the_user_is_that_of_the_real_uid(void **state)
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

/* In a child: the exit status says whether the name was the one. */
static int
user_of_unknown_uid(void)
{
	char *user, *name, *home;
	int ok;

	if (setuid(4000000123u) < 0)
		return 2;
	setenv("HOME", "/", 1); /* which belongs to another user */
	unsetenv("NAME");
	user = identity_user();
	name = identity_full_name();
	home = identity_home();
	ok = strcmp(user, "uid-4000000123") == 0 && *name == '\0' && !home;
	free(user);
	free(name);
	free(home);
	return ok ? 0 : 1;
}

static void
a_uid_without_an_entry_has_a_stand_in(void **state)
{
	int status = 0;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip(); /* cannot become another user */
	pid = fork();
	if (pid == 0)
		_exit(user_of_unknown_uid());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
the_full_name_is_name_or_gecos(void **state)
{
	char *name, *text = long_text();

	(void)state;
	setenv("NAME", "Alice Example", 1);
	name = identity_full_name();
	assert_string_equal(name, "Alice Example");
	free(name);

	setenv("NAME", "Alice\r\nBcc: eve@example.org", 1);
	name = identity_full_name();
	assert_null(strchr(name, '\n'));
	free(name);

	setenv("NAME", text, 1);
	name = identity_full_name();
	assert_true(strlen(name) < 1024);
	free(name);
	unsetenv("NAME");
	name = identity_full_name();
	assert_null(strchr(name, ','));
	assert_null(strchr(name, '&'));
	free(name);
	free(text);
}

static void
home_is_a_folder_of_the_caller(void **state)
{
	char folder[] = "/tmp/veredus-home-XXXXXX";
	const struct passwd *entry;
	char *home;

	(void)state;
	assert_non_null(mkdtemp(folder));
	setenv("HOME", folder, 1);
	home = identity_home();
	assert_string_equal(home, folder);
	free(home);
	assert_int_equal(rmdir(folder), 0);

	entry = getpwuid(getuid());
	if (!entry)
		skip();
	for (int i = 0; i < 4; i++) {
		static const char *const values[] = { "", "relative", ".",
			"/no/such/folder" };

		setenv("HOME", values[i], 1);
		home = identity_home();
		assert_string_equal(home, getpwuid(getuid())->pw_dir);
		free(home);
	}
	unsetenv("HOME");
	home = identity_home();
	assert_string_equal(home, getpwuid(getuid())->pw_dir);
	free(home);
}

static void
host_names_are_fit_for_use(void **state)
{
	char *host = identity_host(), *fqdn = identity_fqdn();
	char *mailname = identity_mailname();

	(void)state;
	assert_non_null(host);
	assert_null(strchr(host, '.'));
	assert_true(*host);
	if (fqdn) {
		assert_true(idna_is_host_name(fqdn));
		assert_non_null(strchr(fqdn, '.'));
		assert_null(strstr(fqdn, "localhost"));
	}
	if (mailname)
		assert_true(idna_is_host_name(mailname));
	free(host);
	free(fqdn);
	free(mailname);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_user_is_that_of_the_real_uid),
		cmocka_unit_test(a_uid_without_an_entry_has_a_stand_in),
		cmocka_unit_test(the_full_name_is_name_or_gecos),
		cmocka_unit_test(home_is_a_folder_of_the_caller),
		cmocka_unit_test(host_names_are_fit_for_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
