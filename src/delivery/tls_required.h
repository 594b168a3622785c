/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The field "TLS-Required: No" (RFC 8689 section 3), by which a sender asks for a
 * delivery even if the TLS policies of the recipients' domains are not fulfilled.
 */
#ifndef VEREDUS_DELIVERY_TLS_REQUIRED_H
#define VEREDUS_DELIVERY_TLS_REQUIRED_H

#include <stdbool.h>

#include "delivery/params.h"
#include "mail/envelope.h"
#include "mail/message.h"

/*
 * Removes DANE and MTA-STS from the parameters, and sets ignores_policies, if the
 * message has that field and the account honours it: with `host mx` and
 * tls_required_no.  REQUIRETLS is stronger than the field (section 4.1).  What the
 * account itself requires stays.  No other message is sent in the session then,
 * because policies count for it.
 */
void tls_required_apply(struct delivery_params *params,
    const struct envelope *e, const struct message *message);

#endif
