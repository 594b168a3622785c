/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes the URLs of autoconfig documents. */
#include "helpers/autoconfig/sources.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

/* These need no percent-encoding (RFC 3986 section 2.3). */
#define UNRESERVED \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"

static const struct {
	const char *before, *after;
} urls[SOURCES] = {
	[SOURCE_HOST] = { "https://autoconfig.", "/mail/config-v1.1.xml" },
	[SOURCE_WELL_KNOWN] = { "https://",
	    "/.well-known/autoconfig/mail/config-v1.1.xml" },
	[SOURCE_DATABASE] = { "https://autoconfig.thunderbird.net/v1.1/", "" },
};

char *
source_name(enum source source, const char *domain)
{
	return alloc_printf("%s%s%s", urls[source].before, domain,
	    urls[source].after);
}

char *
source_url(enum source source, const char *domain, const char *address)
{
	struct str url = { 0 };
	char *name = source_name(source, domain);

	str_add(&url, name);
	free(name);
	if (source == SOURCE_HOST) {
		str_add(&url, "?emailaddress=");
		for (; *address != '\0'; address++)
			if (strchr(UNRESERVED, *address) != NULL)
				str_add_char(&url, *address);
			else
				str_printf(&url, "%%%02X",
				    (unsigned char)*address);
	}
	return str_steal(&url);
}
