/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds helper programs. */
#include "base/helper_program.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/helper_folder.h"

char *
helper_program(const char *name)
{
	return alloc_printf("%s/%s", helper_folder, name);
}

bool
helper_is_installed(const char *name)
{
	char *program = helper_program(name);
	bool installed = access(program, X_OK) == 0;

	free(program);
	return installed;
}
