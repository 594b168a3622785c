/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Matches addresses against patterns by fnmatch(3). */
#include "mail/pattern.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

bool
pattern_has_wildcard(const char *text)
{
	const char *literal = strstr(text, "@[");
	size_t len = strlen(text);

	/* The brackets of "alice@[192.0.2.1]" are no wildcard. */
	if (literal != NULL && text[len - 1] == ']')
		len = (size_t)(literal - text);
	return strcspn(text, "*?[]") < len;
}

/* A copy with the domain in lower case. */
static char *
lower_domain(const char *address)
{
	char *copy = alloc_string(address);
	char *at = strrchr(copy, '@');

	for (; at != NULL && *at != '\0'; at++)
		*at = (char)text_lower((unsigned char)*at);
	return copy;
}

bool
pattern_matches(const char *pattern, const char *address)
{
	char *p = lower_domain(pattern), *a = lower_domain(address);
	bool matches = strcmp(p, a) == 0
	    || (pattern_has_wildcard(p) && fnmatch(p, a, FNM_NOESCAPE) == 0);

	free(p);
	free(a);
	return matches;
}
