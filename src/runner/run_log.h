/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is written to the logs, and for --report, besides the result of the caller.
 */
#ifndef VEREDUS_RUNNER_RUN_LOG_H
#define VEREDUS_RUNNER_RUN_LOG_H

#include "config/account.h"
#include "modes/context.h"
#include "report/format.h"

/*
 * Writes the line of a message to the system log and to the log file of the account
 * that the context is for, and the object for --report.
 */
void run_log_result(const struct context *context, const struct log_entry *log,
    int priority);
/* Appends a line to the log file of the account.  Standard output, "-", gets none:
 * it is that of the run, or has one line for each result. */
void run_log_append(const struct account *a, const char *line);

#endif
