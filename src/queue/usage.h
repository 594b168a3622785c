/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How many messages and octets a queue has, in a small file that saves counting
 * them.  A process that is killed may leave it wrong; each queue run sets it
 * right.
 */
#ifndef VEREDUS_QUEUE_USAGE_H
#define VEREDUS_QUEUE_USAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "queue/folder.h"

struct queue_usage {
	uint64_t messages;
	uint64_t octets;
};

/*
 * Adds a message of that size, unless the queue would then be over the limits,
 * or the file system would have less than half of the size left.
 * Errors: ERROR_SPACE, ERROR_FILE.
 */
bool queue_usage_add(struct queue_folder *folder, uint64_t octets,
    const struct queue_usage *limits, struct error *err);
/* Subtracts a message.  Errors are ignored: the next run sets it right. */
void queue_usage_subtract(struct queue_folder *folder, uint64_t octets);
/* Subtracts several messages, with all their octets. */
void queue_usage_subtract_all(struct queue_folder *folder,
    const struct queue_usage *removed);
/* Replaces the numbers by those that were counted.  Errors are ignored. */
void queue_usage_set(struct queue_folder *folder,
    const struct queue_usage *counted);

#endif
