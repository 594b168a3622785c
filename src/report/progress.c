/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Shows how much of a large message has been sent. */
#include "report/progress.h"

#include "base/clock.h"
#include "report/terminal.h"

/* Milliseconds between two lines, on a terminal and elsewhere. */
#define TERMINAL_INTERVAL 200
#define FILE_INTERVAL 5000

/* Milliseconds after which the rate is shown. */
#define RATE_AFTER 500

#define MIB ((double)1024 * 1024)

static void
add_time_left(struct str *out, uint64_t seconds)
{
	if (seconds < 100)
		str_printf(out, ", %u s left", (unsigned)seconds);
	else
		str_printf(out, ", %llu min left",
		    (unsigned long long)(seconds + 30) / 60);
}

void
progress_print(struct str *out, uint64_t done, uint64_t total,
    int64_t milliseconds)
{
	double rate;

	/* Stuffed dots and commands are not in the total. */
	if (done > total)
		done = total;
	str_printf(out, "%.1f of %.1f MiB, %u %%", (double)done / MIB,
	    (double)total / MIB,
	    total == 0 ? 100
		       : (unsigned)(100.0 * (double)done / (double)total));
	if (milliseconds < RATE_AFTER || done == 0)
		return;
	rate = (double)done * 1000 / (double)milliseconds;
	str_printf(out, ", %.1f MiB/s", rate / MIB);
	if (done < total)
		add_time_left(out, (uint64_t)((double)(total - done) / rate));
}

static void
show(struct progress *p, int64_t now)
{
	struct str text = { 0 };

	progress_print(&text, p->done, p->total, now - p->began);
	if (p->terminal)
		terminal_transient(str_text(&text));
	else
		terminal_line("    ", str_text(&text));
	str_free(&text);
	p->shown = now;
}

void
progress_stage(void *ctx, enum smtp_stage stage, int64_t when)
{
	struct progress *p = ctx;

	if (stage == STAGE_BODY) {
		p->active = true;
		p->done = 0;
		p->began = when;
		show(p, when);
		return;
	}
	if (p->active && p->terminal)
		terminal_transient("");
	else if (p->active)
		show(p, when);
	p->active = false;
}

void
progress_size(void *ctx, uint64_t octets)
{
	struct progress *p = ctx;

	p->total = octets;
}

void
progress_sent(void *ctx, size_t octets)
{
	struct progress *p = ctx;
	int64_t now;

	if (!p->active)
		return;
	p->done += octets;
	now = clock_now();
	if (now - p->shown >= (p->terminal ? TERMINAL_INTERVAL : FILE_INTERVAL))
		show(p, now);
}
