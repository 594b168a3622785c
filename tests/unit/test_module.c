/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/module.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/module_folder.h"
#include "unit.h"

const char module_folder[] = FIXTURES;

static const struct {
	const char *name, *symbol;
	enum error_kind kind; /* ERROR_NONE: success */
	const char *expected;
} rows[] = {
	{ "fixture_good", "fixture_table", ERROR_NONE, NULL },
	{ "fixture_good", "fixture_tables", ERROR_CONFIG,
	    "cannot load " FIXTURES "/fixture_good.so (" },
	{ "fixture_old", "fixture_table", ERROR_SYSTEM,
	    FIXTURES
	    "/fixture_old.so has version 0.0, but this program has version " },
	{ "fixture_bare", "fixture_table", ERROR_CONFIG, "/fixture_bare.so (" },
	{ "fixture_needy", "fixture_table", ERROR_CONFIG,
	    "undefined_function" },
	{ "fixture_absent", "fixture_table", ERROR_CONFIG,
	    "No such file or directory): reinstall veredus" },
	{ "fixture_text", "fixture_table", ERROR_CONFIG, "/fixture_text.so (" },
	/* The dynamic loader would find this name in its search path. */
	{ "libc", "malloc", ERROR_CONFIG, FIXTURES "/libc.so (" },
};

static void
check_row(size_t i)
{
	struct error err = { 0 };
	const int *table = module_load(rows[i].name, rows[i].symbol, &err);

	if (err.kind != rows[i].kind
	    || (rows[i].expected && !strstr(err.text, rows[i].expected)))
		fail_msg("%s, %s: %s", rows[i].name, rows[i].symbol, err.text);
	if (rows[i].kind == ERROR_NONE)
		assert_int_equal(*table, 42);
	else
		assert_null(table);
	assert_int_equal(err.temporary, rows[i].kind == ERROR_SYSTEM);
	error_free(&err);
}

static void
loads_a_module_of_this_version_or_reports_why_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		check_row(i);
}

static void
ignores_the_library_path(void **state)
{
	struct error err = { 0 };

	(void)state;
	setenv("LD_LIBRARY_PATH", "/usr/lib", 1);
	assert_null(module_load("libc", "malloc", &err));
	assert_non_null(strstr(err.text, FIXTURES "/libc.so"));
	error_free(&err);
}

static int
write_text(void **state)
{
	FILE *file = fopen(FIXTURES "/fixture_text.so", "w");

	(void)state;
	return file == NULL || fputs("no program\n", file) < 0
	    || fclose(file) != 0;
}

static int
remove_text(void **state)
{
	(void)state;
	return unlink(FIXTURES "/fixture_text.so");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    loads_a_module_of_this_version_or_reports_why_not),
		cmocka_unit_test(ignores_the_library_path),
	};

	return cmocka_run_group_tests(tests, write_text, remove_text);
}
