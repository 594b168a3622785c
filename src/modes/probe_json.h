/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The output of --probe --json, which veredus-json(5) describes. */
#ifndef VEREDUS_MODES_PROBE_JSON_H
#define VEREDUS_MODES_PROBE_JSON_H

#include "base/error.h"
#include "base/str.h"
#include "config/account.h"
#include "modes/probe_result.h"

/* Appends a line with the object.  The account may be empty, if err is why; else
 * err is the result of the probe. */
void probe_json(const struct probe_result *result,
    const struct account *account, const struct error *err, struct str *out);

#endif
