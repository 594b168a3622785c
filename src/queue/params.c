/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parses settings that have two values.
 */
#include "queue/params.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

#define PAUSE_MAX (30U * 86400)

/* Copies the two words of a text; false if it has another number of words.  The
 * caller frees *first and *second in any case. */
static bool
split(const char *text, char **first, char **second)
{
	size_t len = strcspn(text, " \t");
	const char *rest = text + len + strspn(text + len, " \t");

	*first = alloc_string_n(text, len);
	*second = alloc_string(rest);
	return len > 0 && *rest != '\0' && strpbrk(rest, " \t") == NULL;
}

bool
queue_parse_retry(const char *text, struct queue_schedule *schedule)
{
	unsigned first_pause = 0, longest_pause = 0;
	char *first, *second;
	bool ok = split(text, &first, &second)
	    && text_duration(first, 1, PAUSE_MAX, &first_pause)
	    && text_duration(second, first_pause, PAUSE_MAX, &longest_pause);

	if (ok) {
		schedule->first_pause = first_pause;
		schedule->longest_pause = longest_pause;
	}
	free(first);
	free(second);
	return ok;
}

bool
queue_parse_limit(const char *text, uint64_t *messages, uint64_t *octets)
{
	unsigned long long number = 0;
	char *first, *second;
	bool ok = split(text, &first, &second)
	    && text_number(first, 1, INT64_MAX, &number)
	    && text_octets(second, INT64_MAX, octets);

	if (ok)
		*messages = number;
	free(first);
	free(second);
	return ok;
}
