/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The file of a queued message: a line with the version and a checksum, the
 * head (head.h), an empty line, the message, and the journal (journal.h).  The
 * checksum covers the head and the message, which never change.
 *
 * Whoever holds the lock of the file may append to the journal, move the file
 * or remove it.
 */
#ifndef VEREDUS_QUEUE_FILE_H
#define VEREDUS_QUEUE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "mail/message.h"
#include "queue/entry.h"
#include "queue/folder.h"
#include "queue/journal.h"

/* An open and locked file. */
struct queue_file {
	struct queue_entry entry;
	struct queue_folder *folder; /* borrowed */
	enum queue_place place;
	int fd_plus_1;       /* 0: not open */
	uint64_t size;       /* octets that the whole file has at most */
	uint64_t message;    /* where the header section begins */
	uint64_t journal;    /* where the journal begins */
	uint64_t appended;   /* where its last whole line ends */
	struct str verified; /* all before the journal, if it is short */
};

enum queue_file_state {
	QUEUE_FILE_OPEN,    /* the file is open, locked and undamaged */
	QUEUE_FILE_GONE,    /* it has been removed or moved */
	QUEUE_FILE_LOCKED,  /* another process has it */
	QUEUE_FILE_FOREIGN, /* it is not a file of this queue; see the error */
	QUEUE_FILE_NEWER,   /* a later version of this program wrote it */
	QUEUE_FILE_DAMAGED, /* it is open and locked, but must not be used
			     * except to move it; see the error */
	QUEUE_FILE_UNREADABLE /* it cannot be read now; see the error */
};

/*
 * Opens and locks a file, and reads all of it to verify the checksums.  Removes
 * an incomplete last line of the journal.
 */
enum queue_file_state queue_file_open(struct queue_file *file,
    struct queue_folder *folder, enum queue_place place,
    const struct queue_id *id, struct error *err);
/*
 * Reads the entry without a lock, for lists.  Only the head and the journal are
 * read and verified.
 */
enum queue_file_state queue_file_peek(struct queue_file *file,
    struct queue_folder *folder, enum queue_place place,
    const struct queue_id *id, struct error *err);
/* The same, but reads and verifies all of it. */
enum queue_file_state queue_file_verify(struct queue_file *file,
    struct queue_folder *folder, enum queue_place place,
    const struct queue_id *id, struct error *err);
/* Whether another process holds the lock of an open file. */
bool queue_file_is_locked(const struct queue_file *file);
/* Fills an empty message; a long one borrows the descriptor of the file.
 * Errors: ERROR_FILE. */
bool queue_file_message(const struct queue_file *file, struct message *m,
    struct error *err);

/*
 * Appends events to the journal, in one write, and applies them to the entry.
 * With `durable`, they are on the disk when this returns true.
 * Errors: ERROR_SPACE, ERROR_FILE.
 */
bool queue_file_append(struct queue_file *file,
    const struct queue_event *events, size_t count, bool durable,
    struct error *err);
/*
 * Reserves room on the disk for the results of an attempt for several
 * recipients.  On a full disk, those who have the message could not be recorded
 * and would get it again with each attempt.  That the file system cannot reserve
 * room is no error.  Errors: ERROR_SPACE.
 */
bool queue_file_reserve(const struct queue_file *file, struct error *err);
/* Makes the time of the next attempt the time of the file, where a queue run
 * finds it without reading the file. */
void queue_file_touch(const struct queue_file *file);
/* Lets a queue run look at the file at another time, in milliseconds since
 * 1970. */
void queue_file_set_time(const struct queue_file *file, int64_t when);
/* Moves the file to another subfolder.  Errors: ERROR_FILE. */
bool queue_file_move(struct queue_file *file, enum queue_place place,
    struct error *err);
/* Removes the file.  Errors: ERROR_FILE. */
bool queue_file_remove(struct queue_file *file, struct error *err);
/* Closes the file and releases the entry. */
void queue_file_close(struct queue_file *file);

#endif
