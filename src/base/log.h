/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The system log.  One line for each message, whatever became of it.
 */
#ifndef VEREDUS_BASE_LOG_H
#define VEREDUS_BASE_LOG_H

#include <syslog.h>

/* What log_set_facility() takes for "no system log at all". */
#define LOG_DISABLED (-1)

/* A LOG_* facility or LOG_DISABLED; LOG_MAIL until it is called. */
void log_set_facility(int facility);
/* The name before each line, "veredus" until it is called; not copied. */
void log_set_ident(const char *ident);
/* Writes one line; the text must be clean (base/text.h) already. */
void log_line(int priority, const char *text);

#endif
