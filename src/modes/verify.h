/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What -bv shows: what an address becomes, and where mail for it would go.
 * A pure function; opens nothing and asks nobody.
 */
#ifndef VEREDUS_MODES_VERIFY_H
#define VEREDUS_MODES_VERIFY_H

#include "base/str.h"
#include "config/account.h"
#include "mail/envelope.h"

/*
 * Appends a line for each recipient: as it was written if that was something
 * else, the address, the account, and the host or socket.  All text is clean.
 */
void verify_print(struct str *out, const struct account *account,
    const struct envelope *envelope);

#endif
