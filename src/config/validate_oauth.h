/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Validates the settings of OAuth2, as config/validate.h does it for others.
 */
#ifndef VEREDUS_CONFIG_VALIDATE_OAUTH_H
#define VEREDUS_CONFIG_VALIDATE_OAUTH_H

#include <stdbool.h>

#include "base/error.h"

/* An https URL with a host, without user, password and fragment, in printable
 * ASCII. */
bool validate_oauth_url(char **value, struct error *err);
/* VSCHAR of RFC 6749 appendix A: printable ASCII. */
bool validate_oauth_value(char **value, struct error *err);
/* Scope tokens of RFC 6749 section 3.3; single spaces remain between them. */
bool validate_oauth_scope(char **value, struct error *err);
/* NAME=VALUE pairs with "&" between them, encoded as in a URL. */
bool validate_oauth_params(char **value, struct error *err);
/* Letters, digits, dots and hyphens. */
bool validate_oauth_tenant(char **value, struct error *err);
/* 127.0.0.1 or localhost (RFC 8252 section 7.3). */
bool validate_oauth_redirect_host(char **value, struct error *err);
/* The path of a URL, which begins with "/", without a query. */
bool validate_oauth_redirect_path(char **value, struct error *err);
/* "on", "off", http://HOST:PORT or socks5h://HOST:PORT. */
bool validate_oauth_proxy(char **value, struct error *err);

#endif
