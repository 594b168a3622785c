/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A question to the person at the terminal, who answers without being read.
 */
#ifndef VEREDUS_CONFIG_TERMINAL_H
#define VEREDUS_CONFIG_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"

/* Whether there is a terminal, and we are in its foreground. */
bool terminal_is_there(void);
/*
 * Shows the prompt and reads one line without echo.  The terminal gets its
 * settings back whatever happens: from here on signals only set their flag
 * (base/process.h), and those of the keys for stop and quit are off meanwhile.
 * Errors: ERROR_SECRET, ERROR_INTERRUPTED.
 */
bool terminal_ask(const char *prompt, int64_t deadline, struct secret *answer,
    struct error *err);

#endif
