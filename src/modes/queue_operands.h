/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The commands for some messages of the queue: "--queue-delete ID..." and
 * "--queue-delete all".
 */
#ifndef VEREDUS_MODES_QUEUE_OPERANDS_H
#define VEREDUS_MODES_QUEUE_OPERANDS_H

#include <stdbool.h>

#include "base/error.h"
#include "modes/context.h"
#include "queue/file.h"
#include "queue/folder.h"

/* How long a command waits for messages that others have locked. */
#define QUEUE_LOCK_SECONDS 10

/* A message that a command looks for. */
struct queue_operand {
	const struct queue_id *id;
	bool is_named; /* by its ID, and not as one of "all" */
};

/*
 * Does the work for the message if it is in that place.  Returns
 * QUEUE_FILE_OPEN, with an error if the work failed; or the state of a file that
 * cannot be used, with its error.
 */
typedef enum queue_file_state queue_work(void *ctx, struct queue_folder *folder,
    enum queue_place place, const struct queue_operand *operand,
    struct error *err);

/*
 * The state of an opened file, or QUEUE_FILE_GONE if -a names another account
 * than that of the message.  A damaged file that does not tell its account is
 * meant only by its ID.
 */
enum queue_file_state queue_command_select(const struct context *context,
    const struct queue_file *file, const struct queue_operand *operand,
    enum queue_file_state state);
/* Writes the log line of a message; account may be NULL. */
void queue_command_log(const struct context *context, const struct queue_id *id,
    const char *account, const char *result);

struct queue_command {
	queue_work *work;
	void *ctx;
	/* QUEUE_PLACES ends both lists. */
	const enum queue_place *named; /* where an ID is looked for */
	const enum queue_place *all;   /* where "all" messages are */
};

/*
 * Does the work for each message that the operands name.  A message that is
 * locked is tried again for QUEUE_LOCK_SECONDS.  A failure does not end the
 * command: all are in context->problems, and the first one is the error.
 * Errors: ERROR_USAGE for an operand that is no ID, before any work;
 * ERROR_NO_INPUT if there is no such message; ERROR_FILE if it is being
 * delivered; ERROR_INTERRUPTED; those of the work.
 */
bool queue_command_run(struct context *context, struct queue_folder *folder,
    const struct queue_command *command, struct error *err);

#endif
