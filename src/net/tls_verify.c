/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls_verify.h"

#include <gnutls/x509.h>
#include <stdlib.h>
#include <time.h>

#include "base/attr.h"
#include "base/text.h"
#include "net/tls_san.h"
#include "net/tls_session.h"

/* No honest chain is longer; GnuTLS would not verify more, either. */
#define CHAIN_MAX 16
/* So many of its names stand in the text about a wrong one. */
#define NAMES_SHOWN 8
#define NAME_SHOWN_MAX 256

struct chain {
	gnutls_x509_crt_t items[CHAIN_MAX]; /* [0]: the peer's own */
	unsigned count;
	struct tls_session *session;
};

typedef int get_name_fn(gnutls_x509_crt_t certificate, gnutls_datum_t *name,
    unsigned flags);

static void
add_name(struct str *out, gnutls_x509_crt_t certificate, get_name_fn *get)
{
	gnutls_datum_t name;

	if (get(certificate, &name, 0) < 0)
		return;
	str_add_char(out, '"');
	text_clean(out, (const char *)name.data, name.size, NAME_SHOWN_MAX);
	str_add_char(out, '"');
	gnutls_free(name.data);
}

static void
add_time(struct str *out, time_t time)
{
	struct tm tm;
	char text[64] = "?";

	if (gmtime_r(&time, &tm))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm);
	str_add(out, text);
}

static bool
is_self_signed(gnutls_x509_crt_t certificate)
{
	return gnutls_x509_crt_check_issuer(certificate, certificate) != 0;
}

static void
tell_signer(const struct chain *chain, struct str *out)
{
	gnutls_x509_crt_t last = chain->items[chain->count - 1];
	const char *file = chain->session->setup->trust_file;

	if (chain->count == 1 && is_self_signed(last)) {
		str_add(out, "it is self-signed and not");
	} else {
		str_add(out, "its issuer ");
		add_name(out, last, gnutls_x509_crt_get_issuer_dn3);
		str_add(out, " is not");
	}
	if (file)
		str_printf(out, " in tls_trust_file %s", file);
	else
		str_add(out,
		    " among the system's authorities (tls_trust_file can name "
		    "others)");
}

/* Tells of the certificate in the chain that is out of its time. */
static void
tell_dates(const struct chain *chain, struct str *out,
    time_t (*get)(gnutls_x509_crt_t), bool past)
{
	time_t now = time(NULL);

	for (unsigned i = 0; i < chain->count; i++) {
		time_t limit = get(chain->items[i]);

		if (past ? limit >= now : limit <= now)
			continue;
		str_add(out, i == 0 ? "it" : "its issuer ");
		if (i > 0)
			add_name(out, chain->items[i], gnutls_x509_crt_get_dn3);
		str_add(out, past ? " expired on " : " is not valid before ");
		add_time(out, limit);
		return;
	}
	str_add(out,
	    past ? "its authority has expired"
		 : "its authority is not valid yet");
}

static void
tell_expired(const struct chain *chain, struct str *out)
{
	tell_dates(chain, out, gnutls_x509_crt_get_expiration_time, true);
}

static void
tell_not_yet(const struct chain *chain, struct str *out)
{
	tell_dates(chain, out, gnutls_x509_crt_get_activation_time, false);
}

static void
tell_names(const struct chain *chain, struct str *out)
{
	struct str names = { 0 };

	if (tls_name_list(chain->items[0], NAMES_SHOWN, &names) > 0)
		str_printf(out,
		    "it is for %s, not for %s (tls_host_override can say which "
		    "name to expect)",
		    str_text(&names), chain->session->name.text);
	else
		str_printf(out,
		    "it has no subjectAltName, so it is not for %s (a common name "
		    "does not count)",
		    chain->session->name.text);
	str_free(&names);
}

/* What each finding of GnuTLS is in words; `tell` where it takes details. */
static const struct finding {
	unsigned status;
	void (*tell)(const struct chain *chain, struct str *out);
	const char *text;
} findings[] = {
	{ GNUTLS_CERT_SIGNER_NOT_FOUND, tell_signer, NULL },
	{ GNUTLS_CERT_REVOKED, NULL, "it has been revoked" },
	{ GNUTLS_CERT_EXPIRED, tell_expired, NULL },
	{ GNUTLS_CERT_NOT_ACTIVATED, tell_not_yet, NULL },
	{ GNUTLS_CERT_UNEXPECTED_OWNER, tell_names, NULL },
	{ GNUTLS_CERT_PURPOSE_MISMATCH, NULL,
	    "its purpose is not that of a server" },
	{ GNUTLS_CERT_SIGNER_NOT_CA, NULL,
	    "it is signed with a certificate that is no authority" },
	{ GNUTLS_CERT_INSECURE_ALGORITHM, NULL,
	    "it is signed with an algorithm that is no longer secure" },
	{ GNUTLS_CERT_SIGNATURE_FAILURE, NULL, "its signature is wrong" },
	{ GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE, NULL,
	    "its issuer may not certify this name or use" },
	{ GNUTLS_CERT_UNKNOWN_CRIT_EXTENSIONS, NULL,
	    "it has a critical extension that is not known here" },
	{ GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED, NULL,
	    "what says that it is not revoked is out of date" },
	{ GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE, NULL,
	    "what says that it is not revoked is not valid yet" },
	{ GNUTLS_CERT_MISSING_OCSP_STATUS, NULL,
	    "it must come with a proof that it is not revoked (OCSP), but has "
	    "none" },
	{ GNUTLS_CERT_INVALID_OCSP_STATUS, NULL,
	    "the proof that it is not revoked (OCSP) is not valid" },
};

