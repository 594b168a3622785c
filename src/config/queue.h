/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The queue that a configuration names: one for all its accounts.
 */
#ifndef VEREDUS_CONFIG_QUEUE_H
#define VEREDUS_CONFIG_QUEUE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/user.h"
#include "config/file.h"
#include "queue/params.h"

/*
 * Returns the folder of a user's queue without queue_dir: LOCALSTATEDIR/spool/
 * veredus for root, LOCALSTATEDIR/lib/veredus/queue for a service, else
 * veredus/queue below $XDG_STATE_HOME or ~/.local/state; NULL without a home
 * folder of the user's own.  The caller frees the result.
 */
char *queue_default_folder(const struct user *user);
/* Fills in what other settings and the user decide. */
void queue_params_resolve(struct queue_params *params, const struct user *user);
/*
 * Checks that accounts that have settings of the queue or of the service as a
 * whole have the same, and that each alert_account exists.
 * Errors: ERROR_CONFIG, which names the lines.
 */
bool config_check_queue(const struct config *config, struct error *err);
/*
 * Fills params for the commands that need no account; the caller frees them with
 * queue_params_free().
 */
void config_queue_params(const struct config *config, const struct user *user,
    struct queue_params *params);
void queue_params_free(struct queue_params *params);

#endif
