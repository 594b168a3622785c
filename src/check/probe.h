/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The findings about servers, from the result of a probe. */
#ifndef VEREDUS_CHECK_PROBE_H
#define VEREDUS_CHECK_PROBE_H

#include "base/error.h"
#include "check/finding.h"
#include "config/account.h"
#include "modes/probe_result.h"

/* Adds findings about the servers of the account.  `err` is that of probe(). */
void check_add_probe(const struct account *a, const struct probe_result *result,
    const struct error *err, struct findings *f);

#endif
