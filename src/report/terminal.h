/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines on standard error.  The caller has cleaned and redacted the text. */
#ifndef VEREDUS_REPORT_TERMINAL_H
#define VEREDUS_REPORT_TERMINAL_H

#include "base/error.h"
#include "net/stream.h"

/*
 * Shows a line that the next line, transient or not, replaces; "" erases it.
 * Does nothing if standard error cannot be written to at once.
 */
void terminal_transient(const char *line);

/* Prints "--> EHLO me.example" or "<-- 250 ok".  Does not use ctx. */
void terminal_trace(void *ctx, enum stream_direction direction,
    const char *line);

/* Writes one line to standard error in one piece.  Ignores errors. */
void terminal_line(const char *prefix, const char *line);
/* Writes "NAME: warning: " with the error, which is not the result of the run. */
void terminal_warning(const char *name, const struct error *err);

#endif
