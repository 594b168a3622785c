/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The output of --explain: everything that is decided about a message before
 * the first connection, and why.
 */
#ifndef VEREDUS_MODES_EXPLAIN_H
#define VEREDUS_MODES_EXPLAIN_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "modes/context.h"

/* Appends the configuration files, and the account if it has been chosen. */
void explain_begin(const struct context *context, struct str *out);
/*
 * Appends the rest: envelope, next hops, login, session and settings.  The
 * context has an account and a sender, and may have recipients.  Sends DNS
 * queries, but reads no password and connects to no mail server.  Returns false
 * with the error that a delivery would have if a recipient has no next hop.
 */
bool explain(struct context *context, struct str *out, struct error *err);

#endif
