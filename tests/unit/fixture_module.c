/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The modules that test_module.c loads: one with a version, one without a
 * version, and one with an undefined symbol.
 */
#include <config.h>

#include "base/attr.h"
#include "base/module_version.h"

void undefined_function(void);

#ifdef FIXTURE_VERSION
ATTR_EXPORT const char module_version[] = FIXTURE_VERSION;
#endif
#ifdef FIXTURE_NEEDY
ATTR_EXPORT void (*const module_reference)(void) = undefined_function;
#endif
extern const int fixture_table;
ATTR_EXPORT const int fixture_table = 42;
