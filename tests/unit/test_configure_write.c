/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "configure/write.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "unit.h"

static char folder[] = "/tmp/veredus-configure-XXXXXX";
static const char account[] = "account a\nhost a.example\n";

static int
make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) != NULL ? 0 : -1;
}

/* Removes what the tests write. */
static int
remove_folder(void **state)
{
	static const char *const names[] = { "one/two/file", "one/two", "one",
		"again", "file", "full" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char *path = alloc_printf("%s/%s", folder, names[i]);

		remove(path);
		free(path);
	}
	return rmdir(folder);
}

/* Writes the account "a" into a file of the folder. */
static bool
write_to(const char *name, struct error *err)
{
	struct configure_target target = { .file = alloc_printf("%s/%s", folder,
					       name) };
	struct str text = { 0 };
	bool ok;

	str_add(&text, account);
	ok = configure_write(&target, "a", &text, err);
	str_free(&text);
	configure_target_free(&target);
	return ok;
}

static void
assert_content(const char *name, const char *expected)
{
	static const struct file_rules rules = { .max = 4096 };
	char *path = alloc_printf("%s/%s", folder, name);
	struct str text = { 0 };

	assert_true(file_read(path, &rules, &text, NULL, NULL));
	assert_string_equal(str_text(&text), expected);
	str_free(&text);
	free(path);
}

static void
writes_to_a_new_file_in_a_new_folder(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_true(write_to("one/two/file", &err));
	assert_content("one/two/file", account);
}

static void
does_not_define_an_account_again(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_true(write_to("again", &err));
	assert_false(write_to("again", &err));
	assert_int_equal(error_exit_status(&err), EX_USAGE);
	error_free(&err);
	assert_content("again", account);
}

static void
reports_why_it_cannot_write(void **state)
{
	const struct configure_target nowhere = { 0 };
	struct error err = { 0 };
	struct str text = { 0 };

	(void)state;
	assert_false(configure_write(&nowhere, "a", &text, &err));
	assert_int_equal(error_exit_status(&err), EX_CANTCREAT);
	assert_non_null(strstr(err.text, "home folder"));
	error_free(&err);
	assert_true(write_to("file", &err));
	/* A file is where the folder should be. */
	assert_false(write_to("file/veredus.conf", &err));
	assert_int_equal(error_exit_status(&err), EX_CANTCREAT);
	assert_non_null(strstr(err.text, "without --write"));
	error_free(&err);
}

/* As on a full disk. */
static void
writes_all_or_nothing(void **state)
{
	struct error err = { 0 };
	struct rlimit before, limit;
	char *path = alloc_printf("%s/full", folder);
	FILE *file = fopen(path, "w");

	(void)state;
	assert_non_null(file);
	assert_true(fputs("# 12345678\n", file) >= 0 && fclose(file) == 0);
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 20;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_false(write_to("full", &err));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(error_exit_status(&err), EX_CANTCREAT);
	assert_non_null(strstr(err.text, "File too large"));
	error_free(&err);
	assert_content("full", "# 12345678\n");
	free(path);
}

static const struct {
	const char *name;
	struct configure_todo todo;
	const char *text;
} steps[] = {
	{ "a", { .needs_password = true },
	    "\nThis account is now in /f.\n"
	    "Set passwordeval or passwordfile there.\n"
	    "Then test it:\n    veredus --check -a a\n" },
	{ "it's $x", { .needs_token = true },
	    "\nThis account is now in /f.\n"
	    "Set oauth_client_id there.\n"
	    "Log in:\n    veredus --login -a 'it'\\''s $x'\n"
	    "Then test it:\n    veredus --check -a 'it'\\''s $x'\n" },
	{ "a\033b", { .needs_user = true, .needs_password = true },
	    "\nThis account is now in /f.\n"
	    "Set user, and passwordeval or passwordfile, there.\n"
	    "Then test it:\n    veredus --check -a 'a?b'\n" },
	{ "a", { .needs_user = true, .keyring_store = (char *)"secret-tool x" },
	    "\nThis account is now in /f.\n"
	    "Set user there.\n"
	    "Put the password into the keyring:\n    secret-tool x\n"
	    "Then test it:\n    veredus --check -a a\n" },
	{ "a", { .needs_user = false },
	    "\nThis account is now in /f.\n"
	    "Then test it:\n    veredus --check -a a\n" },
};

static void
names_the_next_commands(void **state)
{
	const struct configure_target target = { .file = (char *)"/f" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		struct str out = { 0 };

		configure_next_steps(&target, steps[i].name, &steps[i].todo,
		    &out);
		assert_string_equal(str_text(&out), steps[i].text);
		str_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_to_a_new_file_in_a_new_folder),
		cmocka_unit_test(does_not_define_an_account_again),
		cmocka_unit_test(reports_why_it_cannot_write),
		cmocka_unit_test(writes_all_or_nothing),
		cmocka_unit_test(names_the_next_commands),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
