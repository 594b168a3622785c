/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Removes fields that servers reject or readers misunderstand, before missing
 * fields are added.
 *
 * Removes Date, From, Sender, Reply-To, To, Cc and Message-ID if the value is
 * empty or cannot be one: text that is no date, a Message-ID without angle
 * brackets, no address at all, a From with a "<" that is not closed.  Of the fields
 * that a message can have once (RFC 5322 section 3.6, RFC 2045 section 3), removes
 * equal copies, and joins several To or Cc fields into one.
 */
#ifndef VEREDUS_MAIL_CLEAN_HEADERS_H
#define VEREDUS_MAIL_CLEAN_HEADERS_H

#include <stdbool.h>

#include "base/str.h"
#include "base/strv.h"
#include "mail/add_headers.h"

/*
 * Cleans the header section.  Fields that the settings leave alone are kept; of
 * Resent fields, only those of the current block are removed, and only if
 * `resends` is true.
 *
 * A From field with words but without an address is removed, too; the words are
 * stored as a phrase in *name, which the caller frees, else NULL.  Changes of
 * values, and repeated fields that differ, are added to notes.
 */
void header_clean(struct str *header, const struct header_settings *settings,
    bool resends, char **name, struct strv *notes);

/* Whether the header section has a From field that header_clean() keeps if no
 * setting keeps all of them. */
bool header_has_author(const struct str *header);

#endif
