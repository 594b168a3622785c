/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The log file of an account (setting logfile). */
#ifndef VEREDUS_REPORT_LOG_FILE_H
#define VEREDUS_REPORT_LOG_FILE_H

#include <stdbool.h>

#include "base/error.h"

/*
 * Appends the time in a strftime() format (NULL: "%b %d %H:%M:%S"), a space and
 * the line.  Locks the file; file_open_append() says which files are accepted.
 * "-" is standard output.  A line is best effort: all calls together wait at most
 * a second for other programs.  Errors: ERROR_CREATE, naming the file.
 */
bool logfile_append(const char *file, const char *time_format, const char *line,
    struct error *err);

#endif
