/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Defines the version of a module.  Linked into each module, not into the
 * program. */
#include "base/module_version.h"

#include <config.h>

#include "base/attr.h"

ATTR_EXPORT const char module_version[] = PACKAGE_VERSION;
