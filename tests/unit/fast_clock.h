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

int64_t
clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return CLOCK_SPEED * (int64_t)now.tv_sec * 1000
	    + now.tv_nsec * CLOCK_SPEED / 1000000;
}

int64_t
clock_after(int64_t milliseconds)
{
	return clock_now() + milliseconds;
}

int64_t
clock_after_seconds(unsigned seconds)
{
	return clock_after((int64_t)seconds * 1000);
}

int64_t
clock_earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

bool
clock_has_passed(int64_t deadline)
{
	return clock_now() >= deadline;
}

int
clock_poll_timeout(int64_t deadline)
{
	int64_t left = deadline - clock_now();

	if (deadline == CLOCK_NEVER)
		return -1;
	return left <= 0 ? 0 : (int)(left / CLOCK_SPEED + 1);
}

#endif
