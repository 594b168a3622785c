/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --queue-show: the envelope of a queued message and the message itself.
 */
#ifndef VEREDUS_MODES_QUEUE_SHOW_H
#define VEREDUS_MODES_QUEUE_SHOW_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "modes/context.h"

/*
 * Writes the messages that the operands name to standard output, as postcat -q
 * of Postfix does.  Only for a terminal, the octets of the message are made
 * printable.  The end of the output is in `out`.
 * Errors: ERROR_USAGE for an invalid ID, ERROR_NO_INPUT for an unknown one,
 * ERROR_MESSAGE for a damaged file; those of queue_open() and output_flush().
 */
bool queue_show(struct context *context, struct str *out, struct error *err);

#endif