static bool
refuse(const struct chain *chain, unsigned status)
{
	struct tls_session *s = chain->session;
	struct str why = { 0 };

	for (size_t i = 0; i < COUNT_OF(findings); i++) {
		const struct finding *f = &findings[i];

		if (!(status & f->status))
			continue;
		if (why.len > 0)
			str_add(&why, "; ");
		if (f->tell)
			f->tell(chain, &why);
		else
			str_add(&why, f->text);
	}
	if (why.len == 0)
		str_printf(&why, "it is not valid (status %x)", status);
	error_set(s->err, ERROR_CERTIFICATE,
	    "the certificate of %s is refused: %s", s->name.text,
	    str_text(&why));
	str_free(&why);
	return false;
}

/* What GnuTLS thinks of all but the pins. */
static int
ask_library(struct tls_session *s, unsigned *status)
{
	const struct tls_name *name = &s->name;
	gnutls_typed_vdata_st wanted[] = {
		{ .type = GNUTLS_DT_DNS_HOSTNAME,
		    .data = (unsigned char *)name->text },
		{ .type = GNUTLS_DT_KEY_PURPOSE_OID,
		    .data = (unsigned char *)GNUTLS_KP_TLS_WWW_SERVER },
	};

	if (name->address_len > 0)
		wanted[0] = (gnutls_typed_vdata_st){ GNUTLS_DT_IP_ADDRESS,
			(unsigned char *)name->address,
			(unsigned)name->address_len };
	return gnutls_certificate_verify_peers(s->tls, wanted, COUNT_OF(wanted),
	    status);
}

static bool
check_chain(const struct chain *chain)
{
	struct tls_session *s = chain->session;
	const struct tls_name *name = &s->name;
	gnutls_x509_trust_list_t list;
	unsigned status;
	int result;

	gnutls_certificate_get_trust_list(s->setup->credentials, &list);
	if (s->setup->system)
		tls_trust_add_issuers(s->setup->system, chain->items,
		    chain->count, list);
	result = ask_library(s, &status);
	if (result < 0)
		return error_set(s->err, ERROR_CERTIFICATE,
		    "the certificate of %s cannot be verified: %s", name->text,
		    gnutls_strerror(result));
	if (!tls_name_matches(name, chain->items[0]))
		status |= GNUTLS_CERT_UNEXPECTED_OWNER;
	return status == 0 || refuse(chain, status);
}

static bool
check_pins(const struct chain *chain)
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
	    s->name.text, str_text(&whole_text), str_text(&key_text));
	str_free(&whole_text);
	str_free(&key_text);
	return false;
}

static bool
check(const struct chain *chain)
{
	const struct tls_setup *setup = chain->session->setup;

	if (setup->pins.count > 0) {
		if (!check_pins(chain))
			return false;
		chain->session->trusted = TRUSTED_PIN;
	}
	if (setup->check_chain) {
		if (!check_chain(chain))
			return false;
		chain->session->trusted = TRUSTED_CHAIN;
	}
	return true;
}

static bool
import_chain(struct chain *chain, const gnutls_datum_t *certificates,
    unsigned count)
{
	struct tls_session *s = chain->session;

	if (certificates == NULL || count == 0
	    || gnutls_certificate_type_get(s->tls) != GNUTLS_CRT_X509)
		return error_set(s->err, ERROR_CERTIFICATE,
		    "%s has no X.509 certificate", s->name.text);
	if (count > CHAIN_MAX)
		return error_set(s->err, ERROR_CERTIFICATE,
		    "the certificate of %s is refused: its chain of %u is too "
		    "long",
		    s->name.text, count);
	for (unsigned i = 0; i < count; i++) {
		if (gnutls_x509_crt_init(&chain->items[i]) < 0)
			return error_set(s->err, ERROR_SYSTEM, "out of memory");
		chain->count++;
		if (gnutls_x509_crt_import(chain->items[i], &certificates[i],
			GNUTLS_X509_FMT_DER)
		    < 0)
			return error_set(s->err, ERROR_CERTIFICATE,
			    "the certificate of %s is refused: number %u of its "
			    "chain cannot be read",
			    s->name.text, i + 1);
	}
	return true;
}

/*
 * Whether there is nothing to complain about: the usual case, in which nothing
 * has to be imported here that GnuTLS imports as well.  Who does not pass here
 * is looked at again, for the reasons.
 */
static bool
passes(struct tls_session *s, const gnutls_datum_t *certificates,
    unsigned count)
{
	unsigned status;

	if (s->setup->pins.count > 0 || s->setup->system != NULL
	    || certificates == NULL || count == 0 || count > CHAIN_MAX
	    || gnutls_certificate_type_get(s->tls) != GNUTLS_CRT_X509
	    || !tls_san_matches(&s->name, certificates[0].data,
		certificates[0].size)
	    || ask_library(s, &status) < 0 || status != 0)
		return false;
	s->trusted = TRUSTED_CHAIN;
	return true;
}

int
tls_verify_peer(gnutls_session_t session)
{
	struct chain chain = { .session = gnutls_session_get_ptr(session) };
	const struct tls_setup *setup = chain.session->setup;
	const gnutls_datum_t *certificates;
	unsigned count = 0;
	bool ok;

	if (setup->pins.count == 0 && !setup->check_chain)
		return 0;
	certificates = gnutls_certificate_get_peers(session, &count);
	if (passes(chain.session, certificates, count))
		return 0;
	ok = import_chain(&chain, certificates, count) && check(&chain);
	for (unsigned i = 0; i < chain.count; i++)
		gnutls_x509_crt_deinit(chain.items[i]);
	if (ok)
		return 0;
	chain.session->told = true;
	return GNUTLS_E_CERTIFICATE_ERROR;
}
