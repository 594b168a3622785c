/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Passes calls on to the functions that use libgsasl, and loads it if needed. */
#include "auth/sasl.h"

bool
sasl_is_available(void)
{
	return backend_is_available(&sasl_backend);
}

void
sasl_describe_library(struct str *out)
{
	const struct sasl_library *library =
	    backend_describe(&sasl_backend, out);

	if (library != NULL)
		str_printf(out, "libgsasl %s", library->version());
}

bool
sasl_has(const char *mechanism)
{
	const struct sasl_library *library;

	if (!sasl_is_available())
		return false;
	library = backend_table(&sasl_backend, NULL);
	return library == NULL || library->has(mechanism);
}

bool
sasl_begin(const struct sasl_input *input, struct sasl **sasl,
    struct error *err)
{
	const struct sasl_library *library = backend_table(&sasl_backend, err);

	*sasl = NULL;
	if (library == NULL)
		return error_prefix(err, "cannot use %s", input->mechanism);
	return library->begin(input, sasl, err);
}

bool
sasl_step(struct sasl *sasl, const struct str *challenge, struct str *response,
    bool *done, struct error *err)
{
	const struct sasl_library *library = backend_table(&sasl_backend, err);

	return library->step(sasl, challenge, response, done, err);
}

void
sasl_end(struct sasl *sasl)
{
	const struct sasl_library *library;

	if (sasl == NULL)
		return;
	library = backend_table(&sasl_backend, NULL);
	library->end(sasl);
}
