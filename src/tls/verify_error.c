/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Turns the findings of GnuTLS about a certificate into an error text. */
#include "tls/verify_error.h"

#include <time.h>

#include "base/attr.h"
#include "base/text.h"

/* The maximum number of subjectAltNames in an error, and of octets in a name. */
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

const char *
tls_peer_name(const struct tls_session *s)
{
	return s->names.items[0].text;
}

static void
describe_issuer(const struct tls_chain *chain, struct str *out)
{
	gnutls_x509_crt_t last = chain->items[chain->count - 1];
	const char *file = chain->session->context->trust_file;

	if (chain->anchored) {
		str_add(out,
		    "it is not signed by the CA that the TLSA records "
		    "name");
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
		    " trusted by the system (to trust another CA, set "
		    "tls_trust_file)");
}

/* What is valid only in future is more often a clock that lags behind, as on a
 * machine without a battery for it. */
static void
add_clock(struct str *out)
{
	str_add(out, ", but the clock of this host says ");
	add_time(out, time(NULL));
	str_add(out, " (set it if it is wrong)");
}

/* Names the first certificate of the chain that is not valid now. */
static void
describe_date(const struct tls_chain *chain, struct str *out,
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
	    past ? "its CA certificate has expired"
		 : "its CA certificate is not valid yet");
}

static void
describe_expired(const struct tls_chain *chain, struct str *out)
{
	describe_date(chain, out, gnutls_x509_crt_get_expiration_time, true);
}

static void
describe_not_yet_valid(const struct tls_chain *chain, struct str *out)
{
	describe_date(chain, out, gnutls_x509_crt_get_activation_time, false);
	add_clock(out);
}

static void
describe_future_revocation(const struct tls_chain *chain, struct str *out)
{
	(void)chain;
	str_add(out, "the revocation data (CRL or OCSP) is not valid yet");
	add_clock(out);
}

static void
describe_names(const struct tls_chain *chain, struct str *out)
{
	const struct tls_session *s = chain->session;
	struct str names = { 0 }, wanted = { 0 };

	tls_names_text(&s->names, &wanted);
	if (tls_name_list(chain->items[0], NAMES_SHOWN, &names) > 0)
		str_printf(out, "it is for %s, not for %s%s", str_text(&names),
		    str_text(&wanted),
		    s->policy->level < TLS_LEVEL_VERIFY
			? " (tls_host_override sets the expected name)"
			: "");
	else
		str_printf(out,
		    "it has no subjectAltName, so it is not for %s (the "
		    "common name is ignored)",
		    str_text(&wanted));
	str_free(&names);
	str_free(&wanted);
}

static void
describe_algorithm(const struct tls_chain *chain, struct str *out)
{
	const struct tls_weak_key *weak = &chain->session->weak_key;

	if (weak->bits > 0)
		str_printf(out,
		    "%s is too short: %s with %u bits, less than %u",
		    weak->of_issuer ? "the key of one of its issuers"
				    : "its key",
		    weak->algorithm, weak->bits, weak->minimum);
	else
		str_add(out,
		    "it is signed with an algorithm that is not secure");
}

/* The findings of GnuTLS; `describe` adds details of the certificate. */
static const struct finding {
	unsigned status;
	void (*describe)(const struct tls_chain *chain, struct str *out);
	const char *text;
} findings[] = {
	{ GNUTLS_CERT_SIGNER_NOT_FOUND, describe_issuer, NULL },
	{ GNUTLS_CERT_REVOKED, NULL, "it has been revoked" },
	{ GNUTLS_CERT_EXPIRED, describe_expired, NULL },
	{ GNUTLS_CERT_NOT_ACTIVATED, describe_not_yet_valid, NULL },
	{ GNUTLS_CERT_UNEXPECTED_OWNER, describe_names, NULL },
	{ GNUTLS_CERT_PURPOSE_MISMATCH, NULL,
	    "it is not valid for TLS servers (extended key usage)" },
	{ GNUTLS_CERT_SIGNER_NOT_CA, NULL, "its issuer is not a CA" },
	{ GNUTLS_CERT_INSECURE_ALGORITHM, describe_algorithm, NULL },
	{ GNUTLS_CERT_SIGNATURE_FAILURE, NULL, "its signature is invalid" },
	{ GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE, NULL,
	    "its issuer is not allowed to certify this name or usage" },
	{ GNUTLS_CERT_UNKNOWN_CRIT_EXTENSIONS, NULL,
	    "it has an unknown critical extension" },
	{ GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED, NULL,
	    "the revocation data (CRL or OCSP) has expired" },
	{ GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE,
	    describe_future_revocation, NULL },
	{ GNUTLS_CERT_MISSING_OCSP_STATUS, NULL,
	    "it requires a stapled OCSP response (must-staple), but the server "
	    "sent none" },
	{ GNUTLS_CERT_INVALID_OCSP_STATUS, NULL,
	    "the stapled OCSP response is invalid" },
};

bool
tls_verify_error_because(struct tls_session *s, const char *by, const char *why)
{
	return error_set(s->err, ERROR_CERTIFICATE,
	    "the certificate of %s was rejected%s%s: %s", tls_peer_name(s),
	    by != NULL ? " by " : "", by != NULL ? by : "", why);
}

/* The source of the policy that requires the failed check; NULL: the account. */
static const char *
find_source(const struct tls_chain *chain)
{
	const struct tls_session *s = chain->session;

	return chain->anchored || s->policy->level == TLS_LEVEL_VERIFY
	    ? tls_source_name(s->policy)
	    : NULL;
}

bool
tls_verify_error(const struct tls_chain *chain, unsigned status)
{
	struct str why = { 0 };

	for (size_t i = 0; i < COUNT_OF(findings); i++) {
		const struct finding *f = &findings[i];

		if (!(status & f->status))
			continue;
		if (why.len > 0)
			str_add(&why, "; ");
		if (f->describe)
			f->describe(chain, &why);
		else
			str_add(&why, f->text);
	}
	if (why.len == 0)
		str_printf(&why, "it is not valid (status %x)", status);
	tls_verify_error_because(chain->session, find_source(chain),
	    str_text(&why));
	str_free(&why);
	return false;
}

bool
tls_verify_error_unchecked(struct tls_session *s, int result)
{
	return error_set(s->err, ERROR_CERTIFICATE,
	    "the certificate of %s cannot be verified: %s", tls_peer_name(s),
	    gnutls_strerror(result));
}
