/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fingerprints: the SHA-256 of a certificate, or of its public key.
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
	bool key; /* of the subjectPublicKeyInfo, not the certificate */
	unsigned char digest[PIN_SIZE];
};

struct tls_pins {
	struct tls_pin *items;
	size_t count;
};

/*
 * Parses [ "spki:" ] and 64 hexadecimal digits in upper or lower case, with an
 * optional colon between two octets.  Errors: ERROR_CONFIG.
 */
bool tls_pin_parse(const char *text, struct tls_pin *pin, struct error *err);
/* Parses each text; the caller frees pins, also after an error. */
bool tls_pins_parse(const struct strv *texts, struct tls_pins *pins,
    struct error *err);
void tls_pins_free(struct tls_pins *pins);

/* Computes both fingerprints of a certificate; false if GnuTLS cannot. */
bool tls_pin_of(gnutls_x509_crt_t certificate, struct tls_pin *whole,
    struct tls_pin *key);
/* Whether one of the pins is one of these two fingerprints. */
bool tls_pins_match(const struct tls_pins *pins, const struct tls_pin *whole,
    const struct tls_pin *key);
/* Appends 64 lower-case digits, without colons and "spki:". */
void tls_pin_text(const struct tls_pin *pin, struct str *out);

#endif
