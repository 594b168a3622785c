/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The observers of a submission: measures the duration of the stages (--time),
 * and shows how much of a large message has been sent.
 */
#include "report/watch.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "report/terminal.h"

/* Milliseconds between two lines, on a terminal and elsewhere. */
#define TERMINAL_INTERVAL 200
#define FILE_INTERVAL 5000

/* Milliseconds after which the rate is shown. */
#define RATE_AFTER 500

#define MIB ((double)1024 * 1024)

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

/* Programs that call sendmail treat any output as a failure. */
static bool
wants_progress(struct progress *p, const struct cmdline *cmdline,
    const struct message *message)
{
	if (cmdline->personality != PERSONALITY_VEREDUS
	    || cmdline->errors == ERRORS_QUIET
	    || message_size(message) <= PROGRESS_SIZE_MIN)
		return false;
	*p = (struct progress){ .terminal = isatty(STDERR_FILENO) == 1 };
	return p->terminal || cmdline->verbose;
}

const struct observer *
watch_begin(struct watch *w, const struct cmdline *cmdline,
    const struct message *message, const struct observer *others)
{
	const struct observer *first = others;

	*w = (struct watch){ .timed = cmdline->timed };
	if (wants_progress(&w->progress, cmdline, message)) {
		w->observers[0] = (struct observer){ .stage = progress_stage,
			.size = progress_size,
			.sent = progress_sent,
			.ctx = &w->progress,
			.next = first };
		first = &w->observers[0];
	}
	if (w->timed) {
		timing_begin(&w->timing, clock_now());
		w->observers[1] = (struct observer){ .stage = timing_stage,
			.ctx = &w->timing,
			.next = first };
		first = &w->observers[1];
	}
	return first;
}

void
watch_end(struct watch *w)
{
	struct strv lines = { 0 };

	if (!w->timed)
		return;
	timing_stage(&w->timing, STAGE_NONE, clock_now());
	timing_lines(&w->timing, &lines);
	for (size_t i = 0; i < lines.count; i++)
		terminal_line("", lines.items[i]);
	strv_free(&lines);
}
