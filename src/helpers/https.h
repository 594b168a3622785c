/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A client of HTTPS, for all helpers: it follows no redirect, takes no proxy and
 * no credentials from the environment or from files, accepts only a verified
 * host, TLS 1.2 and later, and limits what it reads.
 */
#ifndef VEREDUS_HELPERS_HTTPS_H
#define VEREDUS_HELPERS_HTTPS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/sandbox.h"
#include "base/secret.h"
#include "base/str.h"

/* The limit that RFC 8461 section 3.3 suggests, and a generous one for the
 * others. */
#define HTTPS_BODY_MAX 65536
#define HTTPS_PORT 443

struct https_response {
	struct str body; /* reserved at once, so that it can be wiped */
	size_t header;   /* the octets of the header so far */
	bool too_long;
};

/* Sets what all requests have in common; false if libcurl lacks a feature.
 * trust_file may be NULL: the CA certificates of the system. */
bool https_set_options(CURL *curl, struct https_response *response,
    const char *trust_file, unsigned seconds);

/* Sends the requests through a proxy, http://HOST:PORT or socks5h://HOST:PORT, or
 * through none if it is NULL; false if it is invalid. */
bool https_set_proxy(CURL *curl, const char *proxy);
/* Logs in to the proxy: by Basic, or for SOCKS5 by RFC 1929. */
bool https_set_proxy_login(CURL *curl, const char *user,
    const struct secret *password);
unsigned https_proxy_port(const char *proxy);
/* Whether the last request failed because the proxy rejected the login, or wants
 * one. */
bool https_proxy_rejects_login(CURL *curl);

/*
 * Makes the request.  Returns NULL, or why it failed; the caller frees the text.
 * *code is CURLE_OK if there is a response, whatever its status; a response that
 * is too long, or from a host whose key is too short, is none.
 */
char *https_perform(CURL *curl, struct https_response *response,
    unsigned seconds, CURLcode *code);

/* What libcurl reads to verify a host. */
void https_allow_trust(CURL *curl, const char *trust_file, struct sandbox *s);

#endif
