/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts of a URL (RFC 3986 section 3) that decide where a request goes.
 */
#ifndef VEREDUS_HELPERS_URL_H
#define VEREDUS_HELPERS_URL_H

#include <stdbool.h>
#include <stddef.h>

/* The authority, up to the path, and its length; in the text itself. */
const char *url_authority(const char *url, size_t *len);
/* The host; the caller frees it. */
char *url_host(const char *url);
/* The port, or `otherwise` if the URL names none, as in "https://host:/", or one
 * that does not exist. */
unsigned url_port(const char *url, unsigned otherwise);
/* Whether the URL is https, without user information and fragment, in visible
 * ASCII. */
bool url_is_https(const char *url);
/* Whether the text is a domain of at most `max` octets, with no character that has
 * a meaning in a URL. */
bool url_is_domain(const char *text, size_t max);

#endif
