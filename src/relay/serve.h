/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * -bs: an SMTP server on standard input and output.  It relays each command at
 * once, so that the client receives the replies of the account's server.
 */
#ifndef VEREDUS_RELAY_SERVE_H
#define VEREDUS_RELAY_SERVE_H

#include <stdbool.h>

#include "base/error.h"
#include "modes/context.h"
#include "relay/policy.h"

/*
 * Serves the client until it sends QUIT.  Each message has a line in the log.
 * Reads the configuration, unless there is a policy, which was made from it, and
 * enters the sandbox before anything is read from the client.  A client hears of
 * an error in both when it sends MAIL.  policy may be NULL; `attempt` is that of
 * submit().  True if every command had its reply, whatever it was.
 * Errors: those of server_run(), ERROR_NO_INPUT, and ERROR_USAGE for a wrong
 * option.
 */
bool serve(struct context *context, const struct policy *policy,
    bool (*attempt)(struct context *context, struct error *err),
    struct error *err);

#endif
