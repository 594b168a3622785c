/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The filter of an account: a command that reads the complete message, and whose
 * output is sent in its place.
 */
#ifndef VEREDUS_SUBMISSION_FILTER_H
#define VEREDUS_SUBMISSION_FILTER_H

#include <stdbool.h>

#include "base/error.h"
#include "config/account_monitor.h"
#include "submission/submission.h"

/*
 * Replaces the message by what the filter prints; the account must have one, and
 * the monitor must run its commands.  The envelope does not change.
 *
 * The filter gets the message in ASCII, unless it needs SMTPUTF8 or has 8-bit
 * parts that must not be changed: RFC 6376 section 5.3 wants signatures of what no
 * server has to convert.  The output is read like any message, and text in 8 bits
 * gets MIME fields unless it is signed; a filter need not read its input.
 *
 * What a successful filter writes to standard error becomes a warning.
 *
 * Errors: those of account_monitor_begin_filter(), account_monitor_end_filter() and
 * message_read(); ERROR_FILTER in place of ERROR_MESSAGE, ERROR_TOO_BIG and
 * ERROR_UNSUPPORTED, and if the output is no message.
 */
bool submission_filter(struct submission *s, const struct account_monitor *m,
    struct error *err);

#endif
