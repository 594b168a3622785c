/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The durations of the stages of a session, for --time.  Callers pass the times
 * of clock_now() in.
 */
#ifndef VEREDUS_REPORT_TIMING_H
#define VEREDUS_REPORT_TIMING_H

#include <stdint.h>

#include "base/stage.h"
#include "base/strv.h"

struct timing {
	int64_t spent[STAGES];   /* milliseconds */
	enum smtp_stage current; /* STAGE_NONE: no stage */
	int64_t since;           /* when the current stage began */
};

/* Starts with STAGE_DNS. */
void timing_begin(struct timing *t, int64_t when);
/* Ends the current stage and begins another; ctx is a struct timing. */
void timing_stage(void *ctx, enum smtp_stage stage, int64_t when);
/* Adds a line for each group of stages, also those that did not begin, and one
 * for the total. */
void timing_lines(const struct timing *t, struct strv *lines);

#endif
