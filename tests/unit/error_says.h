/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks the error as it is printed: subject and text in one line. */
#ifndef VEREDUS_TESTS_ERROR_SAYS_H
#define VEREDUS_TESTS_ERROR_SAYS_H

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

ATTR_UNUSED static bool
error_says(const struct error *err, const char *part)
{
	char *message = error_describe(err);
	bool found = strstr(message, part) != NULL;

	free(message);
	return found;
}

ATTR_UNUSED static void
expect_message(const struct error *err, const char *wanted)
{
	char *message = error_describe(err);

	assert_string_equal(message, wanted);
	free(message);
}

#endif
