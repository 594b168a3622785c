/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The settings of the queue.
 */
#ifndef VEREDUS_QUEUE_PARAMS_H
#define VEREDUS_QUEUE_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/token_bucket.h"
#include "queue/schedule.h"

enum queue_mode {
	QUEUE_MODE_OFF,    /* nothing is queued */
	QUEUE_MODE_ON,     /* what cannot be delivered now is queued */
	QUEUE_MODE_ALWAYS, /* queued first, then tried in the background */
	QUEUE_MODE_LATER   /* queued until the next queue run */
};

/* In the order in which their tokens are taken. */
enum rate_kind {
	RATE_USER,       /* messages of a user */
	RATE_MESSAGES,   /* messages of the account */
	RATE_RECIPIENTS, /* recipients of the account's messages */
	RATE_ALERTS,     /* notices to alert_to; no setting has this limit */
	RATE_KINDS
};

/* What becomes of a message over a limit. */
enum rate_over {
	RATE_OVER_DEFAULT, /* refused by RATE_USER, else queued */
	RATE_OVER_REFUSE,
	RATE_OVER_QUEUE
};

struct rate_params {
	char *texts[RATE_KINDS];              /* as written, or NULL */
	struct token_rate limits[RATE_KINDS]; /* a count of 0: no limit */
	/* The accounts that the limits are of, if they were inherited; or NULL.
	 * Borrowed. */
	const char *owners[RATE_KINDS];
	enum rate_over over;
};

struct queue_params {
	enum queue_mode mode;
	unsigned wait; /* seconds that a caller waits for an attempt */
	char *retry;   /* both pauses of the schedule, as written */
	struct queue_schedule schedule;
	unsigned sessions;       /* at once, for an account and destination */
	unsigned pipeline;       /* messages under way at once in a session */
	struct rate_params rate; /* also without a queue */
	char *alert_to;      /* who is told that the account cannot log in, or
			      * NULL; also without a queue */
	char *alert_account; /* that sends this notice; NULL: the same one */

	/* The same for all accounts of a configuration: */
	char *folder; /* an absolute path, or NULL: no queue and no rates */
	char *limit;  /* both limits, as written */
	uint64_t max_messages;
	uint64_t max_octets;
	unsigned failed_lifetime; /* seconds */
	char *bounce_to;          /* for notices without another reader */
};

/* Parses both pauses: two durations with blanks between them.  The second one
 * is not shorter. */
bool queue_parse_retry(const char *text, struct queue_schedule *schedule);
/* Parses the limits: a number of messages and a number of octets. */
bool queue_parse_limit(const char *text, uint64_t *messages, uint64_t *octets);
/* Parses "COUNT/PERIOD [BURST]": numbers and a duration.  Without a burst it is
 * the count. */
bool queue_parse_rate(const char *text, struct token_rate *rate);
/* Whether the settings have some limit. */
bool queue_has_rate(const struct queue_params *params);
/* Whether the folder of the queue has tokens, of limits or of notices about
 * rejected logins, whether or not messages are queued. */
bool queue_keeps_tokens(const struct queue_params *params);

#endif
