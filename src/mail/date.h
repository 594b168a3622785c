/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Dates in header fields (RFC 5322 section 3.3).
 */
#ifndef VEREDUS_MAIL_DATE_H
#define VEREDUS_MAIL_DATE_H

#include <time.h>

#include "base/str.h"

/* Appends a date-time with its day of the week, in local time. */
void date_add(struct str *out, time_t time);

#endif
