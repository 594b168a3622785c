/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Loadable modules: the parts of the program that need a large library, as
 * shared objects.  Loading such a library takes longer than sending a small
 * message, so a module is loaded when it is first needed, and never unloaded.
 *
 * A module is loaded by its absolute path, without any search path or
 * environment variable.  src/modules.list names the symbols of the program
 * that modules may use.
 */
#ifndef VEREDUS_BASE_MODULE_H
#define VEREDUS_BASE_MODULE_H

#include "base/error.h"

/*
 * Loads NAME.so and returns its table of functions, the constant `symbol`;
 * NULL on failure.
 * Errors: ERROR_CONFIG if the module is missing or broken; ERROR_SYSTEM,
 * temporary, if it has another version: an update may be in progress.
 */
const void *module_load(const char *name, const char *symbol,
    struct error *err);

#endif
