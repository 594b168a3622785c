/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fingerprints: SHA-256 of a certificate, or of the key in it.
 * Private to src/tls.
 */
#ifndef VEREDUS_TLS_PIN_H
#define VEREDUS_TLS_PIN_H

#include <gnutls/x509.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "base/strv.h"

#define PIN_SIZE 32

struct tls_pin {
	bool key; /* of the subjectPublicKeyInfo, else of the certificate */
	unsigned char digest[PIN_SIZE];
};

struct tls_pins {
	struct tls_pin *items;
	size_t count;
};

/*
 * Reads [ "spki:" ] and 64 hexadecimal digits, which colons may part, of any
 * case.  Errors: ERROR_CONFIG, naming tls_fingerprint.
 */
bool tls_pin_parse(const char *text, struct tls_pin *pin, struct error *err);
bool tls_pins_parse(const struct strv *texts, struct tls_pins *pins,
    struct error *err);
void tls_pins_free(struct tls_pins *pins);

/* Both fingerprints of a certificate. */
bool tls_pin_of(gnutls_x509_crt_t certificate, struct tls_pin *whole,
    struct tls_pin *key);
/* Whether any pin is one of these two. */
bool tls_pins_match(const struct tls_pins *pins, const struct tls_pin *whole,
    const struct tls_pin *key);
/* Appends the digits in lower case, without colons and "spki:". */
void tls_pin_text(const struct tls_pin *pin, struct str *out);

#endif
