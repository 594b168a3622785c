/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Verifies the certificate of the server during the handshake: by fingerprints,
 * by the chain up to a CA, and by TLSA records.
 */
#include "tls/verify.h"

#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/attr.h"
#include "tls/ca_lookup.h"
#include "tls/credentials.h"
#include "tls/dane.h"
#include "tls/key.h"
#include "tls/session.h"
#include "tls/verify_error.h"

#define SHA256_SIZE 32

/*
 * What GnuTLS verifies besides the chain: the extended key usage.  Names are
 * compared by tls/name.h, which is stricter.
 */
static const gnutls_typed_vdata_st server_purpose = {
	.type = GNUTLS_DT_KEY_PURPOSE_OID,
	.data = (unsigned char *)GNUTLS_KP_TLS_WWW_SERVER
};

/* The handshake whose chain GnuTLS is verifying: it passes no pointer to
 * inspect(). */
static struct tls_session *verifying;

static bool
is_servers_own(const struct tls_session *s, gnutls_x509_crt_t certificate)
{
	return gnutls_x509_crt_equals2(certificate,
	    gnutls_certificate_get_peers(s->tls, NULL));
}

/* Remembers the first weak key. */
static void
check_key(struct tls_session *s, gnutls_x509_crt_t certificate)
{
	if (s->weak_key.bits == 0 && tls_key_is_weak(certificate, &s->weak_key))
		s->weak_key.of_issuer = !is_servers_own(s, certificate);
}

/*
 * GnuTLS calls this for the certificates that it verifies, each with its issuer.
 * Uses the server's own for the names, as importing it a second time is
 * expensive.
 */
static int
inspect(gnutls_x509_crt_t certificate, gnutls_x509_crt_t issuer,
    gnutls_x509_crl_t crl ATTR_UNUSED, unsigned status ATTR_UNUSED)
{
	struct tls_session *s = verifying;

	check_key(s, certificate);
	if (issuer != NULL)
		check_key(s, issuer);
	if (s->matched == NULL && is_servers_own(s, certificate))
		s->matched = tls_names_find(&s->names, certificate);
	return 0;
}

/* What inspect() has found, as bits that GnuTLS uses for it. */
static unsigned
findings(const struct tls_session *s)
{
	return (s->matched == NULL ? GNUTLS_CERT_UNEXPECTED_OWNER : 0)
	    | (s->weak_key.bits > 0 ? GNUTLS_CERT_INSECURE_ALGORITHM : 0);
}

/* Has GnuTLS verify the chain and the stapled OCSP response. */
static int
verify_by_library(struct tls_session *s, unsigned *status)
{
	gnutls_typed_vdata_st purpose = server_purpose;
	int result;

	verifying = s;
	gnutls_session_set_verify_output_function(s->tls, inspect);
	result = gnutls_certificate_verify_peers(s->tls, &purpose, 1, status);
	verifying = NULL;
	return result;
}

static bool
import_next(struct tls_chain *chain)
{
	struct tls_session *s = chain->session;
	gnutls_x509_crt_t *item = &chain->items[chain->count];
	const gnutls_datum_t *sent = &chain->sent[chain->count];

	if (gnutls_x509_crt_init(item) < 0)
		return error_set(s->err, ERROR_SYSTEM, "out of memory");
	chain->count++;
	return gnutls_x509_crt_import(*item, sent, GNUTLS_X509_FMT_DER) == 0
	    || error_set(s->err, ERROR_CERTIFICATE,
		"the certificate of %s was rejected: certificate %u of its "
		"chain cannot be parsed",
		tls_peer_name(s), chain->count);
}

/* Imports certificates of the chain until `count` are imported. */
static bool
import(struct tls_chain *chain, unsigned count)
{
	while (chain->count < count)
		if (!import_next(chain))
			return false;
	return true;
}

