/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks the syntax and the length of addresses, and matches them with patterns
 * by fnmatch(3). */
#include "mail/path.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "mail/address.h"

/* Octets of an address that an error quotes. */
#define SHOWN 60

static bool
check_lengths(const struct address *a, struct error *err)
{
	if (a->domain != NULL && strlen(a->domain) > PATH_DOMAIN_MAX)
		return error_set(err, ERROR_ADDRESS,
		    "<%.*s...>: the domain has more than %d octets", SHOWN,
		    a->text, PATH_DOMAIN_MAX);
	if (strlen(a->text) > PATH_ADDRESS_MAX)
		return error_set(err, ERROR_ADDRESS,
		    "<%.*s...>: the address has more than %d octets", SHOWN,
		    a->text, PATH_ADDRESS_MAX);
	return true;
}

/* Checks that parsing the text returned the same text and nothing else. */
static bool
check_list(const struct address_list *list, const char *text, struct error *err)
{
	if (list->count == 1 && strcmp(list->items[0].text, text) == 0)
		return check_lengths(&list->items[0], err);
	return error_set(err, ERROR_ADDRESS,
	    "\"%.*s\" is not a single plain address", SHOWN, text);
}

bool
path_check(const char *text, struct error *err)
{
	struct address_list list = { 0 };
	bool ok;

	if (*text == '\0')
		return true;
	if (!text_is_utf8(text, strlen(text)))
		return error_set(err, ERROR_ADDRESS,
		    "<%.*s> is not valid UTF-8", SHOWN, text);
	ok = address_parse(&list, text, strlen(text), err)
	    && check_list(&list, text, err);
	address_list_free(&list);
	return ok;
}

static bool
is_null_path(const char *text)
{
	size_t blanks = strspn(text, " \t");

	if (strncmp(text + blanks, "<>", 2) == 0)
		blanks += 2 + strspn(text + blanks + 2, " \t");
	return text[blanks] == '\0';
}

bool
path_parse(const char *text, char **path, struct error *err)
{
	struct address_list list = { 0 };
	bool ok;

	*path = NULL;
	if (is_null_path(text)) {
		*path = alloc_string("");
		return true;
	}
	ok = address_parse(&list, text, strlen(text), err);
	if (ok && list.count == 0)
		ok = error_set(err, ERROR_ADDRESS,
		    "\"%.*s\" contains no address", SHOWN, text);
	ok = ok && path_check(list.items[0].text, err);
	if (ok)
		*path = alloc_string(list.items[0].text);
	address_list_free(&list);
	return ok;
}

const char *
path_domain(const char *text)
{
	const char *at = strrchr(text, '@');

	/* If the text ends with a quote, the "@" is in a quoted bare name. */
	return at == NULL || text[strlen(text) - 1] == '"' ? NULL : at + 1;
}

size_t
path_local_length(const char *text)
{
	const char *domain = path_domain(text);

	return domain == NULL ? strlen(text) : (size_t)(domain - 1 - text);
}

bool
path_has_wildcard(const char *text)
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
path_matches(const char *pattern, const char *address)
{
	char *p, *a;
	bool matches;

	if (text_equal_nocase(pattern, address))
		return true;
	if (!path_has_wildcard(pattern))
		return false;
	p = lower_domain(pattern);
	a = lower_domain(address);
	matches = fnmatch(p, a, FNM_NOESCAPE) == 0;
	free(p);
	free(a);
	return matches;
}
