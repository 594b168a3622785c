/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The door to TLS: reads the files of an account, loads GnuTLS when it is
 * needed, and passes calls on to the functions that use it.
 */
#include "tls/tls.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/file.h"
#include "base/text.h"
#include "tls/library.h"

#define PEM_MAX ((size_t)16 * 1024 * 1024)

bool
tls_is_available(void)
{
	return backend_is_available(&tls_backend);
}

void
tls_describe_library(struct str *out)
{
	const struct tls_library *library = backend_describe(&tls_backend, out);

	if (library != NULL)
		str_add(out, library->name);
}

void
tls_system_trust(struct strv *places)
{
	ca_store_places(places);
}

/* A kind of object in a PEM file (RFC 7468), and the end of its labels. */
struct pem_kind {
	const char *label, *thing;
};

static const struct pem_kind certificate = { "CERTIFICATE", "certificate" };
static const struct pem_kind private_key = { "PRIVATE KEY", "key" };
static const struct pem_kind revocations = { "CRL", "revocation list" };

/* Whether a line "-----BEGIN LABEL-----" of the text has that kind. */
static bool
has_kind(const struct str *text, const struct pem_kind *kind)
{
	static const char mark[] = "-----BEGIN ";
	size_t len = strlen(kind->label);
	const char *end = str_text(text) + text->len;
	const char *at = str_text(text), *label;

	while (
	    (at = memmem(at, (size_t)(end - at), mark, strlen(mark))) != NULL) {
		label = at += strlen(mark);
		while (at < end && *at != '-' && *at != '\n')
			at++;
		if (at < end && *at == '-' && (size_t)(at - label) >= len
		    && memcmp(at - len, kind->label, len) == 0)
			return true;
	}
	return false;
}

/* Says what the file contains, if it is something else that is known. */
static bool
check_kind(const char *setting, const char *path, const struct pem_kind *kind,
    const struct str *text, struct error *err)
{
	const struct pem_kind *const others[] = { &certificate, &private_key,
		&revocations };

	if (has_kind(text, kind))
		return true;
	for (size_t i = 0; i < COUNT_OF(others); i++)
		if (has_kind(text, others[i]))
			return error_set_about(err, ERROR_CONFIG, setting,
			    "%s contains a %s, not a %s", path,
			    others[i]->thing, kind->thing);
	return error_set_about(err, ERROR_CONFIG, setting,
	    "%s contains no %s in PEM format", path, kind->thing);
}

static bool
read_text(const char *setting, const char *path, struct str *text,
    struct error *err)
{
	static const struct file_rules rules = { .max = PEM_MAX };

	if (!file_read(path, &rules, text, NULL, err))
		return error_subject(err, "%s", setting);
	return text->len > 0
	    || error_set_about(err, ERROR_CONFIG, setting, "%s is empty", path);
}

static bool
read_pem(const char *setting, const char *path, const struct pem_kind *kind,
    struct str *text, struct error *err)
{
	return read_text(setting, path, text, err)
	    && check_kind(setting, path, kind, text, err);
}

static bool
read_trust(struct tls_context *c, struct error *err)
{
	const char *path = c->params->trust_file;

	if (path && strcmp(path, "system") != 0) {
		c->trust_file = path;
		return read_pem("tls_trust_file", path, &certificate, &c->trust,
		    err);
	}
	if (c->check_chain)
		c->system = ca_store_find(err);
	return !c->check_chain || c->system != NULL;
}

static bool
is_uri(const char *path)
{
	return text_starts_nocase(path, "pkcs11:");
}

static bool
check_key(const struct tls_context *c, struct error *err)
{
	const char *key = c->params->key_file, *cert = c->params->cert_file;

	if (!has_kind(&c->key, &private_key) && has_kind(&c->key, &certificate)
	    && has_kind(&c->certificate, &private_key))
		return error_set_about(err, ERROR_CONFIG, "tls_key_file",
		    "it is swapped with tls_cert_file: %s contains the certificate, "
		    "and %s contains the key",
		    key, cert);
	return check_kind("tls_key_file", key, &private_key, &c->key, err)
	    && check_kind("tls_cert_file", cert, &certificate, &c->certificate,
		err);
}

bool
tls_uses_token(const struct tls_params *params)
{
	return (params->key_file != NULL && is_uri(params->key_file))
	    || (params->cert_file != NULL && is_uri(params->cert_file));
}

