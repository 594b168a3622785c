/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "timing.h"

#include "base/alloc.h"

void
timing_begin(struct timing *t, int64_t when)
{
	*t = (struct timing){ .current = PHASE_DNS, .since = when };
}

void
timing_phase(void *ctx, enum phase phase, int64_t when)
{
	struct timing *t = ctx;

	if (t->current != PHASES)
		t->spent[t->current] += when - t->since;
	t->current = phase;
	t->since = when;
}

static void
add_line(struct strv *lines, const char *name, int64_t milliseconds)
{
	strv_take(lines,
	    alloc_printf("%-11s %6lld.%03d s", name,
		(long long)(milliseconds / 1000), (int)(milliseconds % 1000)));
}

void
timing_lines(const struct timing *t, struct strv *lines)
{
	int64_t total = 0;

	for (int i = 0; i < PHASES; i++) {
		add_line(lines, phase_name((enum phase)i), t->spent[i]);
		total += t->spent[i];
	}
	add_line(lines, "total", total);
}
