/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Resent blocks (RFC 5322 section 3.6.6): each resending adds a block of
 * Resent- fields before the older ones, so the first one is the current one.
 */
#ifndef VEREDUS_MAIL_RESENT_H
#define VEREDUS_MAIL_RESENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * Finds the first block: consecutive Resent- fields, up to a second
 * Resent-Date, -From, -Sender or -Message-ID, which belongs to an older block.
 * Stores its offsets in *start and *end; false if there is none.
 */
bool resent_find(const struct str *header, size_t *start, size_t *end);

#endif
