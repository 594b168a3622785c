/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The folders of a queue.  A queue belongs to one user, and nobody else has
 * access to it:
 *
 *   tmp/      messages that are being written
 *   queue/    messages to deliver
 *   hold/     messages that wait for an administrator
 *   failed/   messages that can be neither delivered nor returned
 *   rate/     no messages, but how many were sent (rate.h)
 *
 * Every folder is opened once and checked through its descriptor, and symbolic
 * links are not followed.
 */
#ifndef VEREDUS_QUEUE_FOLDER_H
#define VEREDUS_QUEUE_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "queue/id.h"

enum queue_place {
	QUEUE_TMP,
	QUEUE_ACTIVE, /* queue/ */
	QUEUE_HOLD,
	QUEUE_FAILED_MAIL,
	QUEUE_RATE, /* rate/ */
	QUEUE_PLACES
};

/* The subfolders of whole messages, and those whose messages wait, which mailq
 * lists.  QUEUE_PLACES ends both. */
extern const enum queue_place queue_places_all[];
extern const enum queue_place queue_places_waiting[];

struct queue_folder {
	char *path;
	bool create;     /* missing folders are created */
	int root_plus_1; /* descriptors; 0: not open */
	int places_plus_1[QUEUE_PLACES];
};

/*
 * Opens the queue at an absolute path.  With `create`, missing folders are
 * created with mode 0700, and are durable; without it, a missing queue is an
 * empty one.
 * Errors: ERROR_FILE if it cannot be opened, is a symbolic link, belongs to
 * another user or gives permissions to others.
 */
bool queue_folder_open(struct queue_folder *folder, const char *path,
    bool create, struct error *err);
/*
 * Returns the descriptor of a subfolder, which is opened when it is first
 * needed; -1 on failure, or without an error if it is missing and `create` is
 * off.  Errors: as above.
 */
int queue_folder_place(struct queue_folder *folder, enum queue_place place,
    struct error *err);
/*
 * Whether this user may list and change the folder, tmp/ and queue/, as far as they
 * exist: otherwise no message can be queued, or delivered and recorded, and a queue
 * run would look like one without messages.  A full disk is no failure, since runs
 * make room.  Errors: ERROR_FILE; those of queue_folder_open().
 */
bool queue_folder_check_access(struct queue_folder *folder, struct error *err);
/* Returns the name of a subfolder. */
const char *queue_place_name(enum queue_place place);
/*
 * Moves a file from one subfolder to another, by their descriptors, and replaces
 * none that has the name already.  On failure returns false with errno set.
 */
bool queue_folder_move(int from, int to, const char *name);
/* The same with another name. */
bool queue_folder_rename(int from, const char *name, int to,
    const char *new_name);
/*
 * Opens a small file that processes share, beside the subfolders, and waits for
 * its lock, which ends when the descriptor is closed.  With `for_change`, a
 * missing file is created.  On failure returns -1 with errno set.
 */
int queue_folder_lock(const struct queue_folder *folder, const char *name,
    bool for_change);
/* The same in the folder of a descriptor. */
int queue_folder_lock_in(int parent, const char *name, bool for_change);
/*
 * Makes the names in a subfolder durable, after files in it were moved or
 * removed.  Errors: ERROR_FILE.
 */
bool queue_folder_sync(struct queue_folder *folder, enum queue_place place,
    struct error *err);
void queue_folder_close(struct queue_folder *folder);

struct queue_list {
	struct queue_id *ids; /* in the order of arrival */
	size_t count;
	size_t size;
	size_t foreign; /* files whose names are not IDs */
};

/* Lists the messages in a subfolder; the list must be empty.
 * Errors: ERROR_FILE. */
bool queue_folder_list(struct queue_folder *folder, enum queue_place place,
    struct queue_list *list, struct error *err);
void queue_list_free(struct queue_list *list);

#endif
