/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --print: the message as it would leave.
 */
#ifndef VEREDUS_MODES_PRINT_H
#define VEREDUS_MODES_PRINT_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "modes/context.h"

/*
 * Appends the complete message in the form for a server with 8BITMIME and
 * SMTPUTF8, or with --print=7bit for one without extensions; lines end with LF.
 * Errors: those of downgrade_message() and buffer_file_read().
 */
bool print(struct context *context, struct str *out, struct error *err);

#endif
