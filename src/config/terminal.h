/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Asks the user at the terminal for a password.
 */
#ifndef VEREDUS_CONFIG_TERMINAL_H
#define VEREDUS_CONFIG_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"

/* Whether there is a terminal, and this process is in its foreground. */
bool terminal_is_there(void);
/*
 * Shows the prompt and reads one line without echo, until the deadline
 * (base/clock.h).  Restores the settings of the terminal in any case: from then on
 * signals only set their flag (base/process.h), and the keys for stop and quit
 * are disabled during the call.  Errors: ERROR_SECRET, ERROR_INTERRUPTED.
 */
bool terminal_ask(const char *prompt, int64_t deadline, struct secret *answer,
    struct error *err);

#endif
