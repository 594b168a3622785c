/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The limits of the settings `rate`, `rate_user` and `rate_recipients`.
 *
 * Every attempt takes its tokens, also that of a queue run, and gives them back
 * if nobody got the message.  A limit of the user over which messages are refused
 * is about what the user hands over: its token is taken once, also for a message
 * that is queued without an attempt, and given back if the message was neither
 * delivered nor queued, or if the caller's own attempt has returned it.
 */
#ifndef VEREDUS_RUNNER_RATE_LIMIT_H
#define VEREDUS_RUNNER_RATE_LIMIT_H

#include <stdint.h>

#include "base/error.h"
#include "mail/envelope.h"
#include "modes/context.h"
#include "queue/entry.h"
#include "queue/rate.h"

enum rate_limit {
	RATE_LIMIT_FREE,   /* the message may be sent, and has its tokens */
	RATE_LIMIT_QUEUED, /* the queue has it until there are tokens */
	RATE_LIMIT_REFUSED
};

/*
 * Takes the tokens of the complete submission, which is treated as `mode` says.
 * Over a limit, the message is queued or refused, as the settings say; without a
 * queue it is refused.
 * Errors of RATE_LIMIT_REFUSED: those of rate_take(), for all recipients.
 */
enum rate_limit rate_limit_take(struct context *context, enum queue_mode mode,
    struct error *err);
/*
 * Whether a client may begin a message: rate_limit_take() would not refuse it when
 * it has been read, half a minute from now.  Takes no token.
 * Errors: a temporary rejection, as that of rate_take().
 */
bool rate_limit_check(const struct context *context, enum queue_mode mode,
    struct error *err);
/* An attempt at the submission has ended, or was not made after all: gives back
 * the tokens that it has not used. */
void rate_limit_end_attempt(struct context *context);
/* Whoever handed the submission over has its result, or an attempt in the
 * background has left no recipient in the queue: gives back what the user has not
 * used. */
void rate_limit_end(struct context *context);
/* Another process goes on with the submission, and gives back the tokens. */
void rate_limit_leave(struct context *context);

/* Appends the tokens that are left for a submission, as rate_describe(). */
void rate_limit_describe(const struct context *context, struct str *out);

/*
 * Takes the tokens of a queued message for the recipients of the envelope.
 * Errors: those of rate_take().
 */
bool rate_limit_take_queued(const struct queue_params *queue,
    const struct queue_entry *entry, const struct envelope *envelope,
    struct rate_tokens *tokens, struct rate_excess *excess, struct error *err);
/* Gives back the tokens of those recipients that did not get the message; without
 * an envelope, of all. */
void rate_limit_end_queued(const struct queue_params *queue,
    const struct queue_entry *entry, const struct envelope *envelope,
    struct rate_tokens *tokens);

#endif
