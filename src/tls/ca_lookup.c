/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the CA certificates that a chain needs, in a directory or a bundle. */
#include "tls/ca_lookup.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/base64.h"
#include "base/file.h"
#include "base/text.h"
#include "tls/ca_hash.h"
#include "tls/der.h"

/* The maximum number of certificates with the same hash. */
#define HASH_COUNT_MAX 16
#define CERTIFICATE_MAX ((size_t)64 * 1024)
#define BUNDLE_MAX ((size_t)16 * 1024 * 1024)
/* The subject of every known CA is in the first part of its certificate: so
 * many characters of base64. */
#define HEAD_MAX 1024

static const char begin_mark[] = "-----BEGIN CERTIFICATE-----";
static const char end_mark[] = "-----END CERTIFICATE-----";

struct search {
	struct octets *names; /* the issuers, each once */
	size_t count;
	size_t found;
	gnutls_x509_trust_list_t list;
};

static bool
is_name(const void *data, size_t len, const struct octets *name)
{
	return len == name->len && memcmp(data, name->data, len) == 0;
}

static void
add_name(struct search *search, const gnutls_datum_t *certificate)
{
	struct octets name;

	/* Skip an empty name (30 00). */
	if (!tls_der_issuer(certificate->data, certificate->size, &name)
	    || name.len <= 2)
		return;
	for (size_t i = 0; i < search->count; i++)
		if (is_name(name.data, name.len, &search->names[i]))
			return;
	search->names[search->count++] = name;
}

/* Adds the first certificate of the PEM text if it has this subject. */
static void
add_certificate(struct search *search, const char *pem, size_t len,
    const struct octets *subject)
{
	gnutls_datum_t data = { (unsigned char *)pem, (unsigned)len };
	gnutls_datum_t name = { 0 };
	gnutls_x509_crt_t certificate;
	bool wanted;

	if (gnutls_x509_crt_init(&certificate) < 0)
		return;
	wanted =
	    gnutls_x509_crt_import(certificate, &data, GNUTLS_X509_FMT_PEM) == 0
	    && gnutls_x509_crt_get_raw_dn(certificate, &name) == 0
	    && is_name(name.data, name.size, subject);
	gnutls_free(name.data);
	/* The list owns the certificate now; it releases a duplicate. */
	if (wanted
	    && gnutls_x509_trust_list_add_cas(search->list, &certificate, 1,
		   GNUTLS_TL_NO_DUPLICATES)
		>= 0)
		search->found++;
	else
		gnutls_x509_crt_deinit(certificate);
}

/* The files with one hash are HASH.0, HASH.1 ... without a gap. */
static void
search_directory(struct search *search, const char *directory,
    const struct octets *name)
{
	struct file_rules rules = { .max = CERTIFICATE_MAX,
		.may_be_absent = true };
	struct file_info info = { 0 };
	uint32_t hash;

	if (!ca_hash_name(name->data, name->len, &hash))
		return;
	for (unsigned i = 0; i < HASH_COUNT_MAX && !info.absent; i++) {
		char *path = alloc_printf("%s/%08x.%u", directory, hash, i);
		struct str text = { 0 };

		if (file_read(path, &rules, &text, &info, NULL) && text.len > 0)
			add_certificate(search, text.data, text.len, name);
		str_free(&text);
		free(path);
	}
}

/* Decodes the first octets of a certificate only. */
static void
decode_head(const char *base64, const char *end, struct str *out)
{
	char head[HEAD_MAX];
	size_t len = 0;

	for (; base64 < end && len < sizeof(head); base64++)
		if (*base64 != '\n' && *base64 != '\r' && *base64 != ' ')
			head[len++] = *base64;
	base64_decode(out, head, len & ~(size_t)3);
}

static void
search_entry(struct search *search, const char *entry, const char *end)
{
	struct str head = { 0 };

	decode_head(entry + strlen(begin_mark), end - strlen(end_mark), &head);
	for (size_t i = 0; i < search->count; i++) {
		const struct octets *name = &search->names[i];

		if (memmem(str_text(&head), head.len, name->data, name->len))
			add_certificate(search, entry, (size_t)(end - entry),
			    name);
	}
	str_free(&head);
}

static void
search_bundle(struct search *search, const char *bundle)
{
	struct file_rules rules = { .max = BUNDLE_MAX };
	struct str text = { 0 };
	const char *end, *limit;

	file_read(bundle, &rules, &text, NULL, NULL);
	end = str_text(&text);
	limit = end + text.len;
	for (;;) {
		const char *entry = memmem(end, (size_t)(limit - end),
		    begin_mark, strlen(begin_mark));
		if (entry == NULL)
			break;
		end = memmem(entry, (size_t)(limit - entry), end_mark,
		    strlen(end_mark));
		if (end == NULL)
			break;
		end += strlen(end_mark);
		search_entry(search, entry, end);
	}
	str_free(&text);
}

void
ca_lookup_add_issuers(const struct ca_store *store, const gnutls_datum_t *chain,
    unsigned count, gnutls_x509_trust_list_t list)
{
	struct search search = { .list = list };

	search.names = alloc_zeroed(count, sizeof(*search.names));
	for (unsigned i = 0; i < count; i++)
		add_name(&search, &chain[i]);
	for (size_t i = 0; i < search.count; i++)
		search_directory(&search, store->directory, &search.names[i]);
	if (search.found == 0)
		search_bundle(&search, store->bundle);
	free(search.names);
}
