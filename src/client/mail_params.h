/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parameters of MAIL that ask for more than delivery, such as REQUIRETLS.
 */
#ifndef VEREDUS_CLIENT_MAIL_PARAMS_H
#define VEREDUS_CLIENT_MAIL_PARAMS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "client/session.h"
#include "mail/envelope.h"

/*
 * Whether the server supports all parameters.  Errors, which name the setting
 * and the extension: ERROR_REJECTED with 5.7.30 for REQUIRETLS (also if the
 * session has no verified TLS), with 5.4.7 if no time is left for the delivery,
 * with 5.3.3 for the others.
 */
bool mail_params_check(const struct session *s,
    const struct mail_params *params, struct error *err);

/* Appends the parameters, which mail_params_check() accepted, to MAIL. */
void mail_params_add(const struct session *s, const struct mail_params *params,
    struct str *line);

#endif
