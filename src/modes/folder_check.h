/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether this user can use the folders that a configuration names.  A file
 * without a name is written in those that exist; no folder is created.
 */
#ifndef VEREDUS_MODES_FOLDER_CHECK_H
#define VEREDUS_MODES_FOLDER_CHECK_H

#include <stdbool.h>

#include "base/error.h"

/* Whether this user may create the folder in the nearest one above it that exists.
 * Errors: ERROR_FILE. */
bool folder_check_new(const char *path, struct error *err);
/*
 * Whether a message can be written to the queue in that folder; *exists is
 * false if the folder would be created first.  Errors: ERROR_FILE; those of
 * queue_folder_open().
 */
bool folder_check_queue(const char *path, bool *exists, struct error *err);
/* The same for the folder of a maildir.  Errors: ERROR_FILE; those of
 * maildir_check(). */
bool folder_check_maildir(const char *path, struct error *err);

#endif
