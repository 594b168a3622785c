/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads keys, and makes JSON web tokens, with GnuTLS. */
#include "helpers/oauth/jwt.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/file.h"
#include "base/json.h"
#include "base/sha256.h"
#include "helpers/oauth/encode.h"
#include "helpers/oauth/json.h"

#define FILE_MAX ((size_t)64 * 1024)
/* The length of r, and of s, of a signature with P-256 (RFC 7518 section 3.4). */
#define ES256_HALF 32

static const struct {
	gnutls_pk_algorithm_t type;
	gnutls_sign_algorithm_t sign;
	const char *kind;
} algorithms[] = {
	[OAUTH_RS256] = { GNUTLS_PK_RSA, GNUTLS_SIGN_RSA_SHA256, "RSA" },
	[OAUTH_PS256] = { GNUTLS_PK_RSA, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256,
	    "RSA" },
	[OAUTH_ES256] = { GNUTLS_PK_ECDSA, GNUTLS_SIGN_ECDSA_SHA256, "P-256" },
};

static gnutls_datum_t
datum(char *data, size_t len)
{
	return (gnutls_datum_t){ .data = (unsigned char *)data,
		.size = (unsigned)len };
}

static bool
fail_key(const struct oauth_params *p, const char *why,
    struct oauth_failure *failure)
{
	return oauth_fail(failure, OAUTH_CONFIG, "oauth_key_file: %s %s",
	    p->key_file, why);
}

static bool
import_key(struct jwt_key *key, const struct oauth_params *p,
    const struct str *pem, struct oauth_failure *failure)
{
	gnutls_datum_t data = datum(pem->data, pem->len);
	int code = gnutls_privkey_init(&key->key);

	if (code >= 0)
		code = gnutls_privkey_import_x509_raw(key->key, &data,
		    GNUTLS_X509_FMT_PEM, NULL, 0);
	if (code == GNUTLS_E_DECRYPTION_FAILED)
		return fail_key(p,
		    "is encrypted: write the key without a password, with "
		    "openssl pkey",
		    failure);
	if (code < 0)
		return fail_key(p, "has no private key in PEM", failure);
	if (gnutls_privkey_get_pk_algorithm(key->key, NULL)
	    != (int)algorithms[p->key_alg].type)
		return oauth_fail(failure, OAUTH_CONFIG,
		    "oauth_key_file: %s has no %s key, which oauth_key_alg %s "
		    "needs",
		    p->key_file, algorithms[p->key_alg].kind,
		    oauth_key_alg_words[p->key_alg]);
	return true;
}

/* The service account of Google: a JSON object with the key. */
static bool
import_json(struct jwt_key *key, const struct oauth_params *p,
    const struct str *file, struct oauth_failure *failure)
{
	json_t *object = json_parse(file->data, file->len);
	const char *text = json_text(object, "private_key");
	struct str pem = { 0 };
	bool ok;

	if (text == NULL || json_text(object, "client_email") == NULL) {
		json_decref(object);
		return fail_key(p,
		    "is not a JSON file with client_email and private_key",
		    failure);
	}
	json_copy_text(object, "client_email", &key->client);
	json_copy_text(object, "private_key_id", &key->id);
	str_reserve(&pem, strlen(text));
	str_add(&pem, text);
	ok = import_key(key, p, &pem, failure);
	str_wipe(&pem);
	json_decref(object);
	return ok;
}

static bool
import_cert(struct jwt_key *key, const struct oauth_params *p,
    const struct str *cert, struct oauth_failure *failure)
{
	unsigned char digest[SHA256_SIZE];
	gnutls_datum_t data = datum(cert->data, cert->len);
	gnutls_x509_crt_t crt = NULL;
	struct str text = { 0 };
	size_t size = sizeof(digest);
	bool ok = gnutls_x509_crt_init(&crt) >= 0
	    && gnutls_x509_crt_import(crt, &data, GNUTLS_X509_FMT_PEM) >= 0
	    && gnutls_x509_crt_get_fingerprint(crt, GNUTLS_DIG_SHA256, digest,
		   &size)
		>= 0;

	gnutls_x509_crt_deinit(crt);
	if (!ok)
		return oauth_fail(failure, OAUTH_CONFIG,
		    "oauth_cert_file: %s has no certificate in PEM",
		    p->cert_file);
	encode_base64url(&text, digest, size);
	key->digest = str_steal(&text);
	return true;
}

bool
jwt_key_parse(struct jwt_key *key, const struct oauth_params *p,
    const struct str *file, const struct str *cert,
    struct oauth_failure *failure)
{
	const char *text = str_text(file);
	bool ok;

	text += strspn(text, " \t\r\n");
	key->alg = p->key_alg;
	ok = *text == '{' ? import_json(key, p, file, failure)
			  : import_key(key, p, file, failure);
	if (ok && p->key_id != NULL)
		alloc_replace(&key->id, p->key_id);
	return ok && (cert->len == 0 || import_cert(key, p, cert, failure));
}

