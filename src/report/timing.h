/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What --time prints: where the time went, stage by stage.  Reads no clock:
 * the caller gives the times.
 */
#ifndef VEREDUS_REPORT_TIMING_H
#define VEREDUS_REPORT_TIMING_H

#include <stdint.h>

#include "base/stage.h"
#include "base/strv.h"

struct timing {
	int64_t spent[STAGES];   /* milliseconds */
	enum smtp_stage current; /* STAGE_NONE: no stage */
	int64_t since;
};

/* Nothing was measured yet, and the look-up of names begins. */
void timing_begin(struct timing *t, int64_t when);
/* An observer's function: ends the current stage; ctx is a struct timing. */
void timing_stage(void *ctx, enum smtp_stage stage, int64_t when);
/* Adds a line for each group of stages, even if none of them began, and the
 * total. */
void timing_lines(const struct timing *t, struct strv *lines);

#endif