static bool
check_length(const struct tls_chain *chain)
{
	struct tls_session *s = chain->session;

	if (chain->sent == NULL || chain->sent_count == 0
	    || gnutls_certificate_type_get(s->tls) != GNUTLS_CRT_X509)
		return error_set(s->err, ERROR_CERTIFICATE,
		    "%s has no X.509 certificate", tls_peer_name(s));
	if (chain->sent_count > TLS_CHAIN_MAX)
		return error_set(s->err, ERROR_CERTIFICATE,
		    "the certificate of %s was rejected: its chain of %u "
		    "certificates is too long",
		    tls_peer_name(s), chain->sent_count);
	return true;
}

/* Imports the whole chain only if an error needs it. */
static bool
check_chain(struct tls_chain *chain)
{
	struct tls_session *s = chain->session;
	unsigned status;
	int result = verify_by_library(s, &status);

	/* GnuTLS may have failed before it verified this certificate. */
	if (s->matched == NULL) {
		if (!import(chain, 1))
			return false;
		check_key(s, chain->items[0]);
		s->matched = tls_names_find(&s->names, chain->items[0]);
	}
	if (result >= 0 && (status | findings(s)) == 0)
		return true;
	if (!import(chain, chain->sent_count))
		return false;
	if (result < 0)
		return tls_verify_error_unchecked(s, result);
	return tls_verify_error(chain, status | findings(s));
}

/* Shows the record that would match, for the administrator of the DNS zone. */
static bool
reject_unlisted(const struct tls_chain *chain)
{
	struct tls_session *s = chain->session;
	struct str why = { 0 };
	struct tls_fingerprints found;

	str_add(&why, "none of its TLSA records (");
	tls_dane_describe(s->policy, &why);
	str_add(&why, ") matches the certificate or one of its issuers");
	if (tls_fingerprints_of(chain->items[0], &found))
		str_printf(&why, "; a matching record is 3 1 1 %s", found.key);
	tls_verify_error_because(s, tls_source_name(s->policy), str_text(&why));
	str_free(&why);
	return false;
}

/* Verifies the chain up to the CAs of the list, which the DANE-TA records
 * name. */
static bool
check_anchored(const struct tls_chain *chain, gnutls_x509_trust_list_t list)
{
	struct tls_session *s = chain->session;
	gnutls_datum_t crl = { (unsigned char *)s->context->crl.data,
		(unsigned)s->context->crl.len };
	gnutls_typed_vdata_st purpose = server_purpose;
	unsigned status;
	int result;

	if (crl.size > 0)
		gnutls_x509_trust_list_add_trust_mem(list, NULL, &crl,
		    GNUTLS_X509_FMT_PEM, 0, 0);
	s->weak_key = (struct tls_weak_key){ 0 };
	check_key(s, chain->items[0]);
	verifying = s;
	result = gnutls_x509_trust_list_verify_crt2(list,
	    (gnutls_x509_crt_t *)chain->items, chain->count, &purpose, 1, 0,
	    &status, inspect);
	verifying = NULL;
	if (result < 0)
		return tls_verify_error_unchecked(s, result);
	s->matched = tls_names_find(&s->names, chain->items[0]);
	status |= findings(s);
	return status == 0 || tls_verify_error(chain, status);
}

/* For DANE-EE a matching record is sufficient; for DANE-TA the chain, dates and
 * names are verified as well (RFC 7671 section 5). */
static bool
check_records(struct tls_chain *chain)
{
	const struct tls_policy *policy = chain->session->policy;
	gnutls_x509_trust_list_t list;
	bool ok;

	if (tls_dane_matches(policy, chain->items[0]))
		return true;
	if (!import(chain, chain->sent_count))
		return false;
	if (gnutls_x509_trust_list_init(&list, 0) < 0)
		return error_set(chain->session->err, ERROR_SYSTEM,
		    "out of memory");
	chain->anchored =
	    tls_dane_add_anchors(policy, chain->items, chain->count, list) > 0;
	ok = chain->anchored ? check_anchored(chain, list)
			     : reject_unlisted(chain);
	gnutls_x509_trust_list_deinit(list, 1);
	return ok;
}

