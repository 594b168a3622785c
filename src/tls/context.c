/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the files that the TLS parameters of an account name. */
#include "tls/context.h"

#include <string.h>

#include "base/file.h"
#include "base/text.h"

#define PEM_MAX ((size_t)16 * 1024 * 1024)

static const char pem_mark[] = "-----BEGIN ";

/* Reads the PEM file of a setting; `things` says what it should contain. */
static bool
read_pem(const char *setting, const char *path, const char *things,
    struct str *text, struct error *err)
{
	static const struct file_rules rules = { .max = PEM_MAX };

	if (!file_read(path, &rules, text, NULL, err))
		return error_subject(err, "%s", setting);
	if (text->len == 0)
		return error_set(err, ERROR_CONFIG, "%s: %s is empty", setting,
		    path);
	if (memmem(text->data, text->len, pem_mark, strlen(pem_mark)) == NULL)
		return error_set(err, ERROR_CONFIG,
		    "%s: %s contains no %s in PEM format", setting, path,
		    things);
	return true;
}

static bool
read_trust(struct tls_context *c, struct error *err)
{
	const char *path = c->params->trust_file;

	if (path && strcmp(path, "system") != 0)
		return read_pem("tls_trust_file", path, "certificate",
		    &c->trust, err);
	if (c->check_chain)
		c->system = ca_store_require(err);
	return !c->check_chain || c->system != NULL;
}

static bool
is_uri(const char *path)
{
	return text_starts_nocase(path, "pkcs11:");
}

/* Only GnuTLS can read a key on a token. */
static bool
read_key(struct tls_context *c, struct error *err)
{
	const char *key = c->params->key_file, *cert = c->params->cert_file;

	if (key == NULL && cert == NULL)
		return true;
	if (key == NULL || cert == NULL)
		return error_set(err, ERROR_CONFIG,
		    "%s has no effect without %s",
		    key ? "tls_key_file" : "tls_cert_file",
		    key ? "tls_cert_file" : "tls_key_file");
	if (is_uri(key) || is_uri(cert))
		return true;
	return read_pem("tls_key_file", key, "key", &c->key, err)
	    && read_pem("tls_cert_file", cert, "certificate", &c->certificate,
		err);
}

/* By default the chain is not checked in mode opportunistic, or if fingerprints
 * replace the check. */
static bool
wants_chain(const struct tls_params *params)
{
	if (params->certcheck != CERTCHECK_DEFAULT)
		return params->certcheck == CERTCHECK_ON;
	return params->fingerprints.count == 0
	    && params->mode != TLS_OPPORTUNISTIC;
}

bool
tls_context_read(struct tls_context *c, const struct tls_params *params,
    struct error *err)
{
	c->params = params;
	c->check_chain = wants_chain(params);
	return read_trust(c, err)
	    && (params->crl_file == NULL
		|| read_pem("tls_crl_file", params->crl_file, "revocation list",
		    &c->crl, err))
	    && read_key(c, err);
}

void
tls_context_clear(struct tls_context *c)
{
	str_free(&c->trust);
	str_free(&c->crl);
	str_wipe(&c->key);
	str_free(&c->certificate);
}
