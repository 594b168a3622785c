/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What --explain prints: everything that is decided about a message before
 * the first connection, and why.
 */
#ifndef VEREDUS_MODES_EXPLAIN_H
#define VEREDUS_MODES_EXPLAIN_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "modes/context.h"

/* Appends the files, and the account if it has been chosen. */
void explain_begin(const struct context *context, struct str *out);
/*
 * The run has an account and a sender; recipients are explained if there are
 * any.  Appends the rest; false with the reason when somebody's mail has no
 * way, or the DNS cannot tell.  No password is looked at, no server connected
 * to.
 */
bool explain(struct context *context, struct str *out, struct error *err);

#endif
