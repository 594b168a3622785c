/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whom a message goes to: the operands of the command line and, with -t, the
 * recipient fields of the header section, as one set without duplicates.
 */
#ifndef VEREDUS_MAIL_RECIPIENTS_H
#define VEREDUS_MAIL_RECIPIENTS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "mail/envelope.h"

/*
 * Adds the addresses of one operand, which is an address list: "a, b", "a,",
 * "Name <a>".  Errors: ERROR_ADDRESS.
 */
bool recipients_add_list(struct envelope *e, const char *list,
    struct error *err);

/*
 * Adds those of To, Cc, Bcc and Apparently-To.  If there is any Resent-To,
 * Resent-Cc or Resent-Bcc, only these fields of the first Resent block count:
 * older blocks tell of resending that is long done (RFC 5322 section 3.6.6).
 * Errors: ERROR_ADDRESS, which names the field.
 */
bool recipients_add_header(struct envelope *e, const struct str *header,
    struct error *err);

#endif
