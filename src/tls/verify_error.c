/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/verify_error.h"

#include <time.h>

#include "base/attr.h"
#include "base/text.h"

/* So many of its names stand in the text about a wrong one. */
#define NAMES_SHOWN 8
#define NAME_SHOWN_MAX 256

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

enum tls_level
tls_strength_of(const struct tls_session *s)
{
	return s->demand->strength;
}

const char *
tls_peer_name(const struct tls_session *s)
{
	return s->names.items[0].text;
}

static void
tell_signer(const struct tls_chain *chain, struct str *out)
{
	gnutls_x509_crt_t last = chain->items[chain->count - 1];
	const char *file = chain->session->setup->trust_file;

	if (chain->anchored) {
		str_add(out,
		    "it is not signed by the authority that the TLSA "
		    "records name");
		return;
	}
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
tell_dates(const struct tls_chain *chain, struct str *out,
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
tell_expired(const struct tls_chain *chain, struct str *out)
{
	tell_dates(chain, out, gnutls_x509_crt_get_expiration_time, true);
}

static void
tell_not_yet(const struct tls_chain *chain, struct str *out)
{
	tell_dates(chain, out, gnutls_x509_crt_get_activation_time, false);
}

static void
tell_names(const struct tls_chain *chain, struct str *out)
{
	const struct tls_session *s = chain->session;
	struct str names = { 0 }, wanted = { 0 };

	tls_names_text(&s->names, &wanted);
	if (tls_name_list(chain->items[0], NAMES_SHOWN, &names) > 0)
		str_printf(out, "it is for %s, not for %s%s", str_text(&names),
		    str_text(&wanted),
		    tls_strength_of(s) < TLS_LEVEL_VERIFY
			? " (tls_host_override can say which name to expect)"
			: "");
	else
		str_printf(out,
		    "it has no subjectAltName, so it is not for %s (a common name "
		    "does not count)",
		    str_text(&wanted));
	str_free(&names);
	str_free(&wanted);
}

/* What each finding of GnuTLS is in words; `tell` where it takes details. */
static const struct finding {
	unsigned status;
	void (*tell)(const struct tls_chain *chain, struct str *out);
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

bool
tls_refuse_because(struct tls_session *s, const char *by, const char *why)
{
	return error_set(s->err, ERROR_CERTIFICATE,
	    "the certificate of %s is refused%s%s: %s", tls_peer_name(s),
	    by != NULL ? " by " : "", by != NULL ? by : "", why);
}

/* Who demands what has failed, as no setting is at fault then. */
static const char *
find_culprit(const struct tls_chain *chain)
{
	const struct tls_session *s = chain->session;

	return chain->anchored || tls_strength_of(s) == TLS_LEVEL_VERIFY
	    ? tls_demanded_by(s->demand)
	    : NULL;
}

bool
tls_refuse(const struct tls_chain *chain, unsigned status)
{
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
	tls_refuse_because(chain->session, find_culprit(chain), str_text(&why));
	str_free(&why);
	return false;
}

bool
tls_refuse_unchecked(struct tls_session *s, int result)
{
	return error_set(s->err, ERROR_CERTIFICATE,
	    "the certificate of %s cannot be verified: %s", tls_peer_name(s),
	    gnutls_strerror(result));
}
