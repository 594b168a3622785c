/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Collects the recipients of a message from the operands of the command line
 * and, with -t, from the header section, without duplicates.
 */
#ifndef VEREDUS_MAIL_RECIPIENTS_H
#define VEREDUS_MAIL_RECIPIENTS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "mail/envelope.h"

/*
 * Adds the addresses of one operand, which is an address list such as "a, b"
 * or "Name <a>".  Errors: ERROR_ADDRESS.
 */
bool recipients_add_list(struct envelope *e, const char *list,
    struct error *err);

/*
 * Adds the addresses of To, Cc, Bcc and Apparently-To.  If the header section
 * has a Resent-To, Resent-Cc or Resent-Bcc, adds only those of the first
 * Resent block: older blocks are about earlier deliveries (RFC 5322 section
 * 3.6.6).  Errors: ERROR_ADDRESS, which names the field.
 */
bool recipients_add_header(struct envelope *e, const struct str *header,
    struct error *err);

#endif
