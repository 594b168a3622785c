/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Folding of header lines that are longer than mail allows (RFC 5322
 * sections 2.1.1 and 2.2.3).
 */
#ifndef VEREDUS_MAIL_HEADER_FOLD_H
#define VEREDUS_MAIL_HEADER_FOLD_H

#include <stdbool.h>

#include "base/str.h"

/* Whether there is a line over MESSAGE_LINE_MAX octets. */
bool header_is_long(const struct str *header);

/*
 * Folds lines over MESSAGE_LINE_MAX octets at a blank, else behind a comma.
 * Returns whether there was a line with neither, which was broken anywhere:
 * its value has a blank more then.
 */
bool header_fold(struct str *header);

#endif
