/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The functions of TLS that need GnuTLS, as a table; tells what is known about a
 * session and the certificates in it. */
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

#include "base/attr.h"
#include "base/text.h"
#include "tls/credentials.h"
#include "tls/library.h"
#include "tls/session.h"
#include "tls/start.h"
#include "tls/verify.h"

/* Older versions of GnuTLS do not support tls-exporter. */
#if GNUTLS_VERSION_NUMBER < 0x030702
#define GNUTLS_CB_TLS_EXPORTER ((gnutls_channel_binding_t)-1)
#endif

static const char *const trusted_words[] = {
	[TRUSTED_NOT] = "unverified",
	[TRUSTED_PIN] = "pinned",
	[TRUSTED_CHAIN] = "verified",
	[TRUSTED_DANE] = "dane",
};

static const char *
suite_name(gnutls_session_t tls)
{
#if GNUTLS_VERSION_NUMBER >= 0x030704
	return gnutls_ciphersuite_get(tls);
#else
	return gnutls_cipher_get_name(gnutls_cipher_get(tls));
#endif
}

static struct tls_summary
summarize(const struct transport *transport)
{
	struct tls_session *s = transport->ctx;
	const char *version =
	    gnutls_protocol_get_name(gnutls_protocol_get_version(s->tls));

	return (
	    struct tls_summary){ .version = version != NULL ? version : "TLS",
		.suite = suite_name(s->tls),
		.verification = trusted_words[s->trusted] };
}

static void
add_clean(struct str *out, gnutls_datum_t *text)
{
	text_clean(out, (const char *)text->data, text->size, TEXT_MAX);
	gnutls_free(text->data);
}

static bool
fill_peer(gnutls_x509_crt_t certificate, struct tls_peer *peer)
{
	gnutls_datum_t text;

	if (!tls_fingerprints_of(certificate, &peer->sha256))
		return false;
	if (gnutls_x509_crt_get_dn3(certificate, &text, 0) == 0)
		add_clean(&peer->subject, &text);
	if (gnutls_x509_crt_get_issuer_dn3(certificate, &text, 0) == 0)
		add_clean(&peer->issuer, &text);
	tls_name_list(certificate, SIZE_MAX, &peer->names);
	peer->activation = gnutls_x509_crt_get_activation_time(certificate);
	peer->expiration = gnutls_x509_crt_get_expiration_time(certificate);
	return true;
}

static bool
peer_info(const struct transport *transport, unsigned index,
    struct tls_peer *peer)
{
	struct tls_session *s = transport->ctx;
	const gnutls_datum_t *chain;
	gnutls_x509_crt_t certificate;
	unsigned count = 0;
	bool ok;

	chain = gnutls_certificate_get_peers(s->tls, &count);
	if (chain == NULL || index >= count
	    || gnutls_x509_crt_init(&certificate) < 0)
		return false;
	ok = gnutls_x509_crt_import(certificate, &chain[index],
		 GNUTLS_X509_FMT_DER)
		== 0
	    && fill_peer(certificate, peer);
	gnutls_x509_crt_deinit(certificate);
	return ok;
}

/* Before TLS 1.3, tls-exporter is unique only with extended master secret
 * (RFC 9266 section 4.2). */
static bool
may_bind(gnutls_session_t tls, enum tls_binding kind)
{
	bool modern = gnutls_protocol_get_version(tls) >= GNUTLS_TLS1_3;

	if (kind == TLS_BINDING_UNIQUE)
		return !modern;
	return modern || gnutls_session_ext_master_secret_status(tls) != 0;
}

static bool
channel_binding(const struct transport *transport, enum tls_binding kind,
    struct str *out)
{
	struct tls_session *s = transport->ctx;
	gnutls_datum_t data = { 0 };

	if (!may_bind(s->tls, kind)
	    || gnutls_session_channel_binding(s->tls,
		   kind == TLS_BINDING_UNIQUE ? GNUTLS_CB_TLS_UNIQUE
					      : GNUTLS_CB_TLS_EXPORTER,
		   &data)
		< 0)
		return false;
	str_append(out, data.data, data.size);
	gnutls_free(data.data);
	return true;
}

static bool
is_verified(const struct transport *transport)
{
	const struct tls_session *s = transport->ctx;

	return s->trusted != TRUSTED_NOT;
}

static bool
sent_certificate(const struct transport *transport)
{
	const struct tls_session *s = transport->ctx;

	return gnutls_certificate_client_get_request_status(s->tls) != 0
	    && gnutls_certificate_get_ours(s->tls) != NULL;
}

ATTR_EXPORT const struct tls_library tls_gnutls_library = {
	.name = "GnuTLS " GNUTLS_VERSION,
	.load = tls_credentials_load,
	.free = tls_credentials_free,
	.start = tls_session_start,
	.summarize = summarize,
	.peer_info = peer_info,
	.channel_binding = channel_binding,
	.is_verified = is_verified,
	.sent_certificate = sent_certificate,
};
