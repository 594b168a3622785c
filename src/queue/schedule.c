/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The times of attempts and notices.
 */
#include "queue/schedule.h"

/* The pause differs by up to this part of it, and a time counts up to this
 * factor of the longest one. */
#define JITTER_PERCENT 20

int64_t
queue_pause_after(const struct queue_schedule *schedule, unsigned attempts)
{
	int64_t longest = (int64_t)schedule->longest_pause * 1000;
	int64_t pause = (int64_t)schedule->first_pause * 1000;

	for (unsigned i = 1; i < attempts && pause < longest; i++)
		pause *= 2;
	return pause < longest ? pause : longest;
}

/* From -20 to 20 percent; a message always has the same. */
static int64_t
jitter_percent(const struct queue_entry *entry)
{
	return (int64_t)(queue_id_random(&entry->id) % (2 * JITTER_PERCENT + 1))
	    - JITTER_PERCENT;
}

int64_t
queue_next_attempt(const struct queue_schedule *schedule,
    const struct queue_entry *entry, int64_t now)
{
	int64_t pause = queue_pause_after(schedule, entry->attempts);

	return now + pause + pause / 100 * jitter_percent(entry);
}

bool
queue_is_due(const struct queue_schedule *schedule, int64_t next_attempt,
    int64_t now)
{
	int64_t longest = (int64_t)schedule->longest_pause * 1000;

	return next_attempt <= now
	    || next_attempt > now + longest / 100 * (100 + JITTER_PERCENT);
}

int64_t
queue_wait_until(const struct queue_schedule *schedule, int64_t when,
    int64_t now)
{
	int64_t latest = now + (int64_t)schedule->longest_pause * 1000;

	return when < latest ? when : latest;
}

bool
queue_is_expired(const struct queue_schedule *schedule,
    const struct queue_entry *entry, int64_t now)
{
	return now >= entry->arrival + (int64_t)schedule->lifetime * 1000;
}

bool
queue_must_warn(const struct queue_schedule *schedule,
    const struct queue_entry *entry, int64_t now)
{
	return schedule->warn_after != 0 && !entry->warned && !entry->is_notice
	    && now >= entry->arrival + (int64_t)schedule->warn_after * 1000;
}
