/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where --report writes: a file, a descriptor of the caller, or standard output.
 */
#ifndef VEREDUS_REPORT_REPORT_FILE_H
#define VEREDUS_REPORT_REPORT_FILE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "config/cmdline.h"

/*
 * Opens what the command line names, before anything is sent: "-" is standard
 * output, "fd:N" a descriptor that the caller has opened for writing, and another
 * word a file, which file_open_append() creates.  Errors: ERROR_USAGE for an empty
 * word, and for a descriptor that cannot be used or that the SMTP client of -bs
 * reads; ERROR_CREATE for a file.
 */
bool report_file_open(const struct cmdline *cmdline, struct error *err);
/* Whether something was opened. */
bool report_file_is_open(void);
/* Whether its lines are all that standard output has. */
bool report_file_is_stdout(void);
/* Whether this process has written nothing yet. */
bool report_file_is_unused(void);
/*
 * Writes a line, which ends with LF.  To a file, it is one write.  All lines
 * together wait at most ten seconds for the reader of a pipe.  A process in the
 * background, which has lost the descriptor of the caller, writes nothing.
 * Errors: ERROR_CREATE.
 */
bool report_file_write(const struct str *line, struct error *err);

#endif
