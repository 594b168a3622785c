/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who watches the session of a message, for --time and for the progress of
 * a large one.
 */
#ifndef VEREDUS_REPORT_WATCH_H
#define VEREDUS_REPORT_WATCH_H

#include "client/observer.h"
#include "config/cmdline.h"
#include "mail/message.h"
#include "report/progress.h"
#include "report/timing.h"

struct watch {
	bool timed;
	struct timing timing;
	struct progress progress;
	struct observer observers[2]; /* of the above */
};

/*
 * Those who want to watch, or NULL; the watch must stay where it is.  Asked
 * for is progress by -v or by a terminal on stderr, never as sendmail.
 */
const struct observer *watch_begin(struct watch *w,
    const struct cmdline *cmdline, const struct message *message);
/* Prints the times, if they are asked for. */
void watch_end(struct watch *w);

#endif
