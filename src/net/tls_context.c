/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls_context.h"

#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/file.h"
#include "base/text.h"
#include "net/tls_verify.h"

/* GnuTLS reads its environment when it starts: not before main() has cleaned
 * that (base/process.c), hence not in its constructor, but at first use. */
GNUTLS_SKIP_GLOBAL_INIT

#define PEM_MAX ((size_t)16 * 1024 * 1024)

/* X25519 first: with GNUTLS_KEY_SHARE_TOP the only one that is computed. */
static const char groups[] =
    "-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1"
    ":+GROUP-SECP521R1:+GROUP-X448:+GROUP-FFDHE2048:+GROUP-FFDHE3072";

/* The minimum holds whatever the priorities are; older ones than the default
 * are added to ours only, not to those of the user. */
static const struct {
	int version;
	const char *remove, *add;
} minimums[] = {
	{ 10, "-NULL", "+VERS-TLS1.1:+VERS-TLS1.0" },
	{ 11, "-NULL:-VERS-TLS1.0", "+VERS-TLS1.1" },
	{ 12, "-NULL:-VERS-TLS1.1:-VERS-TLS1.0", "+VERS-TLS1.2" },
	{ 13, "-NULL:-VERS-TLS1.2:-VERS-TLS1.1:-VERS-TLS1.0", "+VERS-TLS1.3" },
};

static const struct file_rules pem_rules = { .max = PEM_MAX };

/* Reads the PEM file of a setting. */
static bool
read_pem(const char *setting, const char *path, struct str *text,
    gnutls_datum_t *data, struct error *err)
{
	if (!file_read(path, &pem_rules, text, NULL, err))
		return error_prefix(err, "%s", setting);
	*data = (gnutls_datum_t){ (unsigned char *)text->data,
		(unsigned)text->len };
	if (text->len == 0)
		return error_set(err, ERROR_CONFIG, "%s: %s is empty", setting,
		    path);
	return true;
}

typedef int set_pem_fn(gnutls_certificate_credentials_t credentials,
    const gnutls_datum_t *data, gnutls_x509_crt_fmt_t format);

/* Hands the file to GnuTLS, which says how many `things` it found. */
static bool
use_pem(struct tls_context *c, const char *setting, const char *path,
    set_pem_fn *set, const char *things, struct error *err)
{
	struct str text = { 0 };
	gnutls_datum_t data;
	bool ok = read_pem(setting, path, &text, &data, err);
	int count = ok ? set(c->credentials, &data, GNUTLS_X509_FMT_PEM) : 0;

	if (ok && count == 0)
		ok = error_set(err, ERROR_CONFIG, "%s: %s holds no %s in PEM",
		    setting, path, things);
	else if (ok && count < 0)
		ok = error_set(err, ERROR_CONFIG,
		    "%s: %s holds no valid %s in PEM: %s", setting, path,
		    things, gnutls_strerror(count));
	str_free(&text);
	return ok;
}

static bool
load_trust(struct tls_context *c, const struct tls_params *params,
    struct error *err)
{
	struct str usual = { 0 };

	if (params->trust_file && strcmp(params->trust_file, "system") != 0) {
		c->trust_file = alloc_string(params->trust_file);
		return use_pem(c, "tls_trust_file", params->trust_file,
		    gnutls_certificate_set_x509_trust_mem, "certificate", err);
	}
	if (!c->check_chain)
		return true;
	c->system = tls_trust_system();
	if (c->system)
		return true;
	tls_trust_describe(&usual);
	error_set(err, ERROR_CONFIG,
	    "tls_trust_file: the system has no trusted certificates in %s: "
	    "install them (ca-certificates) or name a file",
	    str_text(&usual));
	str_free(&usual);
	return false;
}

/* A list that is out of date still revokes what it lists. */
static bool
load_crl(struct tls_context *c, const struct tls_params *params,
    struct error *err)
{
	if (params->crl_file == NULL)
		return true;
	return use_pem(c, "tls_crl_file", params->crl_file,
	    gnutls_certificate_set_x509_crl_mem, "revocation list", err);
}

