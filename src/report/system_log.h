/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The line of a message in the system log. */
#ifndef VEREDUS_REPORT_SYSTEM_LOG_H
#define VEREDUS_REPORT_SYSTEM_LOG_H

#include "report/format.h"

/* Writes the line, which report_log() has made of the entry; to the journal also
 * its fields. */
void system_log_write(const struct log_entry *entry, int priority,
    const char *line);

#endif
