/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The form in which a transaction sends its message: as it is, or downgraded
 * (mime/downgrade.h) for a server that lacks 8BITMIME, SMTPUTF8 or BINARYMIME.
 */
#ifndef VEREDUS_CLIENT_DOWNGRADE_H
#define VEREDUS_CLIENT_DOWNGRADE_H

#include <stdbool.h>

#include "base/error.h"
#include "client/transaction.h"

/*
 * The client asks for SMTPUTF8 (RFC 6531) and BINARYMIME (RFC 3030 section 3)
 * only if there is no other form of the address or header field, or if the
 * message would have to be downgraded without them: the next servers on the
 * path may not have these extensions.
 */
void downgrade_choose_extensions(struct transaction *t);
/* The same before the message is there. */
void downgrade_choose_declared(struct transaction *t,
    const struct declared_message *declared);

/*
 * Sets the message that the transaction sends, with the extensions that were
 * chosen.  Errors: ERROR_TOO_BIG (RFC 1870), and those of message_downgrade().
 */
bool downgrade_message(struct transaction *t, struct error *err);

#endif
