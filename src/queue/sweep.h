/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Removes files that nobody needs any more: those in tmp/ that a killed process
 * left, and old failed messages.
 */
#ifndef VEREDUS_QUEUE_SWEEP_H
#define VEREDUS_QUEUE_SWEEP_H

#include "queue/folder.h"

/* After this time, in seconds, nobody is still writing a message. */
#define QUEUE_TMP_LIFETIME 86400U

/*
 * Removes the messages in a subfolder that were put there more than so many
 * seconds ago and that nobody has locked.  Other files remain, and what tmp/ has
 * under the name of a message of the queue.  Returns how many
 * were removed; errors are ignored until the next run.
 */
unsigned queue_sweep(struct queue_folder *folder, enum queue_place place,
    unsigned seconds);

#endif
