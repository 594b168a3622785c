/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What --probe prints: each host of an account is gone through up to the
 * message, and each stage told with its time and outcome.
 */
#ifndef VEREDUS_MODES_PROBE_H
#define VEREDUS_MODES_PROBE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "delivery/attempt.h"
#include "mail/envelope.h"

/*
 * Opens a session with every host that a message could go to, logs in if the
 * account does, offers the envelope if it has recipients, and takes it back by
 * RSET.  Appends a block for each host to out.
 *
 * True when every host works and takes every recipient.  Else err is the
 * first failure for good in the order of the hosts, or the first one at all.
 */
bool probe(const struct delivery_params *params, struct envelope *envelope,
    struct str *out, struct error *err);

#endif
