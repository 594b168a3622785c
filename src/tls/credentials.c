/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Has GnuTLS parse the files and settings of an account. */
#include "tls/credentials.h"

#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tls/priority.h"
#include "tls/verify.h"

static gnutls_datum_t
to_datum(const struct str *text)
{
	return (
	    gnutls_datum_t){ (unsigned char *)text->data, (unsigned)text->len };
}

/* A kind of PEM file, and the function of GnuTLS that parses it. */
struct pem_kind {
	const char *setting;
	const char *things; /* that the file contains */
	int (*set)(gnutls_certificate_credentials_t credentials,
	    const gnutls_datum_t *data, gnutls_x509_crt_fmt_t format);
};

static const struct pem_kind trust_kind = { "tls_trust_file", "certificate",
	gnutls_certificate_set_x509_trust_mem };
static const struct pem_kind crl_kind = { "tls_crl_file", "revocation list",
	gnutls_certificate_set_x509_crl_mem };

/* Does nothing if the account has no such file. */
static bool
load_pem(struct tls_credentials *c, const struct pem_kind *kind,
    const char *path, const struct str *text, struct error *err)
{
	gnutls_datum_t data = to_datum(text);
	int count;

	if (text->len == 0)
		return true;
	count = kind->set(c->gnutls, &data, GNUTLS_X509_FMT_PEM);
	if (count == 0)
		return error_set_about(err, ERROR_CONFIG, kind->setting,
		    "%s contains no %s in PEM format", path, kind->things);
	if (count < 0)
		return error_set_about(err, ERROR_CONFIG, kind->setting,
		    "%s contains an invalid %s: %s", path, kind->things,
		    gnutls_strerror(count));
	return true;
}

static bool
reject_key(const struct tls_params *params, int status, struct error *err)
{
	if (status == GNUTLS_E_DECRYPTION_FAILED)
		return error_set_about(err, ERROR_CONFIG, "tls_key_file",
		    "the key in %s is encrypted; store it without a "
		    "passphrase",
		    params->key_file);
	return error_set_about(err, ERROR_CONFIG, "tls_key_file",
	    "cannot use the key %s with the certificate %s of tls_cert_file: "
	    "%s",
	    params->key_file, params->cert_file, gnutls_strerror(status));
}

/* PEM files have been read before; GnuTLS itself reads a key on a token. */
static bool
load_key(struct tls_credentials *c, const struct tls_context *context,
    struct error *err)
{
	const struct tls_params *params = context->params;
	gnutls_datum_t key = to_datum(&context->key);
	gnutls_datum_t certificate = to_datum(&context->certificate);
	int status;

	if (params->key_file == NULL)
		return true;
	if (key.size > 0)
		status = gnutls_certificate_set_x509_key_mem2(c->gnutls,
		    &certificate, &key, GNUTLS_X509_FMT_PEM, NULL,
		    GNUTLS_PKCS_PLAIN);
	else
		status = gnutls_certificate_set_x509_key_file2(c->gnutls,
		    params->cert_file, params->key_file, GNUTLS_X509_FMT_PEM,
		    NULL, 0);
	return status >= 0 || reject_key(params, status, err);
}

static bool
load_priorities(struct tls_credentials *c, const struct tls_params *params,
    struct error *err)
{
	static const struct tls_priority_library library = {
		gnutls_group_get_id, gnutls_priority_init2,
		gnutls_priority_protocol_list
	};

	return tls_priority_make(&library, params->priorities,
	    params->min_version ? params->min_version : 12, &c->priorities,
	    err);
}

static bool
load_override(struct tls_credentials *c, const struct tls_params *params,
    struct error *err)
{
	if (params->host_override == NULL
	    || tls_name_set(&c->override, params->host_override, err))
		return true;
	return error_subject(err, "tls_host_override");
}

static bool
load_all(struct tls_credentials *c, const struct tls_context *context,
    struct error *err)
{
	const struct tls_params *params = context->params;

	return load_override(c, params, err) && load_priorities(c, params, err)
	    && load_pem(c, &trust_kind, params->trust_file, &context->trust,
		err)
	    && load_pem(c, &crl_kind, params->crl_file, &context->crl, err)
	    && load_key(c, context, err);
}

bool
tls_credentials_load(struct tls_context *context, struct error *err)
{
	struct tls_credentials *c;

	if (gnutls_global_init() < 0)
		return error_set(err, ERROR_SYSTEM, "cannot start GnuTLS");

	c = alloc_zeroed(1, sizeof(*c));
	if (gnutls_certificate_allocate_credentials(&c->gnutls) < 0) {
		free(c);
		return error_set(err, ERROR_SYSTEM, "cannot start GnuTLS");
	}
	gnutls_certificate_set_verify_function(c->gnutls, tls_verify_peer);
	if (!load_all(c, context, err)) {
		tls_credentials_free(c);
		return false;
	}
	context->credentials = c;
	return true;
}

void
tls_credentials_free(struct tls_credentials *credentials)
{
	gnutls_certificate_free_credentials(credentials->gnutls);
	if (credentials->priorities)
		gnutls_priority_deinit(credentials->priorities);
	tls_name_free(&credentials->override);
	free(credentials);
}
