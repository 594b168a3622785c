/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Replaces base/clock.c, for a test of time limits that are minutes long.  Time
 * passes only while the program waits for a server of a transcript that is
 * silent on purpose: a second for each millisecond that it would wait.  So no
 * limit depends on the speed of the machine.
 */
#ifndef VEREDUS_TESTS_FAST_CLOCK_H
#define VEREDUS_TESTS_FAST_CLOCK_H

#include <stdatomic.h>
#include <time.h>

#include "base/clock.h"
#include "transcript.h"

#define TICK 1000 /* milliseconds */
/* How long to wait, in real milliseconds, until the time is looked at again. */
#define REAL_TICK 1
#define REAL_PAUSE 5

static _Atomic int64_t fast_time = 1000000; /* milliseconds */

static int
fast_clock_gettime(clockid_t clock, struct timespec *now)
{
	int64_t time = fast_time;

	(void)clock;
	*now = (struct timespec){ .tv_sec = (time_t)(time / 1000),
		.tv_nsec = (long)(time % 1000 * 1000000) };
	return 0;
}

int slow_poll_timeout(int64_t deadline);

#define clock_gettime fast_clock_gettime
#define clock_poll_timeout slow_poll_timeout
#include "base/clock.c"
#undef clock_gettime
#undef clock_poll_timeout

int
clock_poll_timeout(int64_t deadline)
{
	int timeout = slow_poll_timeout(deadline);

	if (timeout == 0 || !transcript_is_silent())
		return timeout == 0 ? 0 : REAL_PAUSE;
	fast_time += timeout < 0 || timeout > TICK ? TICK : timeout;
	return REAL_TICK;
}

#endif
