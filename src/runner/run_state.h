/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of a queue run share.
 */
#ifndef VEREDUS_RUNNER_RUN_STATE_H
#define VEREDUS_RUNNER_RUN_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "config/cmdline.h"
#include "queue/folder.h"
#include "queue/params.h"
#include "queue/pauses.h"
#include "runner/account.h"
#include "runner/due.h"
#include "runner/workers.h"

struct run {
	const struct cmdline *cmdline;
	struct queue_params params;
	struct queue_folder folder;
	struct run_accounts accounts;
	struct queue_pauses pauses;
	struct due_list due;
	size_t current; /* the message that is tried, in due */
	size_t learned; /* of those before it, in due, the account is known */
	int sessions;   /* of queue_sessions_open() */
	int64_t start;  /* of the run, as in journals */
	int64_t end;    /* then no new messages are looked for */
	struct workers workers;
	struct workers sandboxed; /* started by this one, for an account each */
	bool has_failed;          /* one of these has */
	/* The first failure to read the folder or a message of it, if set. */
	struct error unreadable;
	/* The account that this process is for; NULL: all. */
	struct run_account *only;
	struct str *out;
};

#endif
