/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Small encodings of OAuth2: forms, base64url and random texts.
 */
#ifndef VEREDUS_HELPERS_OAUTH_ENCODE_H
#define VEREDUS_HELPERS_OAUTH_ENCODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/secret.h"
#include "base/str.h"

/* Appends the text as application/x-www-form-urlencoded, with %20 for a blank,
 * so that it may also be a part of a URL. */
void encode_form_text(struct str *out, const char *text);
/* Appends "key=value", behind "&" unless out is empty or ends with "?"; nothing
 * if the value is NULL. */
void encode_form(struct str *out, const char *key, const char *value);
void encode_form_secret(struct str *out, const char *key,
    const struct secret *value);
/* Appends the value of the first len octets of a form, which may have any octets;
 * false if there is an invalid escape. */
bool decode_form_text(struct str *out, const char *text, size_t len);
/*
 * Appends the value of the key in a form; *found: there is one.  Returns false if
 * the value is invalid, or if the key is there twice (RFC 6749 section 3.1).
 */
bool decode_form(struct str *out, const char *form, const char *key,
    bool *found);

/* Appends base64url without padding (RFC 4648 section 5). */
void encode_base64url(struct str *out, const void *data, size_t len);

/* Appends 32 octets that nobody can guess, in base64url; false if the system
 * has none. */
bool encode_random(struct str *out);

/* Compares in a time that depends only on the length of b. */
bool encode_is_same(const char *a, const char *b);

#endif
