/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The dialogue on stderr (-v).  What arrives here is clean and masked.
 */
#ifndef VEREDUS_REPORT_TERMINAL_H
#define VEREDUS_REPORT_TERMINAL_H

#include "net/stream.h"

/*
 * Shows a text at the beginning of the terminal's line, in place of the one
 * that was shown so before; "" takes it away, and so does the next line.
 * It is left out where stderr cannot take it at once.
 */
void terminal_transient(const char *line);

/* "--> EHLO me.example" and "<-- 250 ok".  ctx is not used. */
void terminal_trace(void *ctx, enum stream_direction direction,
    const char *line);

/*
 * Writes one line to stderr as a whole.  If nobody reads it, that is not our
 * failure.
 */
void terminal_line(const char *prefix, const char *line);

#endif
