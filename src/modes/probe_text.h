/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The output of --probe. */
#ifndef VEREDUS_MODES_PROBE_TEXT_H
#define VEREDUS_MODES_PROBE_TEXT_H

#include "base/str.h"
#include "base/strv.h"
#include "modes/probe_result.h"

/*
 * Appends a block for each next hop: time and result of each step, and the
 * certificates, with the ones of the pins (tls_fingerprint) that match the
 * server's own.
 */
void probe_text(const struct probe_result *result, const struct strv *pins,
    struct str *out);

#endif
