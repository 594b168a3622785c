/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * External commands: `passwordeval` and `eval`, `filter`, and the helper
 * programs of this package.
 */
#ifndef VEREDUS_BASE_COMMAND_H
#define VEREDUS_BASE_COMMAND_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"
#include "base/str.h"

/*
 * Runs `/bin/sh -c command` and stores the first line that it prints.  Standard
 * input is /dev/null; of the open descriptors the command inherits only
 * standard error.  `deadline` is a time of clock_now().
 * Errors: temporary failures (exit status, signal, no output, a read error,
 * deadline exceeded) are ERROR_SECRET; permanent ones (command not found, a NUL or more
 * than SECRET_MAX bytes in that line, or more than 1 MiB) are ERROR_CONFIG;
 * ERROR_INTERRUPTED.  After an error the command and its children are killed;
 * background processes of a successful command keep running.  The subject
 * of an error is `what`, the name of the setting; no text contains the output.
 */
bool command_read_line(const char *what, const char *command, int64_t deadline,
    struct secret *line, struct error *err);

/*
 * Runs the helper program argv[0], an absolute path, with an empty environment
 * and no inherited descriptors, and appends its output, up to `max` bytes.
 * Standard input is /dev/null.  Standard error goes into the same output: a
 * helper writes there only when it fails.
 * Errors: ERROR_CONFIG if the program does not exist; ERROR_SYSTEM, with the
 * first line of output if the exit status is not 0, or if the program is
 * killed, prints too much or exceeds the deadline, or if its output cannot be read;
 * ERROR_INTERRUPTED.
 */
bool command_read_output(char *const argv[], size_t max, int64_t deadline,
    struct str *output, struct error *err);

struct command_filter {
	int input, output; /* what the command reads and writes */
	char *const *environment;
	/* Gets the first line that a command with the exit status 0 wrote to
	 * standard error. */
	struct str *remark;
};

/*
 * Runs `/bin/sh -c command` in the root folder, with that environment, input and
 * output, and no other descriptor; who calls it has the other ends of the two.
 * Errors: ERROR_MESSAGE if the exit status is EX_DATAERR; ERROR_FILTER, about
 * `what`, if there is another status, if the command is killed, if it
 * exceeds the deadline, or if its errors cannot be read; ERROR_INTERRUPTED.  The
 * text has the first line that the command wrote to standard error.  After an error
 * the command and its children are killed; background processes of a successful
 * command keep running.
 */
bool command_filter(const char *what, const char *command,
    const struct command_filter *filter, int64_t deadline, struct error *err);

#endif
