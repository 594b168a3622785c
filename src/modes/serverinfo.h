/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --serverinfo: prints the address of the server, its TLS, its certificate and
 * its SMTP extensions.
 */
#ifndef VEREDUS_MODES_SERVERINFO_H
#define VEREDUS_MODES_SERVERINFO_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "delivery/attempt.h"

/*
 * Opens a session without a login, and ends it.  On failure, appends what is
 * known about the server by then.  Errors: those of session_open().
 */
bool serverinfo(const struct delivery_params *params, struct str *out,
    struct error *err);

#endif
