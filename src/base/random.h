/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Non-cryptographic random numbers, for shuffling hosts of equal preference.
 * The same state gives the same numbers, so tests can repeat a sequence.
 */
#ifndef VEREDUS_BASE_RANDOM_H
#define VEREDUS_BASE_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t state;
};

/* Spreads the bits of a number: one step of the generator, or of a hash. */
uint64_t random_mix(uint64_t x);
/* Seeds the generator from the kernel. */
void random_start(struct random *r);
/* The next number of the sequence. */
uint64_t random_next(struct random *r);
/* A number from 0 to limit - 1, uniformly distributed; limit is not 0. */
uint64_t random_below(struct random *r, uint64_t limit);

/*
 * A sort key for a name, ignoring case.  It depends only on the state and the
 * name and does not change the state, so names sort in the same order within a
 * run of the program, but in another order in the next run.
 */
uint64_t random_rank(const struct random *r, const char *name);

#endif
