/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A monotonic clock, and deadlines: times of this clock, in milliseconds.  Only
 * clock_wall() is the time of day, for what outlasts the process.
 * Durations are milliseconds, too, unless a name says otherwise.
 */
#ifndef VEREDUS_BASE_CLOCK_H
#define VEREDUS_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* The deadline that never passes. */
#define CLOCK_NEVER INT64_MAX

/* The current time. */
int64_t clock_now(void);
/* The milliseconds since 1970. */
int64_t clock_wall(void);

/* The deadline at this distance from now; CLOCK_NEVER if it overflows. */
int64_t clock_after(int64_t milliseconds);
int64_t clock_after_seconds(unsigned seconds);
/* The earlier of two deadlines. */
int64_t clock_earlier(int64_t a, int64_t b);
bool clock_has_passed(int64_t deadline);
/* The timeout for poll(): the time left, at least 0; -1 for CLOCK_NEVER. */
int clock_poll_timeout(int64_t deadline);

#endif
