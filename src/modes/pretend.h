/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What --pretend shows: the account as it would be used, where each value
 * was written, and the envelope.  A pure function; sends and opens nothing.
 */
#ifndef VEREDUS_MODES_PRETEND_H
#define VEREDUS_MODES_PRETEND_H

#include "base/str.h"
#include "config/account.h"
#include "mail/envelope.h"

/* Appends such lines, moved to the right, for what was written anywhere. */
void pretend_settings(struct str *out, int depth, const struct account *a);

/*
 * Appends "SETTING = VALUE (ORIGIN)" lines for all that is set, then the
 * sender and the recipients.  The account is resolved (config/resolve.h);
 * envelope may be NULL.  Secrets are masked, all other text is clean.
 */
void pretend_print(struct str *out, const struct account *a,
    const struct envelope *envelope);

#endif
