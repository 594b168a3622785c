/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures the duration of the stages of a session (--time). */
#include "report/timing.h"

#include "base/alloc.h"

void
timing_begin(struct timing *t, int64_t when)
{
	*t = (struct timing){ .current = STAGE_DNS, .since = when };
}

void
timing_stage(void *ctx, enum smtp_stage stage, int64_t when)
{
	struct timing *t = ctx;

	if (t->current != STAGE_NONE)
		t->spent[t->current] += when - t->since;
	t->current = stage;
	t->since = when;
}

static void
add_line(struct strv *lines, const char *name, int64_t milliseconds)
{
	strv_take(lines,
	    alloc_printf("%-11s %6lld.%03d s", name,
		(long long)(milliseconds / 1000), (int)(milliseconds % 1000)));
}

static int64_t
group_time(const struct timing *t, enum smtp_stage group)
{
	int64_t sum = 0;

	for (int i = STAGE_NONE + 1; i < STAGES; i++)
		if (stage_group((enum smtp_stage)i) == group)
			sum += t->spent[i];
	return sum;
}

void
timing_lines(const struct timing *t, struct strv *lines)
{
	int64_t total = 0;

	for (int i = STAGE_NONE + 1; i < STAGES; i++) {
		enum smtp_stage stage = (enum smtp_stage)i;

		total += t->spent[stage];
		if (stage_group(stage) == stage)
			add_line(lines, stage_name(stage),
			    group_time(t, stage));
	}
	add_line(lines, "total", total);
}
