/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A token bucket: it holds up to `burst` tokens, and gets `count` new ones in
 * each period, evenly.  It is arithmetic only: whoever keeps a bucket passes the
 * time.
 */
#ifndef VEREDUS_BASE_TOKEN_BUCKET_H
#define VEREDUS_BASE_TOKEN_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

/* The largest count and burst, and the longest period in seconds. */
#define TOKEN_COUNT_MAX 1000000U
#define TOKEN_PERIOD_MAX (30U * 86400)

/* All are at least 1 and not above the limits; period is in seconds. */
struct token_rate {
	unsigned count;
	unsigned period;
	unsigned burst;
};

/*
 * What a bucket lacks.  { 0 } is a full one.  After a change of the rate, the
 * same number of tokens is missing.
 */
struct token_bucket {
	int64_t last;     /* the last change, in milliseconds since 1970 */
	int64_t missing;  /* microseconds until it is full */
	int64_t interval; /* microseconds between two tokens */
};

/*
 * Takes tokens at `now` (milliseconds since 1970); all or none.  A full bucket
 * gives more than it has, and is then in debt.  Returns 0, or the time at which
 * the tokens can be taken.
 *
 * If the clock went back, no time has passed; if it went ahead, the bucket is
 * full at the most.
 */
int64_t token_bucket_take(struct token_bucket *b, const struct token_rate *rate,
    unsigned tokens, int64_t now);
/* Gives tokens back that were taken. */
void token_bucket_give_back(struct token_bucket *b,
    const struct token_rate *rate, unsigned tokens, int64_t now);
/* Returns how many tokens the bucket has; 0 if it is in debt. */
unsigned token_bucket_left(const struct token_bucket *b,
    const struct token_rate *rate, int64_t now);
/* Whether the numbers can be those of a bucket. */
bool token_bucket_is_valid(const struct token_bucket *b);

#endif
