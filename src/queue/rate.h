/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How many messages and recipients an account may send, and each of its users.
 * The folder rate/ of the queue has a small file for each limit, which processes
 * lock.  What is damaged in it counts as a limit that nobody has used.
 */
#ifndef VEREDUS_QUEUE_RATE_H
#define VEREDUS_QUEUE_RATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/str.h"
#include "queue/params.h"

/* For a set of limits. */
#define RATE_BIT(kind) (1U << (kind))
#define RATE_ALL (RATE_BIT(RATE_KINDS) - 1)

/* Whose limits they are; everything is borrowed. */
struct rate_owner {
	const struct queue_params *queue;
	const char *account;
	const char *configuration; /* the absolute path of its file, or NULL */
	uid_t uid;                 /* the user who sends */
};

/* What a message has taken; { 0 } is nothing. */
struct rate_tokens {
	unsigned taken[RATE_KINDS];
};

/* Why nothing was taken. */
struct rate_excess {
	enum rate_kind kind;
	int64_t when; /* tokens are there, in milliseconds since 1970; 0: the
		       * state could not be written */
};

/* Returns the name of its setting. */
const char *rate_setting(enum rate_kind kind);
/* Returns the limits that the settings have. */
unsigned rate_limits(const struct queue_params *queue);
/* Returns the limits over which a message is refused, and not queued. */
unsigned rate_refusing(const struct queue_params *queue);

/*
 * Takes the tokens of a message from those limits; all or none.
 * Errors: ERROR_REJECTED, 450 4.7.1, with the time in its text; ERROR_FILE if the
 * state cannot be written.
 */
bool rate_take(const struct rate_owner *owner, unsigned limits,
    unsigned recipients, struct rate_tokens *tokens, struct rate_excess *excess,
    struct error *err);
/*
 * Whether a message of one recipient could take its tokens from those limits
 * `later` milliseconds from now; takes nothing.  What cannot be read counts as a
 * limit that nobody has used.  Errors: ERROR_REJECTED of rate_take().
 */
bool rate_check(const struct rate_owner *owner, unsigned limits, int64_t later,
    struct error *err);
/*
 * Gives back the tokens of those limits, except for so many recipients that have
 * the message: if there are any, one message was sent.  Errors are ignored: the
 * tokens come again by themselves.
 */
void rate_give_back(const struct rate_owner *owner, unsigned limits,
    unsigned recipients, struct rate_tokens *tokens);
/* Appends "rate 3 of 20, rate_user 5 of 5": the tokens that are left; nothing
 * without limits. */
void rate_describe(const struct rate_owner *owner, struct str *out);

#endif
