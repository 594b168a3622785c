/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The messages that a queue run tries, in their order.  The time of a file says
 * when a run looks at it next: it is that of the next attempt, or of the end of
 * the pause of its destination.
 */
#ifndef VEREDUS_RUNNER_DUE_H
#define VEREDUS_RUNNER_DUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "config/cmdline.h"
#include "queue/folder.h"
#include "queue/id.h"
#include "queue/schedule.h"
#include "queue/usage.h"

/*
 * The messages of which the next one for the same domain is searched.  So many
 * domains in the queue cost no time, and each file is opened once to know its own.
 */
#define DUE_DOMAIN_SEARCH 1000

struct run_account;

struct due {
	struct queue_id id;
	bool is_done;
	bool is_second;  /* another process had it, or its destination, the
			 * first time */
	int64_t next;    /* 0: it was never tried */
	uint32_t domain; /* a hash of that of all recipients; 0: not known */
	/* Borrowed; NULL: the message was not looked at yet. */
	const struct run_account *account;
};

struct due_list {
	const struct cmdline *cmdline; /* borrowed */
	/* With the longest pause of all accounts. */
	struct queue_schedule schedule;
	/* The times of files may be too late: the journals count. */
	bool by_journal;
	struct due *items;
	size_t count;
	size_t size;
	struct queue_usage usage; /* of all messages */
	struct queue_list seen;   /* the messages in the queue */
};

/*
 * Adds the messages that are due and that the list has not seen yet: all in the
 * first call, and those that have arrived since in later ones.  Never-tried
 * messages come first, then those that are due longest.
 * Errors: ERROR_FILE.
 */
bool due_list_read(struct due_list *list, struct queue_folder *folder,
    struct error *err);
/* Adds a message at the end. */
void due_list_add(struct due_list *list, struct queue_id id, bool is_second);
/* Returns a hash of a domain, which may be NULL, for struct due; it is not 0. */
uint32_t due_hash_domain(const char *domain);
void due_list_free(struct due_list *list);

#endif
