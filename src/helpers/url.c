/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds host and port in a URL, and checks what kind of URL it is. */
#include "helpers/url.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

#define SCHEME "https://"

const char *
url_authority(const char *url, size_t *len)
{
	const char *at = strstr(url, "://");

	at = at != NULL ? at + 3 : url;
	*len = strcspn(at, "/?#");
	return at;
}

/* Where the port begins, behind its colon, or NULL. */
static const char *
find_port(const char *authority, size_t len)
{
	const char *bracket = memchr(authority, ']', len);
	const char *from = bracket != NULL ? bracket : authority;
	const char *colon = memchr(from, ':', (size_t)(authority + len - from));

	return colon != NULL ? colon + 1 : NULL;
}

char *
url_host(const char *url)
{
	size_t len;
	const char *authority = url_authority(url, &len);
	const char *port = find_port(authority, len);

	if (port != NULL)
		len = (size_t)(port - 1 - authority);
	return alloc_string_n(authority, len);
}

unsigned
url_port(const char *url, unsigned otherwise)
{
	size_t len;
	const char *authority = url_authority(url, &len);
	const char *port = find_port(authority, len);
	unsigned long number = port != NULL ? strtoul(port, NULL, 10) : 0;

	return number > 0 && number <= UINT16_MAX ? (unsigned)number
						  : otherwise;
}

bool
url_is_https(const char *url)
{
	size_t len;
	const char *authority = url_authority(url, &len);

	return text_starts_nocase(url, SCHEME) && len > 0
	    && memchr(authority, '@', len) == NULL && strchr(url, '#') == NULL
	    && text_is_visible(url, strlen(url));
}

bool
url_is_domain(const char *text, size_t max)
{
	size_t len = strlen(text);

	return len > 0 && len <= max && text[0] != '.'
	    && strspn(text,
		   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		   "0123456789-_.")
	    == len;
}
