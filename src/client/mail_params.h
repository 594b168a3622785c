/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the server is asked to do besides delivering: parameters of MAIL that
 * need an extension each, and what it means when that is not offered.
 */
#ifndef VEREDUS_CLIENT_MAIL_PARAMS_H
#define VEREDUS_CLIENT_MAIL_PARAMS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "client/session.h"
#include "mail/envelope.h"

/*
 * Whether the server can do all that is asked for.  Errors, with the setting
 * and the extension: 5.7.30 for REQUIRETLS (also when the session itself is
 * not under verified TLS), 5.3.3 for the others; both end in EX_UNAVAILABLE.
 */
bool mail_params_check(const struct session *s,
    const struct mail_params *params, struct error *err);

/* Appends the parameters to a MAIL command; they have been checked. */
void mail_params_add(const struct session *s, const struct mail_params *params,
    struct str *line);

#endif
