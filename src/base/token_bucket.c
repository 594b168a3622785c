/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counts the time until a bucket is full instead of its tokens, so that nothing
 * has to be added while nobody looks.
 */
#include "base/token_bucket.h"

#include <stddef.h>

#define SECOND INT64_C(1000000)
/* No bucket lacks more, which is more than the largest burst. */
#define MISSING_MAX (INT64_MAX / 2)
#define INTERVAL_MAX (TOKEN_PERIOD_MAX * SECOND)

static int64_t
interval_of(const struct token_rate *rate)
{
	return rate->period * SECOND / rate->count;
}

/* The product of two numbers that are not negative, up to MISSING_MAX. */
static int64_t
product(int64_t a, int64_t b)
{
	return b != 0 && a > MISSING_MAX / b ? MISSING_MAX : a * b;
}

/* The same number of tokens is missing, in the interval of the rate.  The parts
 * of the product do not overflow. */
static int64_t
convert(const struct token_bucket *b, int64_t interval)
{
	int64_t whole, rest;

	if (b->interval == interval || b->interval <= 0)
		return b->missing;
	whole = product(b->missing / b->interval, interval);
	rest = (int64_t)((double)(b->missing % b->interval)
	    / (double)b->interval * (double)interval);
	return whole < MISSING_MAX ? whole + rest : MISSING_MAX;
}

/* What the bucket lacks at that time. */
static int64_t
missing_at(const struct token_bucket *b, int64_t interval, int64_t now)
{
	int64_t missing = convert(b, interval);
	int64_t elapsed = now > b->last ? product(now - b->last, 1000) : 0;

	return missing > elapsed ? missing - elapsed : 0;
}

static void
set(struct token_bucket *b, int64_t missing, int64_t interval, int64_t now)
{
	*b = (struct token_bucket){ .last = now,
		.missing = missing < MISSING_MAX ? missing : MISSING_MAX,
		.interval = interval };
}

int64_t
token_bucket_take(struct token_bucket *b, const struct token_rate *rate,
    unsigned tokens, int64_t now)
{
	int64_t interval = interval_of(rate);
	int64_t missing = missing_at(b, interval, now);
	unsigned spare = tokens < rate->burst ? rate->burst - tokens : 0;
	int64_t excess = missing - product(spare, interval);

	if (excess > 0)
		return now + (excess + 999) / 1000;
	set(b, missing + product(tokens, interval), interval, now);
	return 0;
}

void
token_bucket_give_back(struct token_bucket *b, const struct token_rate *rate,
    unsigned tokens, int64_t now)
{
	int64_t interval = interval_of(rate);
	int64_t missing = missing_at(b, interval, now);
	int64_t given = product(tokens, interval);

	set(b, missing > given ? missing - given : 0, interval, now);
}

unsigned
token_bucket_left(const struct token_bucket *b, const struct token_rate *rate,
    int64_t now)
{
	int64_t interval = interval_of(rate);
	int64_t missing = missing_at(b, interval, now);
	int64_t taken = (missing + interval - 1) / interval;

	return taken < rate->burst ? rate->burst - (unsigned)taken : 0;
}

bool
token_bucket_is_valid(const struct token_bucket *b)
{
	return b->last >= 0 && b->missing >= 0 && b->missing <= MISSING_MAX
	    && b->interval > 0 && b->interval <= INTERVAL_MAX;
}
