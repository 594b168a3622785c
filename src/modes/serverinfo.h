/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What --serverinfo prints: who answers, how TLS is made, whose certificate
 * it is, and what the server offers.
 */
#ifndef VEREDUS_MODES_SERVERINFO_H
#define VEREDUS_MODES_SERVERINFO_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "delivery/attempt.h"

/*
 * Opens a session without a login, asks, and ends it.  What was found out
 * before a failure is appended to out as well.
 */
bool serverinfo(const struct delivery_params *params, struct str *out,
    struct error *err);

#endif
