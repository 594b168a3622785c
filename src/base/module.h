/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parts of the program that are loaded when they are first needed, because a
 * library hangs on them whose start costs more than a small message: shared
 * objects in a folder of ours.
 *
 * They are found by their absolute path, which was decided when the program
 * was built: nothing is searched for and no variable is asked.  What they need
 * of the program is listed in src/modules.list.  None is ever unloaded.
 */
#ifndef VEREDUS_BASE_MODULE_H
#define VEREDUS_BASE_MODULE_H

#include "base/attr.h"
#include "base/error.h"

/* Where they are: module_folder.c, built for the place of the program. */
extern const char module_folder[];
/* What each of them says it was made for. */
extern const char module_version[];

/*
 * Loads NAME.so and returns its table of functions, the constant `symbol`.
 * Errors: ERROR_CONFIG when it is missing or broken; ERROR_SYSTEM, temporary,
 * when it is that of another version: an update may be under way.
 */
const void *module_load(const char *name, const char *symbol,
    struct error *err);

#endif
