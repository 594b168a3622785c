/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes the URLs of autoconfig documents. */
#include "helpers/autoconfig/sources.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/text.h"

/* Of the domains above the MX host. */
#define MX_DOMAINS_MAX 3

#define WELL_KNOWN "/.well-known/autoconfig/mail/config-v1.1.xml"
#define DATABASE "https://autoconfig.thunderbird.net/v1.1/"

/* These need no percent-encoding (RFC 3986 section 2.3). */
#define UNRESERVED \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"

/* Adds a source whose request has no query. */
static void
add(struct sources *s, const char *before, const char *domain,
    const char *after)
{
	strv_take(&s->names, alloc_printf("%s%s%s", before, domain, after));
	strv_add(&s->urls, s->names.items[s->names.count - 1]);
}

static void
add_with_address(struct sources *s, const char *domain, const char *address)
{
	struct str url = { 0 };

	str_printf(&url, "https://autoconfig.%s/mail/config-v1.1.xml", domain);
	strv_add(&s->names, str_text(&url));
	str_add(&url, "?emailaddress=");
	for (; *address != '\0'; address++)
		if (strchr(UNRESERVED, *address) != NULL)
			str_add_char(&url, *address);
		else
			str_printf(&url, "%%%02X", (unsigned char)*address);
	strv_take(&s->urls, str_steal(&url));
}

/* The domain above a name, if it has two labels, or NULL. */
static const char *
find_parent(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot != NULL && strchr(dot + 1, '.') != NULL ? dot + 1 : NULL;
}

void
sources_fill(struct sources *s, const char *domain, const char *address,
    const char *mx)
{
	add_with_address(s, domain, address);
	add(s, "https://", domain, WELL_KNOWN);
	s->own = s->names.count;
	add(s, DATABASE, domain, "");
	for (size_t i = 0; i < MX_DOMAINS_MAX && mx != NULL; i++) {
		mx = find_parent(mx);
		if (mx != NULL && !text_equal_nocase(mx, domain))
			add(s, DATABASE, mx, "");
	}
}

void
sources_free(struct sources *s)
{
	strv_free(&s->names);
	strv_free(&s->urls);
	*s = (struct sources){ 0 };
}