/* Only GnuTLS can read a key on a token. */
static bool
read_key(struct tls_context *c, struct error *err)
{
	const char *key = c->params->key_file, *cert = c->params->cert_file;

	if (key == NULL && cert == NULL)
		return true;
	if (key == NULL || cert == NULL)
		return error_set_about(err, ERROR_CONFIG,
		    key ? "tls_key_file" : "tls_cert_file",
		    "it has no effect without %s",
		    key ? "tls_cert_file" : "tls_key_file");
	if (tls_uses_token(c->params))
		return true;
	return read_text("tls_key_file", key, &c->key, err)
	    && read_text("tls_cert_file", cert, &c->certificate, err)
	    && check_key(c, err);
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

static bool
read_files(struct tls_context *c, const struct tls_params *params,
    struct error *err)
{
	c->params = params;
	c->check_chain = wants_chain(params);
	return read_trust(c, err)
	    && (params->crl_file == NULL
		|| read_pem("tls_crl_file", params->crl_file, &revocations,
		    &c->crl, err))
	    && read_key(c, err);
}

/* Releases the contents of the files that only tls_load() needs. */
static void
clear_files(struct tls_context *c)
{
	str_free(&c->trust);
	str_wipe(&c->key);
	str_free(&c->certificate);
}

bool
tls_prepare(const struct tls_params *params, struct tls_context **context,
    struct error *err)
{
	struct tls_context *c;

	*context = NULL;
	if (params->mode == TLS_OFF)
		return true;
	if (!tls_is_available()) {
		backend_table(&tls_backend, err);
		return false;
	}
	c = alloc_zeroed(1, sizeof(*c));
	if (!read_files(c, params, err)) {
		tls_context_free(c);
		return false;
	}
	*context = c;
	return true;
}

bool
tls_log_keys(struct tls_context *context, const char *path, struct error *err)
{
	const char *why;
	int fd;

	if (context == NULL)
		return true;
	fd = file_open_append(path, &why);
	if (fd < 0)
		return error_set_about(err, ERROR_CREATE, "--tls-keylog",
		    "cannot open %s: %s", path, why);
	context->keylog_plus_1 = fd + 1;
	return true;
}

bool
tls_load(struct tls_context *context, struct error *err)
{
	const struct tls_library *library;

	if (context == NULL || context->credentials != NULL)
		return true;
	library = backend_table(&tls_backend, err);
	if (library == NULL || !library->load(context, err))
		return false;
	clear_files(context);
	return true;
}

bool
tls_start(struct tls_context *context, struct transport *transport,
    const struct tls_target *target, int64_t deadline, struct error *err)
{
	const struct tls_library *library;

	if (!tls_load(context, err))
		return false;
	library = backend_table(&tls_backend, err);
	return library->start(context, transport, target, deadline, err);
}

/* The library of a transport; NULL if it does not use TLS: load nothing. */
static const struct tls_library *
library_of(const struct transport *transport)
{
	return transport->ctx != NULL ? backend_table(&tls_backend, NULL)
				      : NULL;
}

struct tls_summary
tls_summarize(const struct transport *transport)
{
	const struct tls_library *library = library_of(transport);

	return library != NULL ? library->summarize(transport)
			       : (struct tls_summary){ 0 };
}

void
tls_print_summary(const struct tls_summary *summary, struct str *out)
{
	const char *suite = summary->suite;

	if (summary->version == NULL)
		return;
	str_printf(out, "%s %s%s%s", summary->version,
	    suite != NULL ? suite : "", suite != NULL ? " " : "",
	    summary->verification);
}

void
tls_describe(const struct transport *transport, struct str *out)
{
	const struct tls_summary summary = tls_summarize(transport);

	tls_print_summary(&summary, out);
}

bool
tls_peer_info(const struct transport *transport, unsigned index,
    struct tls_peer *peer)
{
	const struct tls_library *library = library_of(transport);

	*peer = (struct tls_peer){ 0 };
	return library != NULL && library->peer_info(transport, index, peer);
}

void
tls_peer_free(struct tls_peer *peer)
{
	str_free(&peer->subject);
	str_free(&peer->issuer);
	str_free(&peer->names);
	*peer = (struct tls_peer){ 0 };
}

bool
tls_channel_binding(const struct transport *transport, enum tls_binding kind,
    struct str *out)
{
	const struct tls_library *library = library_of(transport);

	return library != NULL
	    && library->channel_binding(transport, kind, out);
}

bool
tls_is_verified(const struct transport *transport)
{
	const struct tls_library *library = library_of(transport);

	return library != NULL && library->is_verified(transport);
}

bool
tls_sent_certificate(const struct transport *transport)
{
	const struct tls_library *library = library_of(transport);

	return library != NULL && library->sent_certificate(transport);
}

void
tls_context_free(struct tls_context *context)
{
	const struct tls_library *library;

	if (context == NULL)
		return;
	if (context->credentials != NULL) {
		library = backend_table(&tls_backend, NULL);
		library->free(context->credentials);
	}
	clear_files(context);
	str_free(&context->crl);
	if (context->keylog_plus_1 > 0)
		close(context->keylog_plus_1 - 1);
	free(context);
}
