/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Parses, computes and compares the fingerprints of certificates. */
#include "tls/pin.h"

#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

static int
hex_value(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = strchr(digits, text_lower((unsigned char)c));

	return c != '\0' && at ? (int)(at - digits) : -1;
}

bool
tls_pin_parse(const char *text, struct tls_pin *pin, struct error *err)
{
	const char *at = text;
	size_t count = 0;

	*pin = (struct tls_pin){ 0 };
	pin->key = text_starts_nocase(text, "spki:");
	if (pin->key)
		at += strlen("spki:");
	for (; *at != '\0' && count < PIN_SIZE; count++, at += 2) {
		int high, low;

		/* A colon may follow each octet, but is not the first. */
		if (count > 0 && *at == ':')
			at++;
		high = hex_value(at[0]);
		low = high < 0 ? -1 : hex_value(at[1]);
		if (low < 0)
			break;
		pin->digest[count] = (unsigned char)(high << 4 | low);
	}
	if (count < PIN_SIZE || *at != '\0')
		return error_set(err, ERROR_CONFIG,
		    "tls_fingerprint: \"%s\" is not a SHA-256 fingerprint: it "
		    "must have 64 hexadecimal digits, after \"spki:\" for that "
		    "of a key",
		    text);
	return true;
}

bool
tls_pins_parse(const struct strv *texts, struct tls_pins *pins,
    struct error *err)
{
	pins->items = alloc_zeroed(texts->count + 1, sizeof(*pins->items));
	for (size_t i = 0; i < texts->count; i++)
		if (!tls_pin_parse(texts->items[i], &pins->items[pins->count++],
			err))
			return false;
	return true;
}

void
tls_pins_free(struct tls_pins *pins)
{
	free(pins->items);
	*pins = (struct tls_pins){ 0 };
}

bool
tls_pin_of(gnutls_x509_crt_t certificate, struct tls_pin *whole,
    struct tls_pin *key)
{
	size_t whole_size = PIN_SIZE, key_size = PIN_SIZE;

	*whole = (struct tls_pin){ .key = false };
	*key = (struct tls_pin){ .key = true };
	return gnutls_x509_crt_get_fingerprint(certificate, GNUTLS_DIG_SHA256,
		   whole->digest, &whole_size)
	    == 0
	    && gnutls_x509_crt_get_key_id(certificate, GNUTLS_KEYID_USE_SHA256,
		   key->digest, &key_size)
	    == 0;
}

bool
tls_pins_match(const struct tls_pins *pins, const struct tls_pin *whole,
    const struct tls_pin *key)
{
	for (size_t i = 0; i < pins->count; i++) {
		const struct tls_pin *pin = &pins->items[i];
		const struct tls_pin *actual = pin->key ? key : whole;

		if (memcmp(pin->digest, actual->digest, PIN_SIZE) == 0)
			return true;
	}
	return false;
}

void
tls_pin_text(const struct tls_pin *pin, struct str *out)
{
	for (size_t i = 0; i < PIN_SIZE; i++)
		str_printf(out, "%02x", pin->digest[i]);
}
