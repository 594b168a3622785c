/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The accounts that a queue run needs: each is read and logged in once, from the
 * configuration that the message names.
 */
#ifndef VEREDUS_RUNNER_ACCOUNT_H
#define VEREDUS_RUNNER_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "config/cmdline.h"
#include "delivery/params.h"
#include "modes/context.h"
#include "queue/entry.h"
#include "queue/pauses.h"

struct run_account {
	char *name;
	char *configuration; /* or NULL: the usual files */
	struct cmdline cmdline;
	struct context context;
	bool has_config;     /* the configuration could be read */
	bool borrows_config; /* from another account of the run */
	/* Why the account cannot be used; not set: it can. */
	struct error obstacle;
	bool is_broken; /* it is not in the configuration */
	/* If it is broken: the default account, by which its messages are
	 * returned; or NULL. */
	struct run_account *heir;
	bool is_prepared;            /* run_account_prepare() was called */
	bool is_left;                /* to other processes, which work on it */
	bool is_handed_over;         /* to a process that this one waits for */
	bool is_probed_elsewhere;    /* another process tries its servers */
	bool is_good;                /* its servers work, in this run */
	int64_t tokens_when;         /* the account has tokens then, if not 0 */
	struct error excess;         /* the limit that has none */
	unsigned broken_sessions;    /* in a row, without a result */
	int probe_plus_1;            /* of queue_probe_begin(), or 0 */
	struct queue_pauses *pauses; /* of the run, borrowed */
	/* What was learned in this run: */
	bool rejects_null_sender;    /* the server does */
	struct server_faults faults; /* of the server */
	unsigned known_faults;       /* from queue_faults_find() */
};

struct run_accounts {
	const struct cmdline *cmdline; /* of the queue run, borrowed */
	struct queue_pauses *pauses;   /* borrowed */
	struct run_account **items;
	size_t count;
	size_t size;
};

/* Returns the account of a message, which has been read before or is read now.
 * It is not prepared.  The facility of the log stays as it is. */
struct run_account *run_account_find(struct run_accounts *accounts,
    const struct queue_entry *entry);
/* Gets what a session needs: the files of TLS, and the password.  On failure, the
 * reason is the obstacle. */
void run_account_prepare(struct run_account *a);
/* Keeps faults of the server that a session has shown for later runs. */
void run_account_note_faults(struct run_account *a);
/* Enters the sandbox of the account, in which this process can send messages of
 * no other one.  On failure, the reason is the obstacle. */
void run_account_enter_sandbox(struct run_account *a, const char *folder,
    uint64_t largest);
/* Lets other processes try the servers. */
void run_account_end_probe(struct run_account *a);
/* Returns the destination of its messages; with `host mx`, it stands for all. */
struct queue_destination run_account_destination(const struct run_account *a);
/* Whether the message belongs to the account. */
bool run_account_is_of(const struct run_account *a,
    const struct queue_entry *entry);
/* Forgets the other accounts without releasing their memory, in a process that
 * ends. */
void run_accounts_leave_others(struct run_accounts *accounts,
    struct run_account *a);
void run_accounts_free(struct run_accounts *accounts);

#endif
