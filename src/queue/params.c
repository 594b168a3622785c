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

static bool
parse_count(const char *text, unsigned *count)
{
	unsigned long long number;

	if (!text_number(text, 1, TOKEN_COUNT_MAX, &number))
		return false;
	*count = (unsigned)number;
	return true;
}

bool
queue_parse_rate(const char *text, struct token_rate *rate)
{
	struct token_rate parsed = { 0 };
	char *first, *burst, *slash;
	bool has_burst = split(text, &first, &burst);
	bool ok = has_burst || *burst == '\0';

	slash = strchr(first, '/');
	if (slash != NULL)
		*slash++ = '\0';
	ok = ok && slash != NULL && parse_count(first, &parsed.count)
	    && text_duration(slash, 1, TOKEN_PERIOD_MAX, &parsed.period);
	parsed.burst = parsed.count;
	ok = ok && (!has_burst || parse_count(burst, &parsed.burst));
	if (ok)
		*rate = parsed;
	free(first);
	free(burst);
	return ok;
}

bool
queue_has_rate(const struct queue_params *params)
{
	for (size_t i = 0; i < RATE_KINDS; i++)
		if (params->rate.limits[i].count > 0)
			return true;
	return false;
}

bool
queue_keeps_tokens(const struct queue_params *params)
{
	return queue_has_rate(params) || params->alert_to != NULL;
}
