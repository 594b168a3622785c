/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The system log.
 */
#ifndef VEREDUS_BASE_LOG_H
#define VEREDUS_BASE_LOG_H

#include <stdbool.h>
#include <syslog.h>

#include "base/error.h"
#include "base/str.h"

/* The facility that disables logging. */
#define LOG_DISABLED (-1)

/* Sets the facility: LOG_* or LOG_DISABLED.  The default is LOG_MAIL. */
void log_set_facility(int facility);
int log_facility(void);
/* Sets the name at the start of each line; not copied.  The default is
 * "veredus". */
void log_set_ident(const char *ident);
/* Keeps the connection to the logger after a line, for a process that writes
 * many. */
void log_keep_connection(void);
/*
 * Writes one line.  Callers clean text from outside with text_clean().  A line
 * is best effort: it is lost if there is no logger, or if the logger does not
 * read; all calls since one that it got wait at most a second together.  errno
 * may change.  Returns whether a logger got it.
 */
bool log_line(int priority, const char *text);
/* The same for the text of an error. */
bool log_error(int priority, const struct error *err);
/* As log_line(), with fields for the journal, as base/journal.h wants them; without
 * any, or if the journal does not take them, only the line is written. */
bool log_fields(int priority, const char *text, const struct str *fields);
/* Whether a logger is there; writes nothing.  Otherwise errno says why not. */
bool log_is_reachable(void);

#endif
