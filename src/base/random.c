/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Implements the generator SplitMix64, seeded by the kernel. */
#include "base/random.h"

#include <sys/random.h>

#include "base/clock.h"
#include "base/text.h"

/* The increment of SplitMix64. */
#define STEP 0x9e3779b97f4a7c15u

uint64_t
random_mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

void
random_start(struct random *r)
{
	/* Do not wait for the entropy pool early after boot. */
	if (getrandom(&r->state, sizeof(r->state), GRND_NONBLOCK)
	    != (ssize_t)sizeof(r->state))
		r->state = random_mix((uint64_t)clock_now());
}

uint64_t
random_next(struct random *r)
{
	r->state += STEP;
	return random_mix(r->state);
}

uint64_t
random_below(struct random *r, uint64_t limit)
{
	/* Reject the last numbers of the range, which would make small
	 * results more likely. */
	uint64_t surplus = (UINT64_MAX % limit + 1) % limit;
	uint64_t x;

	do
		x = random_next(r);
	while (x > UINT64_MAX - surplus);
	return x % limit;
}

uint64_t
random_rank(const struct random *r, const char *name)
{
	uint64_t rank = random_mix(r->state + STEP);

	for (; *name != '\0'; name++)
		rank = random_mix(
			   rank ^ (uint64_t)text_lower((unsigned char)*name))
		    + STEP;
	return rank;
}
