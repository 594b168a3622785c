/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Validates and normalises the values of single settings.
 */
#include "config/validate.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "auth/mechanism.h"
#include "base/alloc.h"
#include "base/idna.h"
#include "base/str.h"
#include "base/text.h"
#include "config/expand.h"
#include "dns/params.h"
#include "mail/mail_params.h"
#include "mail/path.h"
#include "mail/rewrite.h"
#include "queue/params.h"

#define SHA256_HEX_DIGITS 64

static bool
is_ipv4(const char *text)
{
	struct in_addr address;

	return inet_pton(AF_INET, text, &address) == 1;
}

/* A zone ("fe80::1%eth0", RFC 4007) is not checked here. */
static bool
is_ipv6(const char *text, bool zone_allowed)
{
	struct in6_addr address;
	char plain[INET6_ADDRSTRLEN];
	size_t len = zone_allowed ? strcspn(text, "%") : strlen(text);

	if (len >= sizeof(plain))
		return false;
	memcpy(plain, text, len);
	plain[len] = '\0';
	if (zone_allowed && text[len] == '%' && text[len + 1] == '\0')
		return false;
	return inet_pton(AF_INET6, plain, &address) == 1;
}

/* "[192.0.2.1]", "[2001:db8::1]" or "[IPv6:2001:db8::1]". */
static bool
is_literal(const char *text)
{
	size_t len = strlen(text);
	char *inner;
	bool good;

	if (len < 2 || text[0] != '[' || text[len - 1] != ']')
		return false;
	inner = alloc_string_n(text + 1, len - 2);
	good = is_ipv4(inner) || is_ipv6(inner, true)
	    || (text_starts_nocase(inner, "IPv6:")
		&& is_ipv6(inner + 5, false));
	free(inner);
	return good;
}

static bool
is_name(const char *text)
{
	char *ascii = NULL;
	bool good = idna_to_ascii(text, &ascii, NULL);

	free(ascii);
	return good;
}

/* Whether the text looks like "mail.example.org:587". */
static bool
has_port(const char *text)
{
	const char *colon = strrchr(text, ':');

	return colon != NULL && colon[1] != '\0'
	    && colon[1 + strspn(colon + 1, "0123456789")] == '\0';
}

bool
validate_host(char **value, struct error *err)
{
	const char *text = *value;

	if (is_ipv4(text) || is_ipv6(text, true) || is_literal(text))
		return true;
	if (has_port(text))
		return error_set(err, ERROR_CONFIG,
		    "\"%s\" contains a port; use the setting for the port "
		    "instead",
		    text);
	if (!is_name(text))
		return error_set(err, ERROR_CONFIG,
		    "\"%s\" is neither a host name nor an address", text);
	return true;
}

bool
validate_server_port(char **value, struct error *err)
{
	const char *colon = strrchr(*value, ':');
	unsigned long long port;
	char *host;
	bool ok;

	if (colon == NULL || !text_number(colon + 1, 1, UINT16_MAX, &port))
		return error_set(err, ERROR_CONFIG,
		    "\"%s\" has no port: write HOST:PORT", *value);
	host = alloc_string_n(*value, (size_t)(colon - *value));
	if (host[0] != '[' && strchr(host, ':') != NULL)
		ok = error_set(err, ERROR_CONFIG,
		    "write an IPv6 address as [ADDRESS]:PORT");
	else
		ok = validate_host(&host, err);
	free(host);
	return ok;
}

bool
validate_dns_name(char **value, struct error *err)
{
	if (is_name(*value))
		return true;
	return error_set(err, ERROR_CONFIG, "\"%s\" is not a domain", *value);
}

bool
validate_dns_server(char **value, struct error *err)
{
	struct endpoint_list list = { 0 };
	bool ok = dns_nameserver_add(&list, *value, err);

	endpoint_list_free(&list);
	return ok;
}

bool
validate_address(char **value, struct error *err)
{
	if (is_ipv4(*value) || is_ipv6(*value, true))
		return true;
	return error_set(err, ERROR_CONFIG,
	    "\"%s\" is not an IPv4 or IPv6 address", *value);
}

/* RFC 6761 section 6.3, and names that installers use. */
static bool
is_localhost(const char *name)
{
	static const char *const names[] = { "localhost",
		"localhost.localdomain", "localhost6",
		"localhost6.localdomain6" };
	size_t len = strlen(name);

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (text_equal_nocase(name, names[i]))
			return true;
	return len > 10 && text_equal_nocase(name + len - 10, ".localhost");
}

bool
validate_greeting(char **value, struct error *err)
{
	if (is_literal(*value))
		return true;
	if (is_localhost(*value))
		return error_set(err, ERROR_CONFIG,
		    "\"%s\" is a local name, which many servers reject; use a "
		    "fully qualified host name, or remove the line",
		    *value);
	if (!is_name(*value))
		return error_set(err, ERROR_CONFIG,
		    "\"%s\" is neither a host name nor an address in brackets",
		    *value);
	return true;
}

/* The letters that expand_names() replaces after a percent sign; "%%" stands for
 * a percent sign, and other characters after it have no meaning. */
