/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/credentials.h"

#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tls/priority.h"
#include "tls/verify.h"

static gnutls_datum_t
datum_of(const struct str *text)
{
	return (
	    gnutls_datum_t){ (unsigned char *)text->data, (unsigned)text->len };
}

/* A kind of PEM file, and what hands it to GnuTLS. */
struct pem_kind {
	const char *setting;
	const char *things; /* that it holds */
	int (*set)(gnutls_certificate_credentials_t credentials,
	    const gnutls_datum_t *data, gnutls_x509_crt_fmt_t format);
};

static const struct pem_kind trust_kind = { "tls_trust_file", "certificate",
	gnutls_certificate_set_x509_trust_mem };
static const struct pem_kind crl_kind = { "tls_crl_file", "revocation list",
	gnutls_certificate_set_x509_crl_mem };

/* GnuTLS says how many it found. */
static bool
use_pem(struct tls_credentials *c, const struct pem_kind *kind,
    const char *path, const struct str *text, struct error *err)
{
	gnutls_datum_t data = datum_of(text);
	int count = kind->set(c->credentials, &data, GNUTLS_X509_FMT_PEM);

	if (count == 0)
		return error_set(err, ERROR_CONFIG, "%s: %s holds no %s in PEM",
		    kind->setting, path, kind->things);
	if (count < 0)
		return error_set(err, ERROR_CONFIG,
		    "%s: %s holds no valid %s in PEM: %s", kind->setting, path,
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
	return use_pem(c, &trust_kind, path, &context->trust, err);
}

static bool
load_crl(struct tls_credentials *c, const struct tls_context *context,
    struct error *err)
{
	str_append(&c->crl, str_text(&context->crl), context->crl.len);
	return context->crl.len == 0
	    || use_pem(c, &crl_kind, context->params->crl_file, &context->crl,
		err);
}

static bool
refuse_key(const struct tls_params *params, int status, struct error *err)
{
	if (status == GNUTLS_E_DECRYPTION_FAILED)
		return error_set(err, ERROR_CONFIG,
		    "tls_key_file: the key in %s is encrypted: store it without a "
		    "passphrase",
		    params->key_file);
	return error_set(err, ERROR_CONFIG,
	    "tls_key_file, tls_cert_file: cannot use the key %s with the "
	    "certificate %s: %s",
	    params->key_file, params->cert_file, gnutls_strerror(status));
}

/* Files of ours have been read; a key in a token GnuTLS fetches itself. */
static bool
load_key(struct tls_credentials *c, const struct tls_context *context,
    struct error *err)
{
	const struct tls_params *params = context->params;
	gnutls_datum_t key = datum_of(&context->key);
	gnutls_datum_t certificate = datum_of(&context->certificate);
	int status;

	if (params->key_file == NULL)
		return true;
	c->has_certificate = true;
	if (key.size > 0)
		status = gnutls_certificate_set_x509_key_mem2(c->credentials,
		    &certificate, &key, GNUTLS_X509_FMT_PEM, NULL,
		    GNUTLS_PKCS_PLAIN);
	else
		status = gnutls_certificate_set_x509_key_file2(c->credentials,
		    params->cert_file, params->key_file, GNUTLS_X509_FMT_PEM,
		    NULL, 0);
	return status >= 0 || refuse_key(params, status, err);
}

static bool
load_priorities(struct tls_credentials *c, const struct tls_params *params,
    struct error *err)
{
	static const struct tls_priority_library library = {
		gnutls_group_get_id, gnutls_priority_init2
	};

	return tls_priority_make(&library, params->priorities, c->min_version,
	    &c->priorities, err);
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

	return tls_pins_parse(&params->fingerprints, &c->pins, err)
	    && load_override(c, params, err) && load_priorities(c, params, err)
	    && load_trust(c, context, err) && load_crl(c, context, err)
	    && load_key(c, context, err);
}

bool
tls_set_up(const struct tls_context *context, struct tls_credentials **setup,
    struct error *err)
{
	const struct tls_params *params = context->params;
	struct tls_credentials *c;

	*setup = NULL;
	if (gnutls_global_init() < 0)
		return error_set(err, ERROR_SYSTEM, "cannot start GnuTLS");

	c = alloc_zeroed(1, sizeof(*c));
	c->check_chain = context->check_chain;
	c->insist = params->certcheck == CERTCHECK_ON;
	c->keylog_plus_1 = context->keylog_plus_1;
	c->min_version = params->min_version ? params->min_version : 12;
	if (gnutls_certificate_allocate_credentials(&c->credentials) < 0) {
		free(c);
		return error_set(err, ERROR_SYSTEM, "cannot start GnuTLS");
	}
	gnutls_certificate_set_verify_function(c->credentials, tls_verify_peer);
	if (!load_all(c, context, err)) {
		tls_setup_free(c);
		return false;
	}
	*setup = c;
	return true;
}

void
tls_setup_free(struct tls_credentials *setup)
{
	gnutls_certificate_free_credentials(setup->credentials);
	if (setup->priorities)
		gnutls_priority_deinit(setup->priorities);
	tls_pins_free(&setup->pins);
	tls_name_free(&setup->override);
	str_free(&setup->crl);
	free(setup->trust_file);
	free(setup);
}
