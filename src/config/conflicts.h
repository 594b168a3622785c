/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checks an account for settings that contradict each other or need others.
 */
#ifndef VEREDUS_CONFIG_CONFLICTS_H
#define VEREDUS_CONFIG_CONFLICTS_H

#include <stdbool.h>

#include "base/error.h"
#include "config/account.h"

/* Errors: ERROR_CONFIG, which names the settings and where they are set. */
bool conflicts_check(const struct account *a, struct error *err);

#endif
