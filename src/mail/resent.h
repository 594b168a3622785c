/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Resent blocks (RFC 5322 section 3.6.6): each resending puts a block of
 * Resent- fields in front of the older ones.  Only the first one is about us.
 */
#ifndef VEREDUS_MAIL_RESENT_H
#define VEREDUS_MAIL_RESENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * Finds the first block: Resent- fields next to each other, up to a second
 * Resent-Date, -From, -Sender or -Message-ID, which begins an older block.
 * *start and *end are offsets into the header.
 */
bool resent_find(const struct str *header, size_t *start, size_t *end);

#endif
