/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Folds header lines that are longer than RFC 5322 allows (sections 2.1.1 and
 * 2.2.3).
 */
#ifndef VEREDUS_MAIL_HEADER_FOLD_H
#define VEREDUS_MAIL_HEADER_FOLD_H

#include <stdbool.h>

#include "base/str.h"

/* Whether a line has more than MESSAGE_LINE_MAX octets. */
bool header_is_long(const struct str *header);

/*
 * Folds lines over MESSAGE_LINE_MAX octets at a blank, else after a comma.
 * Returns true if a line had neither and was broken between two characters,
 * which adds a blank to the value.
 */
bool header_fold(struct str *header);

#endif
