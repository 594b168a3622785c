/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The characters are in ASCII order, so that the order of IDs is that of their
 * numbers, and have no O, I and L, which look like digits, and no U.
 */
#include "queue/id.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

#define RANDOM_BITS 22
#define RANDOM_MASK (((uint64_t)1 << RANDOM_BITS) - 1)

static const char characters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* Returns the values of the characters, and 1 more; other octets have 0.  A queue
 * run looks at every ID, so that a search in the text would cost too much. */
static const unsigned char *
values_plus_1(void)
{
	static unsigned char values[UCHAR_MAX + 1];

	if (values[(unsigned char)characters[0]] == 0)
		for (size_t i = 0; characters[i] != '\0'; i++)
			values[(unsigned char)characters[i]] =
			    (unsigned char)(i + 1);
	return values;
}

struct queue_id
queue_id_make(int64_t arrival, uint64_t random)
{
	uint64_t number =
	    ((uint64_t)arrival << RANDOM_BITS) | (random & RANDOM_MASK);
	struct queue_id id = { "" };

	for (size_t i = QUEUE_ID_LENGTH; i > 0; i--) {
		id.text[i - 1] = characters[number & 31];
		number >>= 5;
	}
	return id;
}

bool
queue_id_parse(const char *text, struct queue_id *id)
{
	const unsigned char *values = values_plus_1();

	if (strlen(text) != QUEUE_ID_LENGTH)
		return false;
	for (size_t i = 0; i < QUEUE_ID_LENGTH; i++)
		if (values[(unsigned char)text[i]] == 0)
			return false;
	memcpy(id->text, text, QUEUE_ID_LENGTH + 1);
	return true;
}

int
queue_id_compare(const struct queue_id *a, const struct queue_id *b)
{
	return memcmp(a->text, b->text, QUEUE_ID_LENGTH);
}

static uint64_t
number_of(const struct queue_id *id)
{
	const unsigned char *values = values_plus_1();
	uint64_t number = 0;

	for (size_t i = 0; i < QUEUE_ID_LENGTH; i++)
		number =
		    (number << 5) | (values[(unsigned char)id->text[i]] - 1U);
	return number;
}

int64_t
queue_id_arrival(const struct queue_id *id)
{
	return (int64_t)(number_of(id) >> RANDOM_BITS);
}

uint32_t
queue_id_random(const struct queue_id *id)
{
	return (uint32_t)(number_of(id) & RANDOM_MASK);
}
