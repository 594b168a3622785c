/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps what --report tells of a delivery beside its result. */
#include "report/recorder.h"

#include "base/alloc.h"
#include "base/clock.h"

static void
note_stage(void *ctx, enum smtp_stage stage, int64_t when)
{
	struct recorder *r = ctx;

	timing_stage(&r->timing, stage, when);
	if (stage != STAGE_NONE)
		r->last = stage;
}

static void
note_accepted(void *ctx, struct recipient *to, const char *host,
    const char *said)
{
	(void)ctx;
	alloc_replace(&to->host, host);
	alloc_replace(&to->said, said);
}

const struct observer *
recorder_begin(struct recorder **where)
{
	struct recorder *r = *where;

	if (r == NULL)
		r = *where = alloc_zeroed(1, sizeof(*r));
	timing_begin(&r->timing, clock_now());
	r->last = STAGE_DNS;
	r->observer = (struct observer){ .stage = note_stage,
		.accepted = note_accepted,
		.ctx = r };
	return &r->observer;
}

void
recorder_end(struct recorder *r)
{
	if (r != NULL && r->last != STAGE_NONE)
		timing_stage(&r->timing, STAGE_NONE, clock_now());
}

void
recorder_reset(struct recorder *r)
{
	if (r == NULL)
		return;
	r->timing = (struct timing){ 0 };
	r->last = STAGE_NONE;
}
