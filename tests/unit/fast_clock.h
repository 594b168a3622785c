/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Replaces base/clock.c, for a test of time limits that are minutes long: the
 * clock of the program runs CLOCK_SPEED times as fast.
 */
#ifndef VEREDUS_TESTS_FAST_CLOCK_H
#define VEREDUS_TESTS_FAST_CLOCK_H

#include <time.h>

#include "base/clock.h"

#define CLOCK_SPEED 500

static int
fast_clock_gettime(clockid_t clock, struct timespec *now)
{
	int status = clock_gettime(clock, now);
	int64_t nanoseconds = (int64_t)now->tv_nsec * CLOCK_SPEED;

	now->tv_sec =
	    now->tv_sec * CLOCK_SPEED + (time_t)(nanoseconds / 1000000000);
	now->tv_nsec = (long)(nanoseconds % 1000000000);
	return status;
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

	return timeout <= 0 ? timeout : timeout / CLOCK_SPEED + 1;
}

#endif
