/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A build without libgsasl: what remains are the mechanisms of auth_simple.c.
 */
#include "auth/sasl.h"

bool
sasl_is_available(void)
{
	return false;
}

const struct sasl_library *
sasl_backend(struct error *err)
{
	error_set(err, ERROR_CONFIG, "this build has no libgsasl");
	return NULL;
}
