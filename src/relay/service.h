/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --service: an SMTP server for the users of this host, at a Unix socket that a
 * super-server accepts connections at.
 */
#ifndef VEREDUS_RELAY_SERVICE_H
#define VEREDUS_RELAY_SERVICE_H

#include <stdbool.h>

#include "base/error.h"
#include "modes/context.h"

/*
 * Serves the client of the socket that is standard input, and sets the user of
 * the context.  `attempt` is that of submit().  Returns true whatever the
 * client or a server did, because the client and the log know.
 * Errors: those of peer_read(); ERROR_USAGE for a wrong option.
 */
bool service_run(struct context *context,
    bool (*attempt)(struct context *context, struct error *err),
    struct error *err);

#endif
