/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What --time prints: where the time went, phase by phase.  Knows no clock
 * but what it is told.
 */
#ifndef VEREDUS_TIMING_H
#define VEREDUS_TIMING_H

#include <stdint.h>

#include "base/strv.h"
#include "smtp/observer.h"

struct timing {
	int64_t spent[PHASES]; /* milliseconds */
	enum phase current;    /* PHASES: none */
	int64_t since;
};

/* Nothing was measured yet, and the look-up of names begins. */
void timing_begin(struct timing *t, int64_t when);
/* The phase that was going on is over; ctx is a struct timing. */
void timing_phase(void *ctx, enum phase phase, int64_t when);
/* Adds a line for each phase, also for those that never came, and the total. */
void timing_lines(const struct timing *t, struct strv *lines);

#endif
