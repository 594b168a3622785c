/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The queue that the configuration and the command line name, and a walk over
 * its messages.
 */
#ifndef VEREDUS_MODES_QUEUE_OPEN_H
#define VEREDUS_MODES_QUEUE_OPEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "modes/context.h"
#include "queue/file.h"
#include "queue/folder.h"
#include "queue/params.h"

/*
 * Fills an uninitialised struct with what all accounts have in common; the folder
 * is NULL for a user without a home.  --queue-dir prevails over the setting.  The
 * caller releases the struct, also after an error: those of cmdline_apply().
 */
bool queue_find_params(const struct context *context,
    struct queue_params *params, struct error *err);
/*
 * Sets *path to the absolute path of the queue, which the caller frees; NULL for a
 * user without a home.  Errors: those of config_check_queue() and
 * queue_find_params().
 */
bool queue_find_folder(const struct context *context, char **path,
    struct error *err);
/*
 * Opens the queue; one that does not exist is empty, and so is that of a user
 * without a home.  Errors: those of queue_find_folder() and queue_folder_open().
 */
bool queue_open(const struct context *context, struct queue_folder *folder,
    struct error *err);

/* Is called for a message; `file` is open, and closed afterwards. */
typedef bool queue_visitor(void *ctx, const struct queue_file *file,
    struct error *err);

/*
 * Calls `visit` for each message in the places (QUEUE_PLACES ends the list), in
 * the order of arrival, without locking it.  Messages that are done, and those
 * that have been removed meanwhile, are left out.  Files that are damaged, of a
 * newer version or no messages get a line in `warnings`; unless that is NULL, a
 * message in failed/ is verified as a whole if its journal has no failure.
 * Errors: those of queue_folder_list() and of the visitor; and after all other
 * files that of the first one that cannot be read.
 */
bool queue_walk(struct queue_folder *folder, const enum queue_place *places,
    queue_visitor *visit, void *ctx, struct strv *warnings, struct error *err);

/* Says in one line why a file that cannot be used cannot; the caller frees the
 * result. */
char *queue_file_problem(const struct queue_folder *folder,
    enum queue_place place, const struct queue_id *id,
    enum queue_file_state state, const struct error *reason);

#endif
