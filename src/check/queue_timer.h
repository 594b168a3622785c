/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* What starts queue runs: a timer of systemd, or cron. */
#ifndef VEREDUS_CHECK_QUEUE_TIMER_H
#define VEREDUS_CHECK_QUEUE_TIMER_H

#include <stdbool.h>

#include "base/str.h"
#include "base/user.h"

/*
 * Appends the timer or the crontab that starts the queue runs of the user; false
 * if there is none.  Looks for enabled units of this program, in the files of
 * cron that can be read, and runs "crontab -l".
 */
bool queue_timer_find(const struct user *user, struct str *out);

/*
 * Whether a line of a crontab starts a queue run: "... veredus -q".  In the files
 * of the system, the user's name follows the time; NULL: there is none.
 */
bool queue_timer_is_run(const char *line, const char *user);

#endif
