/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * OAuth2: the presets of the providers, and the parameters that an account has
 * for the token store and for veredus-oauth.
 */
#ifndef VEREDUS_CONFIG_OAUTH_H
#define VEREDUS_CONFIG_OAUTH_H

#include <stdbool.h>

#include "base/error.h"
#include "base/user.h"
#include "config/account.h"
#include "oauth/params.h"

/* The folder that belongs to the user of the submission service. */
extern const char oauth_service_folder[];

/* The word of the setting oauth_provider. */
const char *oauth_provider_word(enum oauth_provider provider);

/*
 * Sets what the preset of the provider has and no line sets, with the origin
 * ORIGIN_PRESET, and puts the tenant into the URLs.  Does nothing without a
 * provider.  Errors: ERROR_CONFIG.
 */
bool oauth_apply_preset(struct account *a, struct error *err);

/* The URL of the proxy for requests with HTTPS (oauth_proxy), or NULL; the caller
 * frees it. */
char *oauth_proxy_url(const struct account *a);

/*
 * Fills empty parameters from a resolved account of this user, without the
 * secret of oauth_client_secret_eval, and with OAUTH_BROWSER for a flow that is
 * not set.
 */
void oauth_params_fill(const struct account *a, const struct user *user,
    struct oauth_params *p);

#endif
