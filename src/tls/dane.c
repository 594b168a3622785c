/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Compares certificates with TLSA records, and finds the CAs that they name. */
#include "tls/dane.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "base/attr.h"
#include "tls/der.h"

#define TAG_SEQUENCE 0x30
#define DIGEST_MAX 64
/* More than the longest signature that is in use. */
#define SIGNATURE_MAX 8192
/* The maximum of records in an error, and of octets in each. */
#define RECORDS_SHOWN 4
#define OCTETS_SHOWN 8

static const gnutls_digest_algorithm_t digests[] = {
	[DANE_FULL] = GNUTLS_DIG_NULL,
	[DANE_SHA256] = GNUTLS_DIG_SHA256,
	[DANE_SHA512] = GNUTLS_DIG_SHA512,
};

static gnutls_datum_t
data_of(const struct tlsa_record *record)
{
	return (gnutls_datum_t){ (unsigned char *)record->data.data,
		(unsigned)record->data.len };
}

static bool
export_key(gnutls_x509_crt_t certificate, gnutls_datum_t *out)
{
	gnutls_pubkey_t key;
	bool ok;

	if (gnutls_pubkey_init(&key) < 0)
		return false;
	ok = gnutls_pubkey_import_x509(key, certificate, 0) == 0
	    && gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, out) == 0;
	gnutls_pubkey_deinit(key);
	return ok;
}

/* Exports what the selector selects: the certificate or its public key. */
static bool
export_selected(unsigned selector, gnutls_x509_crt_t certificate,
    gnutls_datum_t *out)
{
	if (selector == DANE_CERTIFICATE)
		return gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_DER,
			   out)
		    == 0;
	return selector == DANE_KEY && export_key(certificate, out);
}

static bool
is_same(const struct tlsa_record *record, const void *data, size_t len)
{
	return record->data.len == len
	    && memcmp(record->data.data, data, len) == 0;
}

static bool
has_digest(const struct tlsa_record *record, const gnutls_datum_t *data)
{
	gnutls_digest_algorithm_t algorithm = digests[record->matching];
	unsigned char digest[DIGEST_MAX];

	return gnutls_hash_fast(algorithm, data->data, data->size, digest) == 0
	    && is_same(record, digest, gnutls_hash_get_len(algorithm));
}

static bool
matches(const struct tlsa_record *record, gnutls_x509_crt_t certificate)
{
	gnutls_datum_t data = { 0 };
	bool ok = record->matching < COUNT_OF(digests) && record->data.len > 0
	    && export_selected(record->selector, certificate, &data);

	if (ok)
		ok = record->matching == DANE_FULL
		    ? is_same(record, data.data, data.size)
		    : has_digest(record, &data);
	gnutls_free(data.data);
	return ok;
}

bool
tls_dane_matches(const struct tls_policy *policy, gnutls_x509_crt_t peer)
{
	for (size_t i = 0; i < policy->record_count; i++)
		if (policy->records[i].usage == DANE_EE
		    && matches(&policy->records[i], peer))
			return true;
	return false;
}

/* Adds a CA; the list owns it then.  Returns how many were added. */
static unsigned
add_anchor(gnutls_x509_trust_list_t list, const gnutls_datum_t *der)
{
	gnutls_x509_crt_t copy;

	if (gnutls_x509_crt_init(&copy) < 0)
		return 0;
	if (gnutls_x509_crt_import(copy, der, GNUTLS_X509_FMT_DER) == 0
	    && gnutls_x509_trust_list_add_cas(list, &copy, 1,
		   GNUTLS_TL_NO_DUPLICATES)
		>= 0)
		return 1;
	gnutls_x509_crt_deinit(copy);
	return 0;
}

static unsigned
add_copy(gnutls_x509_trust_list_t list, gnutls_x509_crt_t certificate)
{
	gnutls_datum_t der = { 0 };
	unsigned added = 0;

	if (gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_DER, &der)
	    == 0)
		added = add_anchor(list, &der);
	gnutls_free(der.data);
	return added;
}