static bool
read_file(const char *path, enum file_use use, const char *setting,
    struct str *text, struct oauth_failure *failure)
{
	const struct file_rules rules = { .max = FILE_MAX,
		.use = use,
		.owner = geteuid() };
	struct error err = { 0 };

	if (file_read(path, &rules, text, NULL, &err))
		return true;
	error_prefix(&err, "%s", setting);
	return oauth_fail_error(failure, &err);
}

bool
jwt_key_read(struct jwt_key *key, const struct oauth_params *p,
    struct oauth_failure *failure)
{
	struct str file = { 0 }, cert = { 0 };
	bool ok = read_file(p->key_file, FILE_SECRET, "oauth_key_file", &file,
		      failure)
	    && (p->cert_file == NULL
		|| read_file(p->cert_file, FILE_TRUSTED, "oauth_cert_file",
		    &cert, failure))
	    && jwt_key_parse(key, p, &file, &cert, failure);

	str_wipe(&file);
	str_free(&cert);
	return ok;
}

void
jwt_key_free(struct jwt_key *key)
{
	gnutls_privkey_deinit(key->key);
	free(key->id);
	free(key->digest);
	free(key->client);
	*key = (struct jwt_key){ 0 };
}

static void
add_member(struct json_writer *json, const char *name, const char *value)
{
	if (value != NULL)
		json_add_string(json, name, value);
}

static void
add_header(const struct jwt_key *key, struct str *out)
{
	struct str text = { 0 };
	struct json_writer json = { .out = &text };

	json_begin_object(&json, NULL);
	add_member(&json, "alg", oauth_key_alg_words[key->alg]);
	add_member(&json, "typ", "JWT");
	add_member(&json, "kid", key->id);
	add_member(&json, "x5t#S256", key->digest);
	json_end_object(&json);
	encode_base64url(out, text.data, text.len);
	str_free(&text);
}

/* A random jti lets the provider reject the same token a second time. */
static bool
add_claims(const struct jwt_claims *claims, struct str *out,
    struct oauth_failure *failure)
{
	struct str text = { 0 }, id = { 0 };
	struct json_writer json = { .out = &text };
	bool ok = encode_random(&id);

	json_begin_object(&json, NULL);
	add_member(&json, "iss", claims->issuer);
	add_member(&json, "sub", claims->subject);
	add_member(&json, "aud", claims->audience);
	add_member(&json, "scope", claims->scope);
	add_member(&json, "jti", str_text(&id));
	json_add_number(&json, "iat", claims->now);
	json_add_number(&json, "nbf", claims->now);
	json_add_number(&json, "exp", claims->now + claims->seconds);
	json_end_object(&json);
	encode_base64url(out, text.data, text.len);
	str_free(&text);
	str_free(&id);
	return ok
	    || oauth_fail(failure, OAUTH_TEMPORARY,
		"the system has no random numbers");
}

/* Appends a number in 32 octets; GnuTLS may add or drop zeros in front. */
static bool
add_half(struct str *out, const gnutls_datum_t *number)
{
	static const char zeros[ES256_HALF];
	const unsigned char *at = number->data;
	size_t len = number->size;

	for (; len > 0 && *at == 0; at++, len--)
		;
	if (len > ES256_HALF)
		return false;
	str_append(out, zeros, ES256_HALF - len);
	str_append(out, at, len);
	return true;
}

/* JSON web signatures have r and s behind each other, not in DER. */
static bool
add_es256(struct str *out, const gnutls_datum_t *signature)
{
	gnutls_datum_t r = { 0 }, s = { 0 };
	struct str both = { 0 };
	bool ok = gnutls_decode_rs_value(signature, &r, &s) >= 0
	    && add_half(&both, &r) && add_half(&both, &s);

	if (ok)
		encode_base64url(out, both.data, both.len);
	gnutls_free(r.data);
	gnutls_free(s.data);
	str_free(&both);
	return ok;
}

static bool
add_signature(const struct jwt_key *key, struct str *out, size_t start)
{
	gnutls_datum_t data = datum(out->data + start, out->len - start);
	gnutls_datum_t signature = { 0 };
	bool ok = gnutls_privkey_sign_data2(key->key, algorithms[key->alg].sign,
		      0, &data, &signature)
	    >= 0;

	str_add_char(out, '.');
	if (ok && key->alg == OAUTH_ES256)
		ok = add_es256(out, &signature);
	else if (ok)
		encode_base64url(out, signature.data, signature.size);
	gnutls_free(signature.data);
	return ok;
}

bool
jwt_sign(const struct jwt_key *key, const struct jwt_claims *claims,
    struct str *out, struct oauth_failure *failure)
{
	size_t start = out->len;

	add_header(key, out);
	str_add_char(out, '.');
	if (!add_claims(claims, out, failure))
		return false;
	return add_signature(key, out, start)
	    || oauth_fail(failure, OAUTH_CONFIG,
		"oauth_key_file: the key cannot sign with %s",
		oauth_key_alg_words[key->alg]);
}
