/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Replaces the local recipients of an envelope by the targets of their aliases.
 */
#ifndef VEREDUS_MAIL_ALIAS_EXPANSION_H
#define VEREDUS_MAIL_ALIAS_EXPANSION_H

#include <stdbool.h>

#include "base/error.h"
#include "base/strv.h"
#include "mail/aliases.h"
#include "mail/envelope.h"

/*
 * Reads all :include: lists and expands all aliases, and adds what is wrong to
 * `errors`: a list that cannot be read, has a syntax error, is empty, or is not
 * FILE_TRUSTED (base/file.h), and a loop.
 */
void aliases_check(struct aliases *aliases, const struct strv *hosts);

/*
 * Replaces each local recipient that has an alias by the targets, which may be
 * aliases, too; the recipient becomes their original address.  A recipient is
 * local if it is a bare name or its domain is one of the hosts.  An alias that
 * names itself means the name itself.
 *
 * Errors: ERROR_CONFIG, with FILE:LINE, for an invalid line, a loop, and a list
 * as in aliases_check(); the envelope is then unchanged.
 */
bool aliases_expand(struct aliases *aliases, struct envelope *e,
    const struct strv *hosts, struct error *err);

#endif
