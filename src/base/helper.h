/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A helper program that outlives its caller: it is in a session of its own, no
 * signal of a terminal reaches it, and it is never killed.  What it reads from
 * its standard input is not visible to other processes, as arguments would be.
 */
#ifndef VEREDUS_BASE_HELPER_H
#define VEREDUS_BASE_HELPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/str.h"

struct helper {
	int64_t deadline; /* for all that is below (base/clock.h) */
	size_t max;       /* octets of the output */

	pid_t pid;
	int input;         /* leads to its standard input; -1 once closed */
	int from_output;   /* its standard output; -1 at its end */
	int from_errors;   /* its standard error; -1 at its end */
	struct str output; /* what it has written so far */
	struct str errors;
};

/* The results of helper_end() that are not exit statuses. */
#define HELPER_KILLED (-1)
#define HELPER_RUNS (-2)

/*
 * Starts `program`, an absolute path, with one argument, without an environment
 * and without other descriptors.  `deadline` and `max` are set, and all else is
 * zero.  Errors: ERROR_CONFIG if there is no such program, ERROR_SECRET.
 */
bool helper_start(struct helper *h, const char *program, const char *argument,
    struct error *err);
/* Writes the text, or as much of it as the helper reads.  Errors: ERROR_SECRET,
 * ERROR_INTERRUPTED. */
bool helper_write(struct helper *h, const char *text, size_t len,
    struct error *err);
void helper_close_input(struct helper *h);
/*
 * Waits for output, for its end, or for input from `terminal` (-1: none), and
 * appends what the helper has written.  *typed: the terminal has input.  Errors:
 * ERROR_SECRET after the deadline or if the output is too long or cannot be read,
 * ERROR_INTERRUPTED.
 */
bool helper_wait(struct helper *h, int terminal, bool *typed,
    struct error *err);
/* Whether the helper has closed its outputs. */
bool helper_is_at_end(const struct helper *h);
/* Lets go of the helper.  Returns its exit status, HELPER_KILLED, or HELPER_RUNS
 * at the deadline: then it goes on without this process. */
int helper_end(struct helper *h);
/* Overwrites and releases the output. */
void helper_free(struct helper *h);

/* Starts a helper, writes the input, reads all of its output, and sets *status as
 * helper_end() does.  Errors: as above. */
bool helper_run(struct helper *h, const char *program, const char *argument,
    const struct str *input, int *status, struct error *err);

#endif
