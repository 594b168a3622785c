/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The log file of an account: one line for each message, beside syslog.
 */
#ifndef VEREDUS_REPORT_LOG_FILE_H
#define VEREDUS_REPORT_LOG_FILE_H

#include <stdbool.h>

#include "base/error.h"

/*
 * Appends the time, in the strftime() format (NULL: "%b %d %H:%M:%S"), a
 * blank, and the line.  The file is made with mode 0600 if need be, locked
 * while it is written, and never followed through a symbolic link; "-" is the
 * standard output.  Errors: ERROR_CREATE, naming the file.
 */
bool logfile_append(const char *file, const char *time_format, const char *line,
    struct error *err);

#endif
