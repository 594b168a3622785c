/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* SASL in a build that loads libgsasl as a module. */
#include "auth/sasl.h"
#include "base/module.h"

struct backend sasl_backend = { "libgsasl", .load = module_load,
	.module = "sasl", .symbol = "sasl_gsasl_library" };
