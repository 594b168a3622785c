/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers that nobody foresees, for choices among equals: in which order
 * servers are tried.  No keys are made of them.  The same state gives the same
 * numbers, so that a test can repeat what it saw.
 */
#ifndef VEREDUS_BASE_RANDOM_H
#define VEREDUS_BASE_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t state;
};

/* Takes a state from the system. */
void random_start(struct random *r);
uint64_t random_next(struct random *r);
/* One of 0 to limit - 1, each as likely as the others; limit is not 0. */
uint64_t random_below(struct random *r, uint64_t limit);

/*
 * A number that depends on the state and on the name alone, without regard
 * to case, and changes no state: names are in the same order wherever they
 * meet within one run, and in any order from run to run.
 */
uint64_t random_rank(const struct random *r, const char *name);

#endif
