/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Part of each module, not of the program.
 */
#include <config.h>

#include "base/module.h"

ATTR_EXPORT const char module_version[] = PACKAGE_VERSION;
