/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "auth/sasl.h"

bool
sasl_is_available(void)
{
	return true;
}

const struct sasl_library *
sasl_backend(struct error *err)
{
	(void)err;
	return &sasl_gsasl_library;
}
