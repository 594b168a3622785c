/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a queue run writes to the logs, and for --report.
 */
#ifndef VEREDUS_RUNNER_RUN_LOG_H
#define VEREDUS_RUNNER_RUN_LOG_H

#include "modes/context.h"
#include "report/format.h"

/*
 * Writes the line of a message to the system log and to the log file of the account
 * that the context is for, and the object for --report.
 */
void run_log_result(const struct context *context, const struct log_entry *log,
    int priority);

#endif
