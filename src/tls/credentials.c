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

static bool
load_pem(struct tls_credentials *c, const struct pem_kind *kind,
    const char *path, const struct str *text, struct error *err)
{
	gnutls_datum_t data = to_datum(text);
	int count = kind->set(c->gnutls, &data, GNUTLS_X509_FMT_PEM);

	if (count == 0)
		return error_set(err, ERROR_CONFIG,
		    "%s: %s contains no %s in PEM format", kind->setting, path,
		    kind->things);
	if (count < 0)
		return error_set(err, ERROR_CONFIG,
		    "%s: %s contains an invalid %s: %s", kind->setting, path,
		    kind->things, gnutls_strerror(count));
	return true;
}

static bool
load_trust(struct tls_credentials *c, const struct tls_context *context,
    struct error *err)
{
	const char *path = context->params->trust_file;

	c->system = context->system;
	if (context->trust.len == 0)
		return true;
	c->trust_file = alloc_string(path);
	return load_pem(c, &trust_kind, path, &context->trust, err);
}

static bool
load_crl(struct tls_credentials *c, const struct tls_context *context,
    struct error *err)
{
	str_append(&c->crl, str_text(&context->crl), context->crl.len);
	return context->crl.len == 0
	    || load_pem(c, &crl_kind, context->params->crl_file, &context->crl,
		err);
}

static bool
reject_key(const struct tls_params *params, int status, struct error *err)
{
	if (status == GNUTLS_E_DECRYPTION_FAILED)
		return error_set(err, ERROR_CONFIG,
		    "tls_key_file: the key in %s is encrypted; store it without a "
		    "passphrase",
		    params->key_file);
	return error_set(err, ERROR_CONFIG,
	    "tls_key_file, tls_cert_file: cannot use the key %s with the "
	    "certificate %s: %s",
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
	c->has_certificate = true;
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
		gnutls_group_get_id, gnutls_priority_init2
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

	strv_copy(&c->fingerprints, &params->fingerprints);
	return load_override(c, params, err) && load_priorities(c, params, err)
	    && load_trust(c, context, err) && load_crl(c, context, err)
	    && load_key(c, context, err);
}

bool
tls_credentials_load(const struct tls_context *context,
    struct tls_credentials **credentials, struct error *err)
{
	const struct tls_params *params = context->params;
	struct tls_credentials *c;

	*credentials = NULL;
	if (gnutls_global_init() < 0)
		return error_set(err, ERROR_SYSTEM, "cannot start GnuTLS");

	c = alloc_zeroed(1, sizeof(*c));
	c->check_chain = context->check_chain;
	c->chain_required = params->certcheck == CERTCHECK_ON;
	c->keylog_plus_1 = context->keylog_plus_1;
	if (gnutls_certificate_allocate_credentials(&c->gnutls) < 0) {
		free(c);
		return error_set(err, ERROR_SYSTEM, "cannot start GnuTLS");
	}
	gnutls_certificate_set_verify_function(c->gnutls, tls_verify_peer);
	if (!load_all(c, context, err)) {
		tls_credentials_free(c);
		return false;
	}
	*credentials = c;
	return true;
}

void
tls_credentials_free(struct tls_credentials *credentials)
{
	gnutls_certificate_free_credentials(credentials->gnutls);
	if (credentials->priorities)
		gnutls_priority_deinit(credentials->priorities);
	strv_free(&credentials->fingerprints);
	tls_name_free(&credentials->override);
	str_free(&credentials->crl);
	free(credentials->trust_file);
	free(credentials);
}
