/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The observers of a submission: --time, and the progress of a large message.
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
 * Returns the observers to use, or NULL.  They point into w.  Progress is shown
 * with -v, or if standard error is a terminal, but not under the name sendmail.
 */
const struct observer *watch_begin(struct watch *w,
    const struct cmdline *cmdline, const struct message *message);
/* Prints the times with --time. */
void watch_end(struct watch *w);

#endif
