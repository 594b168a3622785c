/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Optional libraries: linked, loaded, or missing. */
#include <string.h>

#include "base/backend.h"
#include "unit.h"

static const int functions = 1;
static unsigned loads;

static const void *
load(const char *module, const char *symbol, struct error *err)
{
	loads++;
	if (strcmp(module, "demo") == 0 && strcmp(symbol, "functions") == 0)
		return &functions;
	error_set(err, ERROR_CONFIG, "cannot load %s", module);
	return NULL;
}

static void
uses_a_linked_library_at_once(void **state ATTR_UNUSED)
{
	struct backend linked = { "libdemo", .table = &functions };
	struct str text = { 0 };

	assert_true(backend_is_available(&linked));
	assert_ptr_equal(backend_table(&linked, NULL), &functions);
	assert_ptr_equal(backend_describe(&linked, &text), &functions);
	assert_int_equal(text.len, 0);
}

static void
loads_a_module_once(void **state ATTR_UNUSED)
{
	struct backend demo = { "libdemo", .load = load, .module = "demo",
		.symbol = "functions" };

	loads = 0;
	assert_true(backend_is_available(&demo));
	assert_int_equal(loads, 0);
	assert_ptr_equal(backend_table(&demo, NULL), &functions);
	assert_ptr_equal(backend_table(&demo, NULL), &functions);
	assert_int_equal(loads, 1);
}

static void
reports_a_module_that_cannot_be_loaded(void **state ATTR_UNUSED)
{
	struct backend broken = { "libdemo", .load = load, .module = "broken",
		.symbol = "functions" };
	struct error err = { 0 };
	struct str text = { 0 };

	assert_true(backend_is_available(&broken));
	assert_null(backend_table(&broken, &err));
	assert_string_equal(err.text, "cannot load broken");
	assert_null(backend_describe(&broken, &text));
	assert_string_equal(text.data, "cannot load broken");
	error_free(&err);
	str_free(&text);
}

static void
reports_a_missing_library(void **state ATTR_UNUSED)
{
	struct backend missing = { .library = "libdemo" };
	struct error err = { 0 };
	struct str text = { 0 };

	assert_false(backend_is_available(&missing));
	assert_null(backend_table(&missing, &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_string_equal(err.text, "this build has no libdemo");
	assert_null(backend_describe(&missing, &text));
	assert_string_equal(text.data, "none");
	error_free(&err);
	str_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uses_a_linked_library_at_once),
		cmocka_unit_test(loads_a_module_once),
		cmocka_unit_test(reports_a_module_that_cannot_be_loaded),
		cmocka_unit_test(reports_a_missing_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
