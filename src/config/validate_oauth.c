/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Validates the settings of OAuth2.  What they contain becomes a part of URLs and
 * of forms, so that only ASCII that is valid there is accepted.
 */
#include "config/validate_oauth.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/str.h"
#include "base/text.h"
#include "config/validate.h"

#define HTTPS "https://"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
/* RFC 3986 section 2: the characters of a path, without "?" and "#". */
#define PATH_CHARACTERS LETTERS DIGITS "-._~!$&'()*+,;=:@%/"

static bool
has_only(const char *text, const char *characters)
{
	return *text != '\0' && text[strspn(text, characters)] == '\0';
}

static bool
is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

/*
 * authority = host [ ":" port ]
 * A user in an address hides where it leads.
 */
static bool
is_authority(const char *text, size_t len)
{
	char *host = alloc_string_n(text, len);
	const char *colon = strrchr(host, ':');
	bool ok = len > 0 && strpbrk(host, "@\\") == NULL;
	unsigned long long port;

	if (ok && colon != NULL && strchr(colon, ']') == NULL) {
		ok = text_number(colon + 1, 1, UINT16_MAX, &port);
		host[colon - host] = '\0';
	}
	ok = ok && validate_host(&host, NULL);
	free(host);
	return ok;
}

bool
validate_oauth_url(char **value, struct error *err)
{
	const char *text = *value;
	const char *host = text + strlen(HTTPS);

	if (!text_starts_nocase(text, HTTPS))
		return error_set(err, ERROR_CONFIG,
		    "\"%s\" does not begin with https://", text);
	if (!is_printable(text) || strpbrk(text, " \"<>#") != NULL
	    || !is_authority(host, strcspn(host, "/?")))
		return error_set(err, ERROR_CONFIG,
		    "\"%s\" is not an address such as "
		    "https://login.example.org/token",
		    text);
	return true;
}

bool
validate_oauth_value(char **value, struct error *err)
{
	return is_printable(*value)
	    || error_set(err, ERROR_CONFIG,
		"\"%s\" contains a character that is not printable ASCII",
		*value);
}

/*
 * scope       = scope-token *( SP scope-token )
 * scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
 */
bool
validate_oauth_scope(char **value, struct error *err)
{
	struct str out = { 0 };

	if (!is_printable(*value) || strpbrk(*value, "\"\\") != NULL)
		return error_set(err, ERROR_CONFIG,
		    "\"%s\" is not a list of scopes with spaces between them",
		    *value);
	for (const char *word = *value; *word != '\0';) {
		size_t len = strcspn(word, " ");

		if (len > 0 && out.len > 0)
			str_add_char(&out, ' ');
		str_append(&out, word, len);
		word += len + (word[len] == ' ');
	}
	alloc_replace(value, str_text(&out));
	str_free(&out);
	return true;
}

/* What the program sets itself: RFC 6749 section 4.1.1, RFC 7636 section 4.3. */
static bool
is_reserved(const char *pair)
{
	static const char *const names[] = { "response_type", "client_id",
		"redirect_uri", "scope", "state", "code_challenge",
		"code_challenge_method" };
	size_t len = strcspn(pair, "=");

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strlen(names[i]) == len && memcmp(pair, names[i], len) == 0)
			return true;
	return false;
}

/* The URL of the browser has each of them once. */
static bool
check_reserved(const char *pair, struct error *err)
{
	while (*pair != '\0') {
		size_t len = strcspn(pair, "&");

		if (is_reserved(pair))
			return error_set(err, ERROR_CONFIG,
			    "%.*s is not for this setting: the program sets "
			    "it itself",
			    (int)strcspn(pair, "="), pair);
		pair += len + (pair[len] == '&');
	}
	return true;
}

bool
validate_oauth_params(char **value, struct error *err)
{
	const char *pair = *value;
	bool ok = has_only(pair, PATH_CHARACTERS "?");

	while (ok && *pair != '\0') {
		size_t len = strcspn(pair, "&");

		ok = pair[0] != '=' && memchr(pair, '=', len) != NULL
		    && (pair[len] == '\0' || pair[len + 1] != '\0');
		pair += len + (pair[len] == '&');
	}
	if (!ok)
		return error_set(err, ERROR_CONFIG,
		    "\"%s\" is not of the form NAME=VALUE&NAME=VALUE, encoded "
		    "as in a URL",
		    *value);
	return check_reserved(*value, err);
}

bool
validate_oauth_tenant(char **value, struct error *err)
{
	return has_only(*value, LETTERS DIGITS ".-")
	    || error_set(err, ERROR_CONFIG,
		"\"%s\" is not a tenant: common, organizations, consumers, a "
		"domain or an identifier",
		*value);
}

bool
validate_oauth_redirect_host(char **value, struct error *err)
{
	return strcmp(*value, "127.0.0.1") == 0
	    || strcmp(*value, "localhost") == 0
	    || error_set(err, ERROR_CONFIG,
		"\"%s\" is neither 127.0.0.1 nor localhost", *value);
}

bool
validate_oauth_redirect_path(char **value, struct error *err)
{
	return (**value == '/' && has_only(*value, PATH_CHARACTERS))
	    || error_set(err, ERROR_CONFIG,
		"\"%s\" is not a path that begins with \"/\"", *value);
}

bool
validate_oauth_proxy(char **value, struct error *err)
{
	static const char *const schemes[] = { "http://", "socks5h://" };
	const char *text = *value;

	if (strcmp(text, "on") == 0 || strcmp(text, "off") == 0)
		return true;
	for (size_t i = 0; i < COUNT_OF(schemes); i++) {
		const char *host = text + strlen(schemes[i]);

		if (text_starts_nocase(text, schemes[i]) && is_printable(text)
		    && strchr(host, ':') != NULL
		    && is_authority(host, strlen(host)))
			return true;
	}
	return error_set(err, ERROR_CONFIG,
	    "\"%s\" is none of on, off, http://HOST:PORT and "
	    "socks5h://HOST:PORT",
	    text);
}
