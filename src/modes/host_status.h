/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * -bh and -bH: the destinations that do not work, and an end of their pauses.
 */
#ifndef VEREDUS_MODES_HOST_STATUS_H
#define VEREDUS_MODES_HOST_STATUS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "modes/context.h"

/*
 * Appends a line for each destination, in the columns of Sendmail's hoststat, the
 * one that is tried next first; nothing without a destination.  With --json, an
 * object a line.  Errors: those of queue_open().
 */
bool host_status(struct context *context, struct str *out, struct error *err);
/* Lets the next queue run try all destinations.  Errors: those of queue_open();
 * ERROR_FILE. */
bool host_status_purge(struct context *context, struct str *out,
    struct error *err);

#endif
