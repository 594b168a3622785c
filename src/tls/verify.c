/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/verify.h"

#include <gnutls/x509.h>
#include <stdlib.h>
#include <time.h>

#include "base/attr.h"
#include "base/text.h"
#include "tls/dane.h"
#include "tls/session.h"
#include "tls/verify_error.h"

/* What GnuTLS is to verify besides the chain: a name and the key purpose. */
#define CONSTRAINTS 2

static void
set_constraints(gnutls_typed_vdata_st constraints[CONSTRAINTS],
    const struct tls_name *name)
{
	constraints[0] =
	    (gnutls_typed_vdata_st){ .type = GNUTLS_DT_DNS_HOSTNAME,
		    .data = (unsigned char *)name->text };
	constraints[1] =
	    (gnutls_typed_vdata_st){ .type = GNUTLS_DT_KEY_PURPOSE_OID,
		    .data = (unsigned char *)GNUTLS_KP_TLS_WWW_SERVER };
	if (name->address_len > 0)
		constraints[0] = (gnutls_typed_vdata_st){ GNUTLS_DT_IP_ADDRESS,
			(unsigned char *)name->address,
			(unsigned)name->address_len };
}

/* Has GnuTLS verify everything but pins and TLSA records. */
static int
verify_by_library(struct tls_session *s, const struct tls_name *name,
    unsigned *status)
{
	gnutls_typed_vdata_st constraints[CONSTRAINTS];

	set_constraints(constraints, name);
	return gnutls_certificate_verify_peers(s->tls, constraints, CONSTRAINTS,
	    status);
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
		"the certificate of %s is refused: number %u of its chain "
		"cannot be read",
		tls_peer_name(s), chain->count);
}

/* Imports the peer's own certificate. */
static bool
import_first(struct tls_chain *chain)
{
	struct tls_session *s = chain->session;

	if (chain->sent == NULL || chain->sent_count == 0
	    || gnutls_certificate_type_get(s->tls) != GNUTLS_CRT_X509)
		return error_set(s->err, ERROR_CERTIFICATE,
		    "%s has no X.509 certificate", tls_peer_name(s));
	if (chain->sent_count > TLS_CHAIN_MAX)
		return error_set(s->err, ERROR_CERTIFICATE,
		    "the certificate of %s is refused: its chain of %u is too long",
		    tls_peer_name(s), chain->sent_count);
	return import_next(chain);
}

/* Imports the issuers that the peer sent. */
static bool
import_others(struct tls_chain *chain)
{
	while (chain->count < chain->sent_count)
		if (!import_next(chain))
			return false;
	return true;
}

/* On failure the other certificates are needed to tell the reason. */
static bool
check_chain(struct tls_chain *chain)
{
	struct tls_session *s = chain->session;
	const struct tls_name *name =
	    tls_names_find(&s->names, chain->items[0]);
	unsigned status;
	int result;

	result = verify_by_library(s, name != NULL ? name : &s->names.items[0],
	    &status);
	if (result >= 0 && status == 0 && name != NULL)
		return true;
	if (!import_others(chain))
		return false;
	if (result < 0)
		return tls_refuse_unchecked(s, result);
	if (name == NULL)
		status |= GNUTLS_CERT_UNEXPECTED_OWNER;
	return tls_refuse(chain, status);
}

/* What a record for this certificate would be helps whoever has to mend it. */
static bool
refuse_unnamed(const struct tls_chain *chain)
{
	struct tls_session *s = chain->session;
	struct str why = { 0 };
	struct tls_pin whole, key;

	str_add(&why, "none of its TLSA records (");
	tls_dane_show(s->demand, &why);
	str_add(&why, ") is that of the certificate or of its issuers");
	if (tls_pin_of(chain->items[0], &whole, &key)) {
		str_add(&why, "; for the certificate it would be 3 1 1 ");
		tls_pin_text(&key, &why);
	}
	tls_refuse_because(s, tls_demanded_by(s->demand), str_text(&why));
	str_free(&why);
	return false;
}

/*
 * As check_chain(), but by the authorities of the list, which are those of
 * DANE-TA, and at the level of security that GnuTLS has for sessions.
 */
