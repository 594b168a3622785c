/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The state of this process, and helper commands.
 */
#ifndef VEREDUS_BASE_PROCESS_H
#define VEREDUS_BASE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"
#include "base/str.h"

/*
 * The first call of main(): opens /dev/null on missing descriptors 0 to 2
 * (*no_input tells whether 0 was missing), refuses to run set-id, resets
 * signals, mask and timers that the parent left behind, ignores SIGPIPE and
 * SIGXFSZ, forbids core files, removes the environment variables that steer
 * our libraries; `strict` (as sendmail) also removes TMPDIR.
 */
bool process_start(bool strict, bool *no_input, struct error *err);

/*
 * Runs `/bin/sh -c command` with /dev/null as its input and no inherited
 * descriptor but stderr, and keeps the one line that it prints.
 * Errors: what may be right the next time (exit status, killed, no line, no
 * end before the deadline) is ERROR_SECRET; what will be wrong again (no such
 * command, two lines, a NUL, more than 64 KiB) is ERROR_CONFIG.  The command
 * and its children are killed then; what a successful one leaves behind goes
 * on.  `what` names the setting in error texts; the output is never in them.
 */
bool process_read_line(const char *what, const char *command, int64_t deadline,
    struct secret *line, struct error *err);

/*
 * Runs a program of ours, the path argv[0], with /dev/null as its input, no
 * environment and no inherited descriptor, and appends what it prints, up to
 * `max` bytes.  Its standard error goes the same way, for it prints there only
 * when it fails.
 * Errors: ERROR_CONFIG when there is no such program; ERROR_SYSTEM, with the
 * line that it has printed if it failed by itself, when it was killed, prints
 * too much or does not end before the deadline; ERROR_INTERRUPTED.
 */
bool process_read_output(char *const argv[], size_t max, int64_t deadline,
    struct str *output, struct error *err);

/*
 * From here on SIGHUP, SIGINT and SIGTERM only set a flag, and whoever waits
 * for the network or the input gives up with ERROR_INTERRUPTED.
 */
void process_catch_signals(void);
/* Once the input is complete a hang-up is no reason to give up: the terminal
 * may go, the message must not. */
void process_ignore_hangup(void);
/* The signal that came, or 0. */
int process_signal(void);

#endif
