/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the functions of an optional library, and loads its module once. */
#include "base/backend.h"

bool
backend_is_available(const struct backend *backend)
{
	return backend->table != NULL || backend->load != NULL;
}

const void *
backend_table(struct backend *backend, struct error *err)
{
	if (!backend_is_available(backend))
		error_set(err, ERROR_CONFIG, "this build has no %s",
		    backend->library);
	else if (backend->table == NULL)
		backend->table =
		    backend->load(backend->module, backend->symbol, err);
	return backend->table;
}

const void *
backend_describe(struct backend *backend, struct str *out)
{
	struct error err = { 0 };

	if (!backend_is_available(backend))
		str_add(out, "none");
	else if (backend_table(backend, &err) == NULL)
		str_add(out, err.text);
	error_free(&err);
	return backend->table;
}
