/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ID of a queued message, which is also the name of its file: the time of
 * arrival and a random number.  IDs sort by the time of arrival.
 */
#ifndef VEREDUS_QUEUE_ID_H
#define VEREDUS_QUEUE_ID_H

#include <stdbool.h>
#include <stdint.h>

/* The characters of an ID: 64 bits, five in each. */
#define QUEUE_ID_LENGTH 13

struct queue_id {
	char text[QUEUE_ID_LENGTH + 1];
};

/* Makes an ID for a message that arrived at that time, in milliseconds since
 * 1970, from 22 bits of a random number. */
struct queue_id queue_id_make(int64_t arrival, uint64_t random);
/* Whether the text has the form of an ID. */
bool queue_id_parse(const char *text, struct queue_id *id);
/* The order of arrival: less than 0, 0 or more than 0, as strcmp(). */
int queue_id_compare(const struct queue_id *a, const struct queue_id *b);
/* The time that the ID was made from. */
int64_t queue_id_arrival(const struct queue_id *id);
/* The random part, from 0 to 2^22 - 1. */
uint32_t queue_id_random(const struct queue_id *id);

#endif
