/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How many processes deliver queued messages of an account at once.
 */
#ifndef VEREDUS_QUEUE_SESSIONS_H
#define VEREDUS_QUEUE_SESSIONS_H

#include <stdbool.h>

#include "queue/folder.h"

/*
 * Counts this process among those that deliver for the account; false if there
 * are `limit` of them (1 to QUEUE_SESSIONS_MAX).  *fd is a descriptor, which
 * child processes inherit: the process counts until it is closed everywhere.
 * Without a file to count in, there is no limit, and *fd is -1.
 */
bool queue_session_begin(const struct queue_folder *folder, const char *account,
    unsigned limit, int *fd);

#define QUEUE_SESSIONS_MAX 100

#endif
