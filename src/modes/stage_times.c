/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Records how long each stage of a session took, for --probe. */
#include "modes/stage_times.h"

void
stage_times_note(void *ctx, enum smtp_stage stage, int64_t when)
{
	struct stage_times *times = ctx;
	struct stage_span *last =
	    times->count > 0 ? &times->spans[times->count - 1] : NULL;

	if (last != NULL)
		last->spent += when - times->since;
	times->since = when;
	if (stage == STAGE_NONE || times->count == STAGE_TIMES_MAX
	    || (last != NULL && stage_group(last->stage) == stage_group(stage)))
		return;
	times->spans[times->count++] = (struct stage_span){ .stage = stage };
}
