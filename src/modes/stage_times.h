/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Records the stages of one session, in their order, and the time that each
 * of them took.  Reads no clock: the caller gives the times.
 */
#ifndef VEREDUS_MODES_STAGE_TIMES_H
#define VEREDUS_MODES_STAGE_TIMES_H

#include <stddef.h>
#include <stdint.h>

#include "base/stage.h"

/* One session has fewer; the last span takes the time of all further ones. */
#define STAGE_TIMES_MAX 16

struct stage_times {
	struct stage_span {
		enum smtp_stage stage; /* the first one of its group */
		int64_t spent;         /* milliseconds */
	} spans[STAGE_TIMES_MAX];
	size_t count;
	int64_t since; /* when the last span began */
};

/*
 * An observer's function: ctx is a struct stage_times.  Stages of one group
 * (base/stage.h) that follow each other make one span; STAGE_NONE ends the
 * last span.
 */
void stage_times_note(void *ctx, enum smtp_stage stage, int64_t when);

#endif
