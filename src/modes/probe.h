/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --probe: tests every next hop of an account up to the envelope, and prints
 * the time and the result of each step.
 */
#ifndef VEREDUS_MODES_PROBE_H
#define VEREDUS_MODES_PROBE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "delivery/attempt.h"
#include "mail/envelope.h"

/*
 * Opens a session with every next hop, logs in if the account does, sends MAIL
 * and RCPT if the envelope has recipients, and ends the transaction with RSET.
 * Appends a block for each next hop.
 *
 * Returns true if every next hop works and accepts every recipient.  Otherwise
 * err is the first permanent error in the order of the next hops, or else the
 * first temporary one.
 */
bool probe(const struct delivery_params *params, struct envelope *envelope,
    struct str *out, struct error *err);

#endif
