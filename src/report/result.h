/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The end of a run: what became of it is said on stderr, in the system's log
 * and in the log file of the account, and becomes the exit status.
 */
#ifndef VEREDUS_REPORT_RESULT_H
#define VEREDUS_REPORT_RESULT_H

#include <stdbool.h>

#include "base/error.h"
#include "run.h"

/*
 * Says it and returns the exit status; err may be unset.  The logs hear of it
 * when a message was to be sent.
 */
int report_result(const struct run *run, const struct error *err, bool logged);

/* One message of several: tells the logs alone. */
void report_result_log(const struct run *run, const struct error *err);

#endif
