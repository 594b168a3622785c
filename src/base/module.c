/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/module.h"

#include <config.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/module_folder.h"
#include "base/module_version.h"

/* The text of the loader is long and begins with the path. */
static bool
refuse(const char *path, struct error *err)
{
	const char *reason = dlerror();
	size_t len = strlen(path);

	if (reason != NULL && strncmp(reason, path, len) == 0
	    && strncmp(reason + len, ": ", 2) == 0)
		reason += len + 2;
	return error_set(err, ERROR_CONFIG,
	    "this installation lacks %s (%s): install it again", path,
	    reason != NULL ? reason : "no reason is known");
}

static bool
check_version(void *module, const char *path, struct error *err)
{
	const char *version = dlsym(module, "module_version");

	if (version == NULL)
		return refuse(path, err);
	if (strcmp(version, PACKAGE_VERSION) == 0)
		return true;
	error_set(err, ERROR_SYSTEM,
	    "%s is of version %s, but this program of %s: install it again",
	    path, version, PACKAGE_VERSION);
	return error_temporary(err, true);
}

/*
 * Modules are linked with -z now: what one of them lacks is told here, though
 * the libraries below it may bind their own calls later, as they would if they
 * were linked with the program; that costs much less.
 */
static const void *
find(const char *path, const char *symbol, struct error *err)
{
	void *module = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
	const void *table;

	if (module == NULL) {
		refuse(path, err);
		return NULL;
	}
	if (!check_version(module, path, err))
		return NULL;
	table = dlsym(module, symbol);
	if (table == NULL)
		refuse(path, err);
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
