/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The output of -bv: what each recipient's address becomes, and the account
 * and server that its mail would go to.
 */
#ifndef VEREDUS_MODES_VERIFY_H
#define VEREDUS_MODES_VERIFY_H

#include "base/str.h"
#include "config/account.h"
#include "mail/envelope.h"

/*
 * Appends a line for each recipient: the address as given, if it has changed,
 * the final address, the account, and the host or socket.  Text is cleaned.
 */
void verify_print(struct str *out, const struct account *account,
    const struct envelope *envelope);

#endif
