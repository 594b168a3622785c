/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Requests to the provider.
 */
#ifndef VEREDUS_HELPERS_OAUTH_HTTP_H
#define VEREDUS_HELPERS_OAUTH_HTTP_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/sandbox.h"
#include "base/str.h"
#include "helpers/https.h"
#include "oauth/failure.h"
#include "oauth/params.h"

/* { 0 } is valid for http_free(). */
struct http {
	CURL *curl;
	const struct oauth_params *params;
	struct https_response response; /* with the body of the last one */
	long status;
	int64_t retry_after; /* seconds, or 0 */
};

bool http_start(struct http *h, const struct oauth_params *p,
    struct oauth_failure *failure);
void http_free(struct http *h);

/* Whether the URL is https, and has neither user information nor a fragment, nor
 * anything that is not visible ASCII.  `what` names the setting in the text. */
bool http_check_url(const char *url, const char *what,
    struct oauth_failure *failure);
/* Whether oauth_trust_file can be read and has a certificate, which curl finds only
 * when it connects.  Failures: OAUTH_CONFIG. */
bool http_check_trust(const struct oauth_params *p,
    struct oauth_failure *failure);
/* Allows the requests of a sandbox: the ports of the URLs, or of the proxy. */
void http_allow(const struct http *h, const char *const *urls, size_t count,
    struct sandbox *s);

/*
 * Sends a form, with a line for the header if authorization is not empty.
 * Returns whether there is a response, of any status.  Failures: OAUTH_TEMPORARY.
 */
bool http_post(struct http *h, const char *url, const struct str *form,
    const struct str *authorization, struct oauth_failure *failure);
bool http_get(struct http *h, const char *url, struct oauth_failure *failure);

#endif
