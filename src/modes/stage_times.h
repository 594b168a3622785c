/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Records the stages of one session, in order, and how long each took.  The
 * caller passes the times.
 */
#ifndef VEREDUS_MODES_STAGE_TIMES_H
#define VEREDUS_MODES_STAGE_TIMES_H

#include <stddef.h>
#include <stdint.h>

#include "base/stage.h"

/* A session has fewer; the last span includes the time of all that follow. */
#define STAGE_TIMES_MAX 16

struct stage_times {
	struct stage_span {
		enum smtp_stage stage; /* the first one of its group */
		int64_t spent;         /* milliseconds */
	} spans[STAGE_TIMES_MAX];
	size_t count;
	int64_t since; /* time of the last call, in milliseconds */
};

/*
 * The stage function of an observer; ctx is a struct stage_times.  Consecutive
 * stages of one group (base/stage.h) form one span.  STAGE_NONE ends the last
 * span.
 */
void stage_times_note(void *ctx, enum smtp_stage stage, int64_t when);

#endif