static bool
check_anchored(const struct tls_chain *chain, gnutls_x509_trust_list_t list)
{
	struct tls_session *s = chain->session;
	const struct tls_name *name =
	    tls_names_find(&s->names, chain->items[0]);
	gnutls_datum_t crl = { (unsigned char *)s->setup->crl.data,
		(unsigned)s->setup->crl.len };
	gnutls_typed_vdata_st constraints[CONSTRAINTS];
	unsigned status;
	int result;

	if (crl.size > 0)
		gnutls_x509_trust_list_add_trust_mem(list, NULL, &crl,
		    GNUTLS_X509_FMT_PEM, 0, 0);
	set_constraints(constraints, name != NULL ? name : &s->names.items[0]);
	result = gnutls_x509_trust_list_verify_crt2(list,
	    (gnutls_x509_crt_t *)chain->items, chain->count, constraints,
	    CONSTRAINTS, GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_LOW), &status,
	    NULL);
	if (result < 0)
		return tls_refuse_unchecked(s, result);
	if (name == NULL)
		status |= GNUTLS_CERT_UNEXPECTED_OWNER;
	return status == 0 || tls_refuse(chain, status);
}

/* DANE-EE needs no more than a match, DANE-TA all the rest (RFC 7671 5). */
static bool
check_records(struct tls_chain *chain)
{
	gnutls_x509_trust_list_t list;
	bool ok;

	if (tls_dane_names(chain->session->demand, chain->items[0]))
		return true;
	if (!import_others(chain))
		return false;
	if (gnutls_x509_trust_list_init(&list, 0) < 0)
		return error_set(chain->session->err, ERROR_SYSTEM,
		    "out of memory");
	chain->anchored = tls_dane_add_anchors(chain->session->demand,
			      chain->items, chain->count, list)
	    > 0;
	ok = chain->anchored ? check_anchored(chain, list)
			     : refuse_unnamed(chain);
	gnutls_x509_trust_list_deinit(list, 1);
	return ok;
}

static bool
check_pins(const struct tls_chain *chain)
{
	struct tls_session *s = chain->session;
	struct tls_pin whole, key;
	struct str whole_text = { 0 }, key_text = { 0 };

	if (tls_pin_of(chain->items[0], &whole, &key)
	    && tls_pins_match(&s->setup->pins, &whole, &key))
		return true;
	tls_pin_text(&whole, &whole_text);
	tls_pin_text(&key, &key_text);
	error_set(s->err, ERROR_CERTIFICATE,
	    "the certificate of %s is refused: none of tls_fingerprint matches "
	    "it; its fingerprint is %s, that of its key spki:%s",
	    tls_peer_name(s), str_text(&whole_text), str_text(&key_text));
	str_free(&whole_text);
	str_free(&key_text);
	return false;
}

/* Records take the place of the check by default, as pins do. */
static bool
wants_chain(const struct tls_session *s)
{
	switch (tls_strength_of(s)) {
	case TLS_LEVEL_VERIFY:
		return true;
	case TLS_LEVEL_DANE:
		return s->setup->insist;
	default:
		return s->setup->check_chain;
	}
}

static bool
check(struct tls_chain *chain)
{
	struct tls_session *s = chain->session;

	if (s->setup->pins.count > 0) {
		if (!check_pins(chain))
			return false;
		s->trusted = TRUSTED_PIN;
	}
	if (wants_chain(s)) {
		if (!check_chain(chain))
			return false;
		s->trusted = TRUSTED_CHAIN;
	}
	if (tls_strength_of(s) == TLS_LEVEL_DANE) {
		if (!check_records(chain))
			return false;
		s->trusted = TRUSTED_DANE;
	}
	return true;
}

/* Of the system's authorities only those are loaded that may be needed. */
static void
add_issuers(const struct tls_session *s, const gnutls_datum_t *certificates,
    unsigned count)
{
	gnutls_x509_trust_list_t list;

	if (s->setup->system == NULL || !wants_chain(s) || certificates == NULL
	    || count > TLS_CHAIN_MAX)
		return;
	gnutls_certificate_get_trust_list(s->setup->credentials, &list);
	tls_trust_add_issuers(s->setup->system, certificates, count, list);
}

/* Whether the peer passes; nothing is looked at where nothing is wanted. */
static bool
verify(struct tls_session *s, const gnutls_datum_t *certificates,
    unsigned count)
{
	struct tls_chain chain = { .sent = certificates,
		.sent_count = count,
		.session = s };
	bool ok;

	if (s->setup->pins.count == 0 && !wants_chain(s)
	    && tls_strength_of(s) != TLS_LEVEL_DANE)
		return true;
	add_issuers(s, certificates, count);
	ok = import_first(&chain) && check(&chain);
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
	s->told = true;
	return GNUTLS_E_CERTIFICATE_ERROR;
}
