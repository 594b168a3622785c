/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What follows from an attempt to deliver a queued message: the journal, notices
 * to the sender, the next attempt, or the end.
 */
#ifndef VEREDUS_RUNNER_SETTLE_H
#define VEREDUS_RUNNER_SETTLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "mail/envelope.h"
#include "queue/file.h"
#include "queue/params.h"
#include "queue/usage.h"

/* The end of a message. */
enum settled {
	SETTLED_WAITS,    /* it has a recipient left */
	SETTLED_SENT,     /* every recipient was delivered to */
	SETTLED_RETURNED, /* the sender was told of the others */
	SETTLED_EXPIRED,  /* so it was, because of the age of the message */
	SETTLED_FAILED    /* nobody could be told: it is in failed/ */
};

/* Messages that were removed, but not yet durably. */
struct settle_removals {
	struct queue_folder *folder; /* borrowed; NULL: there are none */
	enum queue_place place;
	struct queue_usage usage;
};

struct settle_params {
	/* The pause of the destination says when the next attempt is due. */
	bool is_paused;
	/* If not 0, when tokens are there for the next attempt. */
	int64_t tokens_when;
	const struct queue_params *queue;
	const char *host; /* the name of this host, for notices */
	/* By which notices leave; NULL: the account of the message. */
	const char *account;
	const char *configuration; /* of that account; NULL: the usual files */
	/* If a recipient fails, so do those that wait (`partial off`). */
	bool all_or_nothing;
	/* If not NULL, removals are added to these, and the caller makes them
	 * durable. */
	struct settle_removals *removals;
};

/* Returns the word for it in the log. */
const char *settled_name(enum settled settled);

/*
 * Records the results of an attempt, which are those of the recipients of
 * `envelope`; indexes[i] is the index in the entry of its recipient i.  Returns
 * the recipients that failed to the sender.  Removes the file if no recipient is
 * left, or moves it to failed/ if nobody can be told.
 * Errors: ERROR_FILE, ERROR_SPACE: then the message remains in the queue.
 */
bool queue_settle(struct queue_file *file, const struct envelope *envelope,
    const size_t *indexes, const struct settle_params *params,
    enum settled *settled, struct error *err);

/*
 * Returns the message to its sender now: the recipients that wait have failed,
 * with the last status that a server said.  The result is SETTLED_RETURNED or
 * SETTLED_FAILED.  Errors: as above.
 */
bool queue_return_now(struct queue_file *file,
    const struct settle_params *params, enum settled *settled,
    struct error *err);

/* Makes the removals durable; there are none afterwards.  Errors: ERROR_FILE. */
bool queue_settle_removals(struct settle_removals *removals, struct error *err);

#endif
