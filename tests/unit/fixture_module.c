/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What test_module.c loads: of a version, of none, or with a wish that nobody
 * can fulfil.
 */
#include <config.h>

#include "base/attr.h"
#include "base/module_version.h"

void nobody_has_this(void);

#ifdef FIXTURE_VERSION
ATTR_EXPORT const char module_version[] = FIXTURE_VERSION;
#endif
#ifdef FIXTURE_NEEDY
ATTR_EXPORT void (*const module_need)(void) = nobody_has_this;
#endif
extern const int fixture_table;
ATTR_EXPORT const int fixture_table = 42;
