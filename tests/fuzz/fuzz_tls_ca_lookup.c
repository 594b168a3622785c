/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The search for issuers in a bundle of certificates (tls/ca_lookup.h).  Input:
 * a bundle, in which a line "@CA" is replaced by the issuer of the chain, and
 * "@LEAF" by a certificate of that issuer.
 *
 *   - Only certificates whose subject is the issuer of the chain become
 *     trusted, whatever else is in the bundle.
 *   - The issuer is found, unless something begins like a certificate and is
 *     invalid.  It is trusted once, even if the bundle has it several times.
 */
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <unistd.h>

#include "base/text.h"
#include "fuzz.h"
#include "tls/ca_lookup.h"

static const char begin_mark[] = "-----BEGIN CERTIFICATE-----";

static const char ca[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBjjCCATSgAwIBAgIUYqIRKWN6NpxV14gQ50/Jk5CgYl0wCgYIKoZIzj0EAwIw\n"
    "JDEQMA4GA1UEChMHVmVyZWR1czEQMA4GA1UEAxMHRnV6eiBDQTAgFw0yNjExMjEy\n"
    "MTQ2MzlaGA85OTk5MTIzMTIzNTk1OVowJDEQMA4GA1UEChMHVmVyZWR1czEQMA4G\n"
    "A1UEAxMHRnV6eiBDQTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABLMY2NzHGTUB\n"
    "6LoNaJt2bjvVlMOZ4U5Zd5BiYGJuWOWLvaS28y4qFhG2wtVFAk+vYbO9W64MV2xk\n"
    "Dy5JXUU6RBGjQjBAMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIEMB0G\n"
    "A1UdDgQWBBT7ibkegyAH9cncnUMNXq+vu7O2TTAKBggqhkjOPQQDAgNIADBFAiEA\n"
    "lfMk1F/SfWIhKmDsLrlxaCv1AnV9OV4pH43Sphi4vl0CIGpuqmk/RgOy3F8ZzBbd\n"
    "2pZevAcvceQT5EYAu4x50+58\n"
    "-----END CERTIFICATE-----\n";

static const char leaf[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIByDCCAW+gAwIBAgIUTUlR3CnWpY8Mf5gv4/7AVDulEYMwCgYIKoZIzj0EAwIw\n"
    "JDEQMA4GA1UEChMHVmVyZWR1czEQMA4GA1UEAxMHRnV6eiBDQTAgFw0yNjExMjEy\n"
    "MTQ2MzlaGA85OTk5MTIzMTIzNTk1OVowDzENMAsGA1UEAxMEbGVhZjBZMBMGByqG\n"
    "SM49AgEGCCqGSM49AwEHA0IABCxUcexHaSc2Spgi76WwTbopKfJwOak9gOdjDvDJ\n"
    "54XVkSM/aOuE8N410SeSCsRVmR/qYhziAXvkcn/MFMORRHyjgZEwgY4wDAYDVR0T\n"
    "AQH/BAIwADAZBgNVHREEEjAQgg5teC5leGFtcGxlLm9yZzATBgNVHSUEDDAKBggr\n"
    "BgEFBQcDATAOBgNVHQ8BAf8EBAMCB4AwHQYDVR0OBBYEFPXaKcBZqEhwGwtbncIY\n"
    "RQZWnIVYMB8GA1UdIwQYMBaAFPuJuR6DIAf1ydydQw1er6+7s7ZNMAoGCCqGSM49\n"
    "BAMCA0cAMEQCIApCCe53JNgY21I11NTZ3d6d4RWQ8O7DMPB66MuDqF04AiBTmNgL\n"
    "5ueQFCLCiXJMdiwIFmR1EvOnedw7chgCob06TA==\n"
    "-----END CERTIFICATE-----\n";

static gnutls_x509_crt_t
load(const char *pem)
{
	gnutls_datum_t data = { (unsigned char *)(uintptr_t)pem,
		(unsigned)strlen(pem) };
	gnutls_x509_crt_t certificate;

	if (gnutls_x509_crt_init(&certificate) < 0
	    || gnutls_x509_crt_import(certificate, &data, GNUTLS_X509_FMT_PEM)
		< 0)
		abort();
	return certificate;
}

/* Inserts the certificates; returns how often the issuer occurs. */
static size_t
fill(struct input in, struct str *bundle, size_t *certificates)
{
	size_t count = 0;

	while (in.left > 0) {
		struct input line = input_split(&in, '\n');

		if (line.left == 3 && memcmp(line.at, "@CA", 3) == 0) {
			str_add(bundle, ca);
			count++;
			++*certificates;
		} else if (line.left == 5 && memcmp(line.at, "@LEAF", 5) == 0) {
			str_add(bundle, leaf);
			++*certificates;
		} else {
			str_append(bundle, line.at, line.left);
			str_add_char(bundle, '\n');
		}
	}
	return count;
}

static size_t
count_marks(const struct str *bundle)
{
	const char *p = str_text(bundle), *end = p + bundle->len;
	size_t count = 0;

	while (
	    (p = memmem(p, (size_t)(end - p), begin_mark, strlen(begin_mark)))
	    != NULL) {
		count++;
		p += strlen(begin_mark);
	}
	return count;
}

static bool
is_issuer(gnutls_x509_crt_t certificate, gnutls_x509_crt_t of)
{
	gnutls_datum_t subject = { 0 }, issuer = { 0 };
	bool same = gnutls_x509_crt_get_raw_dn(certificate, &subject) == 0
	    && gnutls_x509_crt_get_raw_issuer_dn(of, &issuer) == 0
	    && subject.size == issuer.size
	    && memcmp(subject.data, issuer.data, issuer.size) == 0;

	gnutls_free(subject.data);
	gnutls_free(issuer.data);
	return same;
}

/* Checks every trusted certificate; returns their number. */
static size_t
check_list(gnutls_x509_trust_list_t list, gnutls_x509_crt_t certificate)
{
	gnutls_x509_trust_list_iter_t iter = NULL;
	gnutls_x509_crt_t trusted;
	size_t count = 0;

	while (gnutls_x509_trust_list_iter_get_ca(list, &iter, &trusted) == 0) {
		fuzz_assert(is_issuer(trusted, certificate));
		gnutls_x509_crt_deinit(trusted);
		count++;
	}
	return count;
}

static void
fuzz_one(const char *data, size_t size)
{
	const struct input in = { data, size };
	char path[64];
	const struct ca_store place = { "/nonexistent", path };
	gnutls_x509_crt_t certificate = load(leaf);
	gnutls_x509_trust_list_t list;
	gnutls_datum_t der;
	struct str bundle = { 0 };
	size_t certificates = 0, wanted = fill(in, &bundle, &certificates);
	size_t trusted;

	if (gnutls_x509_trust_list_init(&list, 0) < 0
	    || gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_DER, &der)
		< 0)
		abort();
	snprintf(path, sizeof(path), "/tmp/veredus-fuzz-%d.pem", (int)getpid());
	fuzz_write_file(path, &bundle);
	ca_lookup_add_issuers(&place, &der, 1, list);
	gnutls_free(der.data);
	unlink(path);
	trusted = check_list(list, certificate);
	fuzz_assert(trusted <= wanted || count_marks(&bundle) > certificates);
	/* A file in UTF-16 is not read. */
	if (text_is_utf16(str_text(&bundle), bundle.len))
		fuzz_assert(trusted == 0);
	else if (count_marks(&bundle) == certificates)
		fuzz_assert(trusted == (wanted > 0));
	gnutls_x509_trust_list_deinit(list, 1);
	gnutls_x509_crt_deinit(certificate);
	str_free(&bundle);
}
