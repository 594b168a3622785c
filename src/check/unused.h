/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of --check that finds lines without an effect. */
#ifndef VEREDUS_CHECK_UNUSED_H
#define VEREDUS_CHECK_UNUSED_H

#include <stdbool.h>

#include "check/finding.h"
#include "config/account.h"

/* Adds a note for each setting of the account's own lines that another setting
 * makes useless, and a warning for a hold_until that has passed. */
void check_unused(const struct account *a, bool of_service, struct findings *f);

#endif
