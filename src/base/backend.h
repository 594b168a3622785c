/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An optional library of this build: linked, loaded as a module when it is
 * first needed, or missing.  The user of the library declares a struct backend,
 * and the build chooses the file that defines it: *_backend_linked.c,
 * *_backend_module.c or *_backend_none.c.
 */
#ifndef VEREDUS_BASE_BACKEND_H
#define VEREDUS_BASE_BACKEND_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"

struct backend {
	const char *library; /* its name, for errors: "GnuTLS" */
	const void *table;   /* functions that use it; NULL: not loaded */
	/* Loads the table: module_load(), or NULL without a module. */
	const void *(
	    *load)(const char *module, const char *symbol, struct error *err);
	const char *module, *symbol; /* the arguments of load */
};

/* Whether this build has the library; loads nothing. */
bool backend_is_available(const struct backend *backend);

/*
 * Returns the table of functions, after loading the module if necessary.
 * Returns NULL on failure.
 * Errors: those of module_load(); ERROR_CONFIG if the library is missing.
 */
const void *backend_table(struct backend *backend, struct error *err);

/*
 * For --version: returns the table of functions, or appends "none" or the
 * reason why the module cannot be loaded, and returns NULL.
 */
const void *backend_describe(struct backend *backend, struct str *out);

#endif
