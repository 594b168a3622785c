/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Loads modules with dlopen() and checks their version. */
#include "base/module.h"

#include <config.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/module_folder.h"
#include "base/module_version.h"

/* Sets the error from dlerror(), which repeats the path: strip it. */
static bool
fail_load(const char *path, struct error *err)
{
	const char *reason = dlerror();
	size_t len = strlen(path);

	if (reason != NULL && strncmp(reason, path, len) == 0
	    && strncmp(reason + len, ": ", 2) == 0)
		reason += len + 2;
	return error_set(err, ERROR_CONFIG,
	    "cannot load %s (%s): reinstall veredus", path,
	    reason != NULL ? reason : "unknown error");
}

static bool
check_version(void *module, const char *path, struct error *err)
{
	const char *version = dlsym(module, "module_version");

	if (version == NULL)
		return fail_load(path, err);
	if (strcmp(version, PACKAGE_VERSION) == 0)
		return true;
	error_set(err, ERROR_SYSTEM,
	    "%s has version %s, but this program has version %s: reinstall "
	    "veredus",
	    path, version, PACKAGE_VERSION);
	return error_temporary(err, true);
}

/*
 * Modules are linked with -z now, so dlopen() reports symbols that a module
 * lacks.  RTLD_LAZY lets the libraries bind their own symbols later, which is
 * much faster.
 */
static const void *
find(const char *path, const char *symbol, struct error *err)
{
	void *module = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
	const void *table;

	if (module == NULL) {
		fail_load(path, err);
		return NULL;
	}
	if (!check_version(module, path, err))
		return NULL;
	table = dlsym(module, symbol);
	if (table == NULL)
		fail_load(path, err);
	return table;
}

const void *
module_load(const char *name, const char *symbol, struct error *err)
{
	char *path = alloc_printf("%s/%s.so", module_folder, name);
	const void *table = find(path, symbol, err);

	free(path);
	return table;
}