/*
 * Certificate = SEQUENCE { tbsCertificate, signatureAlgorithm, signature }
 *
 * The signature covers tbsCertificate with its tag and length.
 */
static bool
find_signed(const gnutls_datum_t *der, gnutls_datum_t *out)
{
	struct octets in = { der->data, der->size }, certificate;
	struct element first;

	if (!tls_der_next_tag(&in, TAG_SEQUENCE, &certificate)
	    || !tls_der_next(&certificate, &first))
		return false;
	*out = (gnutls_datum_t){ (unsigned char *)first.whole.data,
		(unsigned)first.whole.len };
	return true;
}

static bool
is_signed_by(gnutls_pubkey_t key, gnutls_x509_crt_t certificate)
{
	int algorithm = gnutls_x509_crt_get_signature_algorithm(certificate);
	char octets[SIGNATURE_MAX];
	size_t size = sizeof(octets);
	gnutls_datum_t der = { 0 }, whole, signature;
	bool ok = algorithm > 0
	    && gnutls_x509_crt_get_signature(certificate, octets, &size) == 0
	    && gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_DER, &der)
		== 0
	    && find_signed(&der, &whole);

	signature = (gnutls_datum_t){ (unsigned char *)octets, (unsigned)size };
	ok = ok
	    && gnutls_pubkey_verify_data2(key,
		   (gnutls_sign_algorithm_t)algorithm, 0, &whole, &signature)
		>= 0;
	gnutls_free(der.data);
	return ok;
}

/* The TLSA record contains a bare public key (selector 1, matching type 0): the
 * certificates that this key signed become the trust anchors. */
static unsigned
add_signed(const struct tlsa_record *record, const gnutls_x509_crt_t *chain,
    unsigned count, gnutls_x509_trust_list_t list)
{
	gnutls_datum_t data = data_of(record);
	gnutls_pubkey_t key;
	unsigned added = 0;

	if (gnutls_pubkey_init(&key) < 0)
		return 0;
	if (gnutls_pubkey_import(key, &data, GNUTLS_X509_FMT_DER) == 0)
		for (unsigned i = 0; i < count; i++)
			if (is_signed_by(key, chain[i]))
				added += add_copy(list, chain[i]);
	gnutls_pubkey_deinit(key);
	return added;
}

/* Adds the CA that a record without a digest (matching type 0) contains. */
static unsigned
add_contained(const struct tlsa_record *record, const gnutls_x509_crt_t *chain,
    unsigned count, gnutls_x509_trust_list_t list)
{
	gnutls_datum_t data = data_of(record);

	if (record->matching != DANE_FULL)
		return 0;
	if (record->selector == DANE_CERTIFICATE)
		return add_anchor(list, &data);
	return add_signed(record, chain, count, list);
}

unsigned
tls_dane_add_anchors(const struct tls_policy *policy,
    const gnutls_x509_crt_t *chain, unsigned count,
    gnutls_x509_trust_list_t list)
{
	bool self_signed = gnutls_x509_crt_check_issuer(chain[0], chain[0]);
	unsigned added = 0;

	for (size_t i = 0; i < policy->record_count; i++) {
		const struct tlsa_record *record = &policy->records[i];

		if (record->usage != DANE_TA)
			continue;
		for (unsigned k = self_signed ? 0 : 1; k < count; k++)
			if (matches(record, chain[k]))
				added += add_copy(list, chain[k]);
		added += add_contained(record, chain, count, list);
	}
	return added;
}

void
tls_dane_describe(const struct tls_policy *policy, struct str *out)
{
	for (size_t i = 0; i < policy->record_count; i++) {
		const struct tlsa_record *record = &policy->records[i];

		if (i == RECORDS_SHOWN) {
			str_add(out, ", ...");
			return;
		}
		str_printf(out, "%s%u %u %u ", i > 0 ? ", " : "", record->usage,
		    record->selector, record->matching);
		for (size_t k = 0; k < record->data.len && k < OCTETS_SHOWN;
		     k++)
			str_printf(out, "%02x",
			    (unsigned char)record->data.data[k]);
		if (record->data.len > OCTETS_SHOWN)
			str_add(out, "...");
	}
}
