/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* IDNA in a build that loads libidn2 as a module. */
#include "base/idna.h"
#include "base/module.h"

struct backend idna_backend = { "libidn2", .load = module_load,
	.module = "idna", .symbol = "idna_libidn2_library" };
