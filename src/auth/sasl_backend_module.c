/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "auth/sasl.h"
#include "base/module.h"

bool
sasl_is_available(void)
{
	return true;
}

const struct sasl_library *
sasl_backend(struct error *err)
{
	static const struct sasl_library *library;

	if (library == NULL)
		library = module_load("sasl", "sasl_gsasl_library", err);
	return library;
}
