/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* --service --check: looks for every error in the file of the service. */
#ifndef VEREDUS_RELAY_CHECK_H
#define VEREDUS_RELAY_CHECK_H

#include <stdbool.h>

#include "base/error.h"
#include "modes/context.h"

/*
 * Reads the file of the service and all files that it names, looks up all users
 * and groups, resolves every account, and looks whether this user, unless it is
 * root, can use the folders of the queue and of the archive; connects to no
 * server.  Goes on after wrong lines with the settings that are left.  After
 * errors, context->problems has a line for each.  Errors: ERROR_CONFIG.
 */
bool service_check(struct context *context, struct error *err);

#endif
