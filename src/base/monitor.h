/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A second process for what this one cannot do in its sandbox, such as to run
 * the command for a password.
 *
 * It is forked before the sandbox, and has no descriptor of a client.  A request
 * consists of numbers, and may come with an input and an output for the command
 * that is to be run, so that no text of a client or a server reaches it.
 * Each request has a process of its own, which ends with its answer.  Several
 * processes may ask at the same time: a child process inherits the right to.
 */
#ifndef VEREDUS_BASE_MONITOR_H
#define VEREDUS_BASE_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"

/* The function of monitor_start() knows what the numbers mean. */
struct monitor_request {
	unsigned kind;
	unsigned number;
	int64_t detail;
	/* Input and output of a command: in the second process they are copies of
	 * the descriptors of the process that asks. */
	unsigned has_files; /* 0: there are none */
	int input, output;
};

/*
 * Does what is asked for, in the second process, with the memory that this
 * process had when it was forked.  The numbers may have any value.
 */
typedef bool monitor_fn(void *ctx, const struct monitor_request *request,
    struct secret *result, struct error *err);

/* { 0 } is no second process. */
struct monitor {
	int socket_plus_1;
};

/*
 * Forks the second process.  It keeps the standard error output, unless that
 * leads where the standard output or input do, and the masks of secrets; all
 * other descriptors are closed there.  Signals that ask a program to end have no
 * effect on it.  It ends when no process is left that can ask it, and with it
 * what runs for a request.
 * Errors: ERROR_SYSTEM.
 */
bool monitor_start(struct monitor *m, monitor_fn *work, void *ctx,
    struct error *err);
bool monitor_is_started(const struct monitor *m);
/*
 * Asks, and waits for the answer until the deadline (base/clock.h); work() should
 * have an earlier one of its own.  Errors: those of work(), ERROR_SECRET if there
 * is no answer, ERROR_INTERRUPTED.
 */
bool monitor_ask(const struct monitor *m, const struct monitor_request *request,
    int64_t deadline, struct secret *result, struct error *err);
/*
 * The two halves of monitor_ask(), for a process that has to write and read
 * meanwhile.  *answer is a descriptor that becomes readable with the answer;
 * monitor_receive() closes it.
 */
bool monitor_send(const struct monitor *m,
    const struct monitor_request *request, int *answer, struct error *err);
bool monitor_receive(int answer, int64_t deadline, struct secret *result,
    struct error *err);
/* This process can no longer ask. */
void monitor_stop(struct monitor *m);

#endif