static bool
check_letters(const char *text, struct error *err)
{
	for (; (text = strchr(text, '%')) != NULL; text += 1 + (text[1] != 0))
		if (isalpha((unsigned char)text[1])
		    && strchr(EXPAND_LETTERS, text[1]) == NULL)
			return error_set(err, ERROR_CONFIG,
			    "\"%%%c\" is unknown; expected %%U (user name), "
			    "%%H (host name), %%C (fully qualified host name) "
			    "or %%M (/etc/mailname), or %%%% for a percent "
			    "sign",
			    text[1]);
	return true;
}

bool
validate_domain(char **value, struct error *err)
{
	if (strchr(*value, '%') == NULL)
		return validate_greeting(value, err);
	if (!check_letters(*value, err))
		return false;
	if ((*value)[strcspn(*value, " \t<>")] != '\0')
		return error_set(err, ERROR_CONFIG, "\"%s\" is not a host name",
		    *value);
	return true;
}

bool
validate_mail_domain(char **value, struct error *err)
{
	if (!check_letters(*value, err))
		return false;
	if (is_literal(*value) || is_name(*value)
	    || strchr(*value, '%') != NULL)
		return true;
	return error_set(err, ERROR_CONFIG, "\"%s\" is not a domain", *value);
}

/*
 * Appends the hex digits of a fingerprint in lower case, without the colons or
 * blanks between pairs.  Returns false if there is anything else.
 */
static bool
parse_hex(const char *text, struct str *hex)
{
	bool pair_ended = true;

	for (; *text != '\0'; text++) {
		if ((*text == ':' || *text == ' ') && pair_ended && hex->len > 0
		    && isxdigit((unsigned char)text[1]))
			continue;
		if (!isxdigit((unsigned char)*text))
			return false;
		str_add_char(hex, (char)text_lower((unsigned char)*text));
		pair_ended = hex->len % 2 == 0;
	}
	return true;
}

static bool
wrong_fingerprint(size_t digits, struct error *err)
{
	const char *hash = digits == 32 ? "an MD5" : "a SHA-1";

	if (digits == 32 || digits == 40)
		return error_set(err, ERROR_CONFIG,
		    "this is %s fingerprint, which can be forged; use the "
		    "SHA-256 fingerprint that \"veredus --serverinfo\" shows",
		    hash);
	return error_set(err, ERROR_CONFIG,
	    "a SHA-256 fingerprint has 64 hexadecimal digits, with or without "
	    "colons between pairs; that of a public key begins with \"spki:\"");
}

bool
validate_fingerprint(char **value, struct error *err)
{
	struct str out = { 0 };
	struct str hex = { 0 };
	const char *text = *value;
	bool good;

	if (text_starts_nocase(text, "spki:")) {
		str_add(&out, "spki:");
		text += strlen("spki:");
	}
	good = parse_hex(text, &hex);
	if (good && hex.len == SHA256_HEX_DIGITS) {
		str_append(&out, hex.data, hex.len);
		alloc_replace(value, str_text(&out));
	} else {
		good = wrong_fingerprint(good ? hex.len : 0, err);
	}
	str_free(&out);
	str_free(&hex);
	return good;
}

/* Checks an address by the parser of the envelope. */
static bool
check_path(const char *text, struct error *err)
{
	struct error why = { 0 };

	if (path_check(text, &why))
		return true;
	error_set(err, ERROR_CONFIG, "%s", why.text);
	error_free(&why);
	return false;
}

/* A percent sign and its letter may be in both parts of an address. */
bool
validate_from(char **value, struct error *err)
{
	return check_letters(*value, err) && validate_sender(value, err)
	    && (path_has_wildcard(*value) || check_path(*value, err));
}

bool
validate_mail_address(char **value, struct error *err)
{
	return validate_sender(value, err) && check_path(*value, err);
}

bool
validate_sender(char **value, struct error *err)
{
	const char *text = *value;
	size_t len = strlen(text);

	if (text[strcspn(text, " \t<>(),;\\\"")] != '\0')
		return error_set(err, ERROR_CONFIG,
		    "\"%s\" is not a bare address such as alice@example.org; "
		    "use from_full_name for a name",
		    text);
	if (text[0] == '@' || text[len - 1] == '@')
		return error_set(err, ERROR_CONFIG,
		    "\"%s\" is incomplete: one side of the \"@\" is missing",
		    text);
	return true;
}

bool
validate_rewrite(char **value, struct error *err)
{
	struct rewrite_rules ignored = { 0 };
	bool ok = check_letters(*value, err)
	    && rewrite_add_rule(&ignored, *value, err);

	rewrite_rules_free(&ignored);
	return ok;
}

/* The error does not repeat the value: it may be a misplaced password. */
bool
validate_mechanism(char **value, struct error *err)
{
	struct str names = { 0 };

	if (strcmp(*value, "on") == 0 || strcmp(*value, "off") == 0)
		return true;
	if (auth_mechanism_name(*value) != NULL) {
		for (char *p = *value; *p != '\0'; p++)
			*p = (char)text_lower((unsigned char)*p);
		return true;
	}
	auth_mechanism_list(&names);
	error_set(err, ERROR_CONFIG,
	    "unknown mechanism; expected one of on, off, %s", str_text(&names));
	str_free(&names);
	return false;
}

