/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --service --explain: what --explain tells, and what the service decides about
 * a client.
 */
#ifndef VEREDUS_RELAY_EXPLAIN_H
#define VEREDUS_RELAY_EXPLAIN_H

#include <stdbool.h>

#include "base/error.h"
#include "modes/context.h"
#include "modes/explanation.h"

/*
 * Explains a message from the client of --as, or from the caller.  Without -f,
 * the sender is the login name, as with a client that calls sendmail.
 * Errors: those of peer_init(), policy_read(), policy_check_account(),
 * policy_check_sender() and explain().
 */
bool service_explain(struct context *context, struct explanation *x,
    struct error *err);

#endif
