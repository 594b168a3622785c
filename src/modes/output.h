/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines "LABEL: VALUE" of what --serverinfo, --probe and --explain print.
 * The labels stay as they are, for scripts; all text is made clean here.
 */
#ifndef VEREDUS_MODES_OUTPUT_H
#define VEREDUS_MODES_OUTPUT_H

#include <time.h>

#include "base/attr.h"
#include "base/str.h"
#include "tls/tls.h"

/* How far a line is moved to the right. */
#define OUTPUT_TOP 0
#define OUTPUT_PART 4
#define SHOW_DETAIL 8

void output_line(struct str *out, int depth, const char *label,
    const char *value);
/* The value is formatted. */
void output_format(struct str *out, int depth, const char *label,
    const char *format, ...) ATTR_PRINTF(4, 5);
/* In UTC and in English, whatever the locale: it may be compared. */
void output_time(struct str *out, int depth, const char *label, time_t when);
/* Whose certificate it is, for how long from now, and the fingerprints in the
 * form of tls_fingerprint. */
void output_certificate(struct str *out, int depth, const struct tls_peer *peer,
    time_t now);

#endif
