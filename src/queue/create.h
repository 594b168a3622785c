/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Puts a new message into the queue, or changes what never changes otherwise.
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
/*
 * Replaces the file of a message by one with another entry and an empty
 * journal, under the same ID.  After a crash, either the old or the new file is
 * in the queue, so that nothing is lost and nothing is sent twice.  The message
 * may be that of the old file, which stays open and locked.  The new file is
 * locked, too.  The entry moves to `file`; on failure, it is freed.
 * Errors: as above.
 */
bool queue_replace(struct queue_file *file, const struct queue_file *old,
    struct queue_entry *entry, const struct message *m, struct error *err);

/*
 * A notice about a message is queued in two steps, so that after a crash it is
 * queued exactly once: queue_prepare() makes it durable in tmp/, under the ID of
 * the message, which must be locked; then the journal of the message gets the ID
 * of the notice; then queue_publish() moves it to queue/.  If there is nothing to
 * move under that ID, queue_publish() has done it before.
 * The entry and the errors are as those of queue_create().
 */
bool queue_prepare(struct queue_file *file, struct queue_folder *folder,
    struct queue_entry *entry, const struct message *m,
    const struct queue_id *about, struct error *err);
bool queue_publish(struct queue_folder *folder, const struct queue_id *about,
    const struct queue_id *id, struct error *err);

#endif
