/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A build without libgsasl: what remains are the mechanisms of auth_simple.c.
 */
#include "base/attr.h"
#include "smtp/sasl.h"

const char *
sasl_library(void)
{
	return "none";
}

bool
sasl_has(const char *mechanism ATTR_UNUSED)
{
	return false;
}

bool
sasl_begin(const struct sasl_input *input, struct sasl **sasl,
    struct error *err)
{
	*sasl = NULL;
	return error_set(err, ERROR_CONFIG,
	    "this build has no libgsasl, and without it no %s",
	    input->mechanism);
}

bool
sasl_step(struct sasl *sasl ATTR_UNUSED, const struct str *challenge ATTR_UNUSED,
    struct str *response ATTR_UNUSED, bool *done, struct error *err)
{
	*done = false;
	return error_set(err, ERROR_INTERNAL, "no SASL library to ask");
}

void
sasl_end(struct sasl *sasl ATTR_UNUSED)
{
}
