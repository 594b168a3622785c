/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Encodes forms (RFC 6749 appendix B) and base64url, and decodes the parameters
 * of a redirection. */
#include "helpers/oauth/encode.h"

#include <string.h>
#include <sys/random.h>

#include "base/base64.h"
#include "base/text.h"

#define RANDOM_OCTETS 32

void
encode_form_text(struct str *out, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~";

	for (; *text != '\0'; text++)
		if (strchr(plain, *text) != NULL)
			str_add_char(out, *text);
		else
			str_printf(out, "%%%02X", (unsigned char)*text);
}

static void
add_key(struct str *out, const char *key)
{
	if (out->len > 0 && out->data[out->len - 1] != '?')
		str_add_char(out, '&');
	encode_form_text(out, key);
	str_add_char(out, '=');
}

void
encode_form(struct str *out, const char *key, const char *value)
{
	if (value == NULL)
		return;
	add_key(out, key);
	encode_form_text(out, value);
}

void
encode_form_secret(struct str *out, const char *key, const struct secret *value)
{
	struct secret_text text;

	if (!secret_is_set(value))
		return;
	secret_reveal(value, &text);
	encode_form(out, key, text.data);
	secret_text_free(&text);
}

static int
hex_value(char c)
{
	if (text_is_digit((unsigned char)c))
		return c - '0';
	c = (char)text_lower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
decode_form_text(struct str *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i] == '+' ? ' ' : text[i];

		if (c == '%') {
			int high = i + 2 < len ? hex_value(text[i + 1]) : -1;
			int low = high >= 0 ? hex_value(text[i + 2]) : -1;

			if (low < 0)
				return false;
			c = (char)(high << 4 | low);
			i += 2;
		}
		str_add_char(out, c);
	}
	return true;
}

/* The value behind "key=" in one parameter, or NULL. */
static const char *
value_of(const char *parameter, size_t len, const char *key)
{
	size_t size = strlen(key);

	return len > size && memcmp(parameter, key, size) == 0
		&& parameter[size] == '='
	    ? parameter + size + 1
	    : NULL;
}

bool
decode_form(struct str *out, const char *form, const char *key, bool *found)
{
	*found = false;
	while (*form != '\0') {
		size_t len = strcspn(form, "&");
		const char *value = value_of(form, len, key);

		if (value != NULL
		    && (*found
			|| !decode_form_text(out, value,
			    (size_t)(form + len - value))))
			return false;
		*found = *found || value != NULL;
		form += len + (form[len] == '&');
	}
	return true;
}

void
encode_base64url(struct str *out, const void *data, size_t len)
{
	size_t start = out->len;

	base64_encode(out, data, len);
	for (size_t i = start; i < out->len; i++)
		if (out->data[i] == '+')
			out->data[i] = '-';
		else if (out->data[i] == '/')
			out->data[i] = '_';
	while (out->len > start && out->data[out->len - 1] == '=')
		str_truncate(out, out->len - 1);
}

bool
encode_random(struct str *out)
{
	unsigned char octets[RANDOM_OCTETS];

	if (getrandom(octets, sizeof(octets), 0) != sizeof(octets))
		return false;
	encode_base64url(out, octets, sizeof(octets));
	secret_wipe(octets, sizeof(octets));
	return true;
}

bool
encode_is_same(const char *a, const char *b)
{
	size_t len = strlen(b);
	unsigned char difference = strlen(a) != len;
	/* Of another length, b is compared with itself. */
	const char *other = difference != 0 ? b : a;

	for (size_t i = 0; i < len; i++)
		difference |= (unsigned char)(other[i] ^ b[i]);
	return difference == 0;
}
