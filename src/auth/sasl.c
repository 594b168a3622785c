/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "auth/sasl.h"

void
sasl_describe_library(struct str *out)
{
	struct error err = { 0 };
	const struct sasl_library *library;

	if (!sasl_is_available()) {
		str_add(out, "none");
		return;
	}
	library = sasl_backend(&err);
	str_add(out, library != NULL ? library->name() : err.text);
	error_free(&err);
}

bool
sasl_has(const char *mechanism)
{
	const struct sasl_library *library;

	if (!sasl_is_available())
		return false;
	library = sasl_backend(NULL);
	return library == NULL || library->has(mechanism);
}

bool
sasl_begin(const struct sasl_input *input, struct sasl **sasl,
    struct error *err)
{
	const struct sasl_library *library = sasl_backend(err);

	*sasl = NULL;
	if (library == NULL)
		return error_prefix(err, "cannot do %s", input->mechanism);
	return library->begin(input, sasl, err);
}

bool
sasl_step(struct sasl *sasl, const struct str *challenge, struct str *response,
    bool *done, struct error *err)
{
	const struct sasl_library *library = sasl_backend(err);

	*done = false;
	return library != NULL
	    && library->step(sasl, challenge, response, done, err);
}

void
sasl_end(struct sasl *sasl)
{
	if (sasl != NULL)
		sasl_backend(NULL)->end(sasl);
}
