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

#include "base/error.h"
#include "config/cmdline.h"
#include "delivery/batch.h"
#include "modes/context.h"
#include "queue/entry.h"

struct run_account {
	char *name;
	char *configuration; /* or NULL: the usual files */
	struct cmdline cmdline;
	struct context context;
	/* Why messages must wait: the account cannot be used, or its server
	 * cannot be reached.  Not set: there is no reason. */
	struct error obstacle;
	bool is_broken; /* the obstacle is the account itself */
	/* What was learned in this run: */
	bool rejects_null_sender;    /* the server does */
	struct server_faults faults; /* of the server */
};

struct run_accounts {
	const struct cmdline *cmdline; /* of the queue run, borrowed */
	struct run_account **items;
	size_t count;
	size_t size;
};

/* Returns the account of a message, which has been read before or is read now. */
struct run_account *run_account_find(struct run_accounts *accounts,
    const struct queue_entry *entry);
/* Whether the message belongs to the account. */
bool run_account_is_of(const struct run_account *a,
    const struct queue_entry *entry);
void run_accounts_free(struct run_accounts *accounts);

#endif
