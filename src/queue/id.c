/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The characters are in ASCII order, so that the order of IDs is that of their
 * numbers, and have no O, I and L, which look like digits, and no U.
 */
#include "queue/id.h"

#include <stddef.h>
#include <string.h>

#define RANDOM_BITS 22
#define RANDOM_MASK (((uint64_t)1 << RANDOM_BITS) - 1)

static const char characters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

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
	if (strlen(text) != QUEUE_ID_LENGTH
	    || strspn(text, characters) != QUEUE_ID_LENGTH)
		return false;
	memcpy(id->text, text, QUEUE_ID_LENGTH + 1);
	return true;
}

int
queue_id_compare(const struct queue_id *a, const struct queue_id *b)
{
	return strcmp(a->text, b->text);
}

static uint64_t
number_of(const struct queue_id *id)
{
	uint64_t number = 0;

	for (size_t i = 0; i < QUEUE_ID_LENGTH; i++)
		number = (number << 5)
		    | (uint64_t)(strchr(characters, id->text[i]) - characters);
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
