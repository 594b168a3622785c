/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Puts a new message into the queue.
 */
#ifndef VEREDUS_QUEUE_CREATE_H
#define VEREDUS_QUEUE_CREATE_H

#include <stdbool.h>

#include "base/error.h"
#include "mail/message.h"
#include "queue/entry.h"
#include "queue/file.h"
#include "queue/folder.h"

/*
 * Makes a message durable: when this returns true, it is in the queue and
 * remains there after a loss of power.  Fills id and text of the entry, which
 * moves to `file`; the file stays locked.  On failure, the entry is freed.
 * Errors: ERROR_CONFIG of queue_head_write(); ERROR_SPACE if the file system is
 * full, ERROR_FILE for other failures.  Nothing is queued then.
 */
bool queue_create(struct queue_file *file, struct queue_folder *folder,
    struct queue_entry *entry, const struct message *m, struct error *err);

#endif