/* Key exchanges without a certificate, ciphers without encryption, and checks
 * that are turned off. */
static bool
is_unsafe_priority(const char *word, size_t len)
{
	static const char *const words[] = { "+ANON-DH", "+ANON-ECDH", "+NULL",
		"+MAC-NULL", "%UNSAFE_RENEGOTIATION", "%VERIFY_ALLOW_BROKEN",
		"%VERIFY_ALLOW_SIGN_RSA_MD5" };

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (text_is_word(word, len, words[i]))
			return true;
	return false;
}

bool
validate_priorities(char **value, struct error *err)
{
	const char *word = *value;

	if (!text_is_visible(word, strlen(word)))
		return error_set(err, ERROR_CONFIG,
		    "\"%s\" contains a character that is not allowed in a "
		    "priority string",
		    *value);
	while (*word != '\0') {
		size_t len = strcspn(word, ":");

		if (is_unsafe_priority(word, len))
			return error_set(err, ERROR_CONFIG,
			    "\"%.*s\" disables the protection of TLS; remove "
			    "it",
			    (int)len, word);
		word += len + (word[len] == ':');
	}
	return true;
}

bool
validate_deliver_by(char **value, struct error *err)
{
	size_t digits = strspn(*value, "0123456789");
	const char *mode = *value + digits;
	char *whole;
	bool ok;

	if (digits < 1 || digits > 9
	    || (mode[0] != '\0' && !mail_params_is_by_mode(mode)))
		return error_set(err, ERROR_CONFIG,
		    "\"%s\" is not a number of seconds, optionally followed "
		    "by \";R\", \";N\", \";RT\" or \";NT\"",
		    *value);
	whole = alloc_printf("%s%s", *value, mode[0] == '\0' ? ";R" : "");
	ok = mail_params_is_by_time(whole)
	    || error_set(err, ERROR_CONFIG,
		"\"%s\" leaves no time for the delivery: with \"R\", which "
		"is the default, it must be 1 or more",
		*value);
	free(*value);
	*value = whole;
	return ok;
}

bool
validate_hold_until(char **value, struct error *err)
{
	const char *text = *value;
	bool ok = strlen(text) == strlen("2026-12-24T18:00:00Z")
	    && mail_params_is_date_time(text);

	return ok
	    || error_set(err, ERROR_CONFIG,
		"\"%s\" is not a time in UTC such as 2026-12-24T18:00:00Z",
		text);
}

bool
validate_priority(char **value, struct error *err)
{
	return mail_params_is_priority(*value)
	    || error_set(err, ERROR_CONFIG,
		"\"%s\" is not a number from -9 to 9", *value);
}

bool
validate_mail_auth(char **value, struct error *err)
{
	return strcmp(*value, "<>") == 0 || check_path(*value, err);
}

/*
 * conversion = "%" *( "_" / "-" / "0" / "^" / "#" ) *DIGIT [ "E" / "O" ] letter
 * These are the conversions of the GNU C library.
 */
bool
validate_time_format(char **value, struct error *err)
{
	static const char letters[] = "aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZ"
				      "%+";

	for (const char *p = *value; (p = strchr(p, '%')) != NULL;) {
		size_t len = 1 + strspn(p + 1, "_-0^#");

		len += strspn(p + len, "0123456789");
		len += p[len] == 'E' || p[len] == 'O';
		if (p[len] == '\0' || strchr(letters, p[len]) == NULL)
			return error_set(err, ERROR_CONFIG,
			    "\"%.*s\" is no conversion of strftime(3)",
			    (int)len + (p[len] != '\0'), p);
		p += len + 1;
	}
	return validate_text(value, err);
}

bool
validate_text(char **value, struct error *err)
{
	if (text_is_utf8(*value, strlen(*value)))
		return true;
	return error_set(err, ERROR_CONFIG, "the text is not valid UTF-8");
}

bool
validate_queue_retry(char **value, struct error *err)
{
	struct queue_schedule schedule;

	return queue_parse_retry(*value, &schedule)
	    || error_set(err, ERROR_CONFIG,
		"\"%s\" is not two durations such as \"2m 2h\", the second "
		"not shorter than the first",
		*value);
}

bool
validate_rate(char **value, struct error *err)
{
	struct token_rate rate;

	return queue_parse_rate(*value, &rate)
	    || error_set(err, ERROR_CONFIG,
		"\"%s\" is not a number in a period of up to 30d, and a number "
		"at once, such as \"100/1h 20\"",
		*value);
}

bool
validate_queue_limit(char **value, struct error *err)
{
	uint64_t messages, octets;

	return queue_parse_limit(*value, &messages, &octets)
	    || error_set(err, ERROR_CONFIG,
		"\"%s\" is not a number of messages and a number of octets "
		"such as \"10000 1g\"",
		*value);
}
