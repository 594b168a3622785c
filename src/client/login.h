/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The exchange of AUTH (RFC 4954): sends the responses of a SASL mechanism,
 * reads the challenges of the server, and hides the secret in the trace and in
 * errors.  auth/mechanism.h chooses the mechanism.
 */
#ifndef VEREDUS_CLIENT_LOGIN_H
#define VEREDUS_CLIENT_LOGIN_H

#include <stdbool.h>

#include "auth/params.h"
#include "base/error.h"

struct session;

/*
 * Chooses a mechanism and logs in with it; does nothing unless
 * auth_is_used().  Does not try a second, weaker mechanism.
 *
 * Success needs a 235, and from a mechanism that authenticates the server also
 * the server's proof.  Errors:
 *   - ERROR_NO_MECHANISM, before anything is sent: no offered mechanism is
 *     usable;
 *   - ERROR_CONFIG, before anything is sent: the mechanism cannot send this
 *     user or password;
 *   - ERROR_REJECTED: the server rejected the login, or did not prove that it
 *     knows the password;
 *   - ERROR_PROTOCOL: the server sent an invalid challenge.
 */
bool auth_login(struct session *s, const struct auth_params *params,
    struct error *err);

#endif