static void
write_hex(const unsigned char digest[SHA256_SIZE], char *out)
{
	for (size_t i = 0; i < SHA256_SIZE; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

bool
tls_fingerprints_of(gnutls_x509_crt_t certificate, struct tls_fingerprints *out)
{
	unsigned char digest[SHA256_SIZE], key_digest[SHA256_SIZE];
	size_t size = SHA256_SIZE, key_size = SHA256_SIZE;

	*out = (struct tls_fingerprints){ { 0 }, { 0 } };
	if (gnutls_x509_crt_get_fingerprint(certificate, GNUTLS_DIG_SHA256,
		digest, &size)
		< 0
	    || gnutls_x509_crt_get_key_id(certificate, GNUTLS_KEYID_USE_SHA256,
		   key_digest, &key_size)
		< 0)
		return false;
	write_hex(digest, out->certificate);
	write_hex(key_digest, out->key);
	return true;
}

static bool
check_fingerprints(const struct tls_chain *chain)
{
	struct tls_session *s = chain->session;
	const struct strv *expected = &s->context->params->fingerprints;
	struct tls_fingerprints found;
	bool known = tls_fingerprints_of(chain->items[0], &found);

	for (size_t i = 0; known && i < expected->count; i++)
		if (tls_fingerprint_matches(expected->items[i], &found))
			return true;
	return error_set(s->err, ERROR_CERTIFICATE,
	    "the certificate of %s was rejected: it matches no "
	    "tls_fingerprint; its fingerprint is %s, that of its key is "
	    "spki:%s",
	    tls_peer_name(s), found.certificate, found.key);
}

/* Like fingerprints, TLSA records replace the check of the chain, unless the
 * account requires it. */
static bool
needs_chain(const struct tls_session *s)
{
	switch (s->policy->level) {
	case TLS_LEVEL_VERIFY:
		return true;
	case TLS_LEVEL_DANE:
		return s->context->params->certcheck == CERTCHECK_ON;
	default:
		return s->context->check_chain;
	}
}

static bool
check_certificates(struct tls_chain *chain)
{
	struct tls_session *s = chain->session;
	bool has_fingerprints = s->context->params->fingerprints.count > 0;
	bool has_records = s->policy->level == TLS_LEVEL_DANE;

	if ((has_fingerprints || has_records) && !import(chain, 1))
		return false;
	if (has_fingerprints) {
		if (!check_fingerprints(chain))
			return false;
		s->trusted = TRUSTED_PIN;
	}
	if (needs_chain(s)) {
		if (!check_chain(chain))
			return false;
		s->trusted = TRUSTED_CHAIN;
	}
	if (has_records) {
		if (!check_records(chain))
			return false;
		s->trusted = TRUSTED_DANE;
	}
	return true;
}

/* Verifies the certificates that the server sent, if anything requires it. */
static bool
verify(struct tls_session *s, const gnutls_datum_t *certificates,
    unsigned count)
{
	struct tls_chain chain = { .sent = certificates,
		.sent_count = count,
		.session = s };
	gnutls_x509_trust_list_t list;
	bool ok;

	if (s->context->params->fingerprints.count == 0 && !needs_chain(s)
	    && s->policy->level != TLS_LEVEL_DANE)
		return true;
	if (!check_length(&chain))
		return false;
	if (s->context->system != NULL && needs_chain(s)) {
		gnutls_certificate_get_trust_list(s->context->credentials
						      ->gnutls,
		    &list);
		ca_lookup_add_issuers(s->context->system, certificates, count,
		    list);
	}
	ok = check_certificates(&chain);
	for (unsigned i = 0; i < chain.count; i++)
		gnutls_x509_crt_deinit(chain.items[i]);
	return ok;
}

int
tls_verify_peer(gnutls_session_t session)
{
	struct tls_session *s = gnutls_session_get_ptr(session);
	const gnutls_datum_t *certificates;
	unsigned count = 0;

	certificates = gnutls_certificate_get_peers(session, &count);
	if (verify(s, certificates, count))
		return 0;
	s->has_error = true;
	return GNUTLS_E_CERTIFICATE_ERROR;
}
