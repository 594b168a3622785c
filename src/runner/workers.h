/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processes that share the work of a queue run.
 */
#ifndef VEREDUS_RUNNER_WORKERS_H
#define VEREDUS_RUNNER_WORKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The processes that a worker has at the same time. */
#define WORKERS_MAX 100

struct workers {
	pid_t processes[WORKERS_MAX]; /* that this worker has started */
	size_t count;
	unsigned number; /* of this worker, from 0 */
};

/*
 * Forks until there are `wanted` workers, or as many as the system allows.  All
 * of them return; worker 0 is the process that called.
 */
void workers_start(struct workers *w, unsigned wanted);
enum worker {
	WORKER_OLD, /* this process goes on, and has another worker */
	WORKER_NEW, /* this process is the other worker, and has none itself */
	WORKER_FAILED
};

/* Forks once; the new worker has the number of the old one. */
enum worker workers_add(struct workers *w);
/*
 * Waits for those that this worker has started, and ends them with it if a signal
 * ends it.  Returns whether all of them have exited with 0.
 */
bool workers_wait(struct workers *w);

#endif
