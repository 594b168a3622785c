/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/pattern.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

/* The brackets of a domain literal ("alice@[192.0.2.1]") are no pattern. */
bool
pattern_has_wildcard(const char *text)
{
	const char *literal = strstr(text, "@[");
	size_t len = strlen(text);

	if (literal != NULL && text[len - 1] == ']')
		len = (size_t)(literal - text);
	return strcspn(text, "*?[]") < len;
}

static char *
fold_domain(const char *address)
{
	char *folded = alloc_string(address);
	char *at = strrchr(folded, '@');

	for (; at != NULL && *at != '\0'; at++)
		*at = (char)text_lower((unsigned char)*at);
	return folded;
}

bool
pattern_matches(const char *pattern, const char *address)
{
	char *one = fold_domain(pattern), *two = fold_domain(address);
	bool matches = strcmp(one, two) == 0
	    || (pattern_has_wildcard(one)
		&& fnmatch(one, two, FNM_NOESCAPE) == 0);

	free(one);
	free(two);
	return matches;
}
