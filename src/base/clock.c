/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the clocks, and computes deadlines with CLOCK_MONOTONIC. */
#include "base/clock.h"

#include <limits.h>
#include <time.h>

static int64_t
read_clock(clockid_t clock)
{
	struct timespec now = { 0 };

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
clock_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t
clock_wall(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t
clock_after(int64_t milliseconds)
{
	int64_t now = clock_now();

	return milliseconds > CLOCK_NEVER - now ? CLOCK_NEVER
						: now + milliseconds;
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
	return deadline != CLOCK_NEVER && clock_now() >= deadline;
}

int
clock_poll_timeout(int64_t deadline)
{
	int64_t left;

	if (deadline == CLOCK_NEVER)
		return -1;
	left = deadline - clock_now();
	if (left < 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}
