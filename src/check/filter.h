/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The part of --check that is about the command of `filter`.  It needs a message,
 * so it is not run.
 */
#ifndef VEREDUS_CHECK_FILTER_H
#define VEREDUS_CHECK_FILTER_H

#include "check/finding.h"
#include "config/account.h"

/* Lets the shell read the command, and looks for the programs that it names. */
void check_filter(const struct account *a, struct findings *f);

#endif
