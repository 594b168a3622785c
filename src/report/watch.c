/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Chooses the observers of a submission from the command line. */
#include "report/watch.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/strv.h"
#include "report/terminal.h"

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
    const struct message *message)
{
	const struct observer *first = NULL;

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
