/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Time that only goes forward, and points in it by which work must end.
 * All durations are milliseconds unless a name says otherwise.
 */
#ifndef VEREDUS_BASE_CLOCK_H
#define VEREDUS_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_NEVER INT64_MAX

/* Milliseconds of the monotonic clock. */
int64_t clock_now(void);

/* A deadline is a point of clock_now(), or CLOCK_NEVER. */
int64_t clock_after(int64_t milliseconds);
int64_t clock_after_seconds(unsigned seconds);
int64_t clock_earlier(int64_t a, int64_t b);
bool clock_has_passed(int64_t deadline);
/* What poll() wants: the time left, at least 0, -1 for CLOCK_NEVER. */
int clock_poll_timeout(int64_t deadline);

#endif