static bool
is_uri(const char *path)
{
	return text_starts_nocase(path, "pkcs11:");
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

/* Both in files of ours: GnuTLS gets their bytes. */
static bool
load_key_files(struct tls_context *c, const struct tls_params *params,
    struct error *err)
{
	struct str key = { 0 }, certificate = { 0 };
	gnutls_datum_t key_data, certificate_data;
	bool ok =
	    read_pem("tls_key_file", params->key_file, &key, &key_data, err)
	    && read_pem("tls_cert_file", params->cert_file, &certificate,
		&certificate_data, err);
	int status = 0;

	if (ok)
		status = gnutls_certificate_set_x509_key_mem2(c->credentials,
		    &certificate_data, &key_data, GNUTLS_X509_FMT_PEM, NULL,
		    GNUTLS_PKCS_PLAIN);
	if (status < 0)
		ok = refuse_key(params, status, err);
	str_wipe(&key);
	str_free(&certificate);
	return ok;
}

static bool
load_key(struct tls_context *c, const struct tls_params *params,
    struct error *err)
{
	int status;

	if (params->key_file == NULL && params->cert_file == NULL)
		return true;
	if (params->key_file == NULL || params->cert_file == NULL)
		return error_set(err, ERROR_CONFIG,
		    "%s is of no use without %s",
		    params->key_file ? "tls_key_file" : "tls_cert_file",
		    params->key_file ? "tls_cert_file" : "tls_key_file");
	c->has_certificate = true;
	if (!is_uri(params->key_file) && !is_uri(params->cert_file))
		return load_key_files(c, params, err);
	status = gnutls_certificate_set_x509_key_file2(c->credentials,
	    params->cert_file, params->key_file, GNUTLS_X509_FMT_PEM, NULL, 0);
	return status >= 0 || refuse_key(params, status, err);
}

/* Anonymous key exchange has no credentials and so never happens. */
static bool
user_priorities(struct tls_context *c, const char *user, const char *remove,
    struct error *err)
{
	char *all = alloc_printf("%s:%s", user, remove);
	const char *at = all;
	int status = gnutls_priority_init(&c->priorities, all, &at);

	if (status < 0)
		error_set(err, ERROR_CONFIG,
		    "tls_priorities: \"%s\" is not understood from \"%s\" on: %s",
		    all, at, gnutls_strerror(status));
	free(all);
	return status == 0;
}

/* The system's policy may have taken a group away: then without our order. */
static bool
default_priorities(struct tls_context *c, const char *remove, const char *add,
    struct error *err)
{
	char *ours = alloc_printf("%s:%s:%s", remove, add, groups);
	char *least = alloc_printf("%s:%s", remove, add);
	int status = gnutls_priority_init2(&c->priorities, ours, NULL,
	    GNUTLS_PRIORITY_INIT_DEF_APPEND);

	if (status < 0)
		status = gnutls_priority_init2(&c->priorities, least, NULL,
		    GNUTLS_PRIORITY_INIT_DEF_APPEND);
	free(ours);
	free(least);
	if (status < 0)
		return error_set(err, ERROR_CONFIG,
		    "the system's policy for GnuTLS leaves nothing for "
		    "tls_min_version: %s",
		    gnutls_strerror(status));
	return true;
}

static bool
load_priorities(struct tls_context *c, const struct tls_params *params,
    struct error *err)
{
	size_t i = 0;

	while (i < COUNT_OF(minimums) && minimums[i].version != c->min_version)
		i++;
	if (i == COUNT_OF(minimums))
		return error_set(err, ERROR_CONFIG,
		    "tls_min_version: there is no such version of TLS");
	if (params->priorities)
		return user_priorities(c, params->priorities,
		    minimums[i].remove, err);
	return default_priorities(c, minimums[i].remove, minimums[i].add, err);
}

static bool
load_override(struct tls_context *c, const struct tls_params *params,
    struct error *err)
{
	if (params->host_override == NULL
	    || tls_name_set(&c->override, params->host_override, err))
		return true;
	return error_prefix(err, "tls_host_override");
}

/*
 * What somebody asked for by name is always checked; what is the default is
 * not with a pin, which takes its place, and not in mode opportunistic.
 */
static bool
wants_chain(const struct tls_params *params)
{
	if (params->certcheck != CERTCHECK_DEFAULT)
		return params->certcheck == CERTCHECK_ON;
	return params->fingerprints.count == 0
	    && params->mode != TLS_OPPORTUNISTIC;
}

static bool
load_all(struct tls_context *c, const struct tls_params *params,
    struct error *err)
{
	return tls_pins_parse(&params->fingerprints, &c->pins, err)
	    && load_override(c, params, err) && load_priorities(c, params, err)
	    && load_trust(c, params, err) && load_crl(c, params, err)
	    && load_key(c, params, err);
}

bool
tls_prepare(const struct tls_params *params, struct tls_context **context,
    struct error *err)
{
	struct tls_context *c;

	*context = NULL;
	if (params->mode == TLS_OFF)
		return true;
	if (gnutls_global_init() < 0)
		return error_set(err, ERROR_SYSTEM, "cannot start GnuTLS");

	c = alloc_zeroed(1, sizeof(*c));
	c->starttls = params->starttls;
	c->check_chain = wants_chain(params);
	c->min_version = params->min_version ? params->min_version : 12;
	if (gnutls_certificate_allocate_credentials(&c->credentials) < 0) {
		free(c);
		return error_set(err, ERROR_SYSTEM, "cannot start GnuTLS");
	}
	gnutls_certificate_set_verify_function(c->credentials, tls_verify_peer);
	if (!load_all(c, params, err)) {
		tls_context_free(c);
		return false;
	}
	*context = c;
	return true;
}

void
tls_context_free(struct tls_context *context)
{
	if (context == NULL)
		return;
	gnutls_certificate_free_credentials(context->credentials);
	if (context->priorities)
		gnutls_priority_deinit(context->priorities);
	tls_pins_free(&context->pins);
	tls_name_free(&context->override);
	free(context->trust_file);
	free(context);
}

bool
tls_is_available(void)
{
	return true;
}

const char *
tls_library(void)
{
	return "GnuTLS " GNUTLS_VERSION;
}
