/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Compares host names and addresses with the names in a certificate. */
#include "tls/name.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/idna.h"
#include "base/text.h"
#include "net/endpoint.h"

/* Further names of a certificate are ignored. */
#define NAMES_MAX 4096

static void
set_address(struct tls_name *name, const struct endpoint *endpoint)
{
	struct str text = { 0 };
	const void *octets = &endpoint->ipv4.sin_addr;

	name->address_len = 4;
	if (endpoint->any.sa_family == AF_INET6) {
		octets = &endpoint->ipv6.sin6_addr;
		name->address_len = 16;
	}
	memcpy(name->address, octets, name->address_len);
	endpoint_text(endpoint, &text);
	name->text = str_steal(&text);
}

/* Brackets mean that no MX lookup is done: "[mx.example]". */
static char *
without_brackets(const char *host)
{
	size_t len = strlen(host);

	if (len > 2 && host[0] == '[' && host[len - 1] == ']')
		return alloc_string_n(host + 1, len - 2);
	return alloc_string(host);
}

static bool
set_host(struct tls_name *name, const char *host, struct error *err)
{
	struct error reason = { 0 };
	size_t len;

	if (!idna_to_ascii(host, &name->text, &reason)) {
		error_set(err, ERROR_CONFIG, "%s", reason.text);
		error_free(&reason);
		return false;
	}
	len = strlen(name->text);
	if (len > 0 && name->text[len - 1] == '.')
		name->text[len - 1] = '\0';
	return true;
}

bool
tls_name_set(struct tls_name *name, const char *host, struct error *err)
{
	struct endpoint endpoint;
	char *bare;
	bool ok;

	*name = (struct tls_name){ 0 };
	if (endpoint_parse(&endpoint, host)) {
		set_address(name, &endpoint);
		return true;
	}
	bare = without_brackets(host);
	ok = set_host(name, bare, err);
	free(bare);
	return ok;
}

void
tls_name_free(struct tls_name *name)
{
	free(name->text);
	*name = (struct tls_name){ 0 };
}

/* Reads the subjectAltName at index; false after the last one. */
static bool
read_name(gnutls_x509_crt_t certificate, unsigned index, struct str *san,
    int *type)
{
	size_t size = 0;

	*type = gnutls_x509_crt_get_subject_alt_name(certificate, index, NULL,
	    &size, NULL);
	if (*type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE
	    || index >= NAMES_MAX)
		return false;
	str_truncate(san, 0);
	if (*type != GNUTLS_E_SHORT_MEMORY_BUFFER)
		return true;
	size++;
	*type = gnutls_x509_crt_get_subject_alt_name(certificate, index,
	    str_reserve(san, size), &size, NULL);
	if (*type >= 0) {
		san->len = size;
		san->data[size] = '\0';
	}
	return true;
}

/*
 * GnuTLS compares the name with the common name if the certificate has no
 * dNSName.  RFC 9525 section 2 forbids that.
 */
static bool
has_dns_name(gnutls_x509_crt_t certificate)
{
	struct str san = { 0 };
	bool found = false;
	int type;

	for (unsigned i = 0; !found && read_name(certificate, i, &san, &type);
	     i++)
		found = type == GNUTLS_SAN_DNSNAME;
	str_free(&san);
	return found;
}

/* Whether the certificate has this dNSName; a "*" is an ordinary character. */
static bool
has_name(gnutls_x509_crt_t certificate, const char *name)
{
	return gnutls_x509_crt_check_hostname2(certificate, name,
		   GNUTLS_VERIFY_DO_NOT_ALLOW_WILDCARDS)
	    != 0;
}

/*
 * Looks for the only wildcard that can match the host.  The wildcard rule of
 * GnuTLS is too lenient: "*n.a.test" would match "main.a.test".
 */
static bool
has_wildcard(gnutls_x509_crt_t certificate, const char *host)
{
	const char *parent = strchr(host, '.');
	char *wildcard;
	bool found;

	/* "*.test" would match a whole top-level domain. */
	if (parent == NULL || strchr(parent + 1, '.') == NULL)
		return false;
	wildcard = alloc_printf("*%s", parent);
	found = has_name(certificate, wildcard);
	free(wildcard);
	return found;
}

bool
tls_name_matches(const struct tls_name *name, gnutls_x509_crt_t certificate)
{
	if (name->address_len > 0)
		return gnutls_x509_crt_check_ip(certificate, name->address,
			   (unsigned)name->address_len, 0)
		    != 0;
	return has_dns_name(certificate)
	    && (has_name(certificate, name->text)
		|| has_wildcard(certificate, name->text));
}

/* Shows a NUL in a name, and what follows it. */
static void
show_name(struct str *out, int type, const struct str *san)
{
	char text[INET6_ADDRSTRLEN];
	int family = san->len == 4 ? AF_INET : AF_INET6;

	if (type == GNUTLS_SAN_DNSNAME)
		text_clean(out, str_text(san), san->len, TEXT_MAX);
	else if ((san->len == 4 || san->len == 16)
	    && inet_ntop(family, str_text(san), text, sizeof(text)))
		str_add(out, text);
	else
		str_add(out, "?");
}

size_t
tls_name_list(gnutls_x509_crt_t certificate, size_t max, struct str *out)
{
	struct str san = { 0 };
	size_t count = 0;
	int type;

	for (unsigned i = 0; read_name(certificate, i, &san, &type); i++) {
		if (type != GNUTLS_SAN_DNSNAME && type != GNUTLS_SAN_IPADDRESS)
			continue;
		if (count > 0 && count < max)
			str_add(out, ", ");
		if (count < max)
			show_name(out, type, &san);
		count++;
	}
	if (count > max)
		str_printf(out, " and %zu more", count - max);
	str_free(&san);
	return count;
}

bool
tls_names_add(struct tls_names *names, const char *host, struct error *err)
{
	struct tls_name name;

	if (!tls_name_set(&name, host, err))
		return false;
	names->items =
	    alloc_resize(names->items, names->count + 1, sizeof(name));
	names->items[names->count++] = name;
	return true;
}

void
tls_names_free(struct tls_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		tls_name_free(&names->items[i]);
	free(names->items);
	*names = (struct tls_names){ 0 };
}

const struct tls_name *
tls_names_find(const struct tls_names *names, gnutls_x509_crt_t certificate)
{
	for (size_t i = 0; i < names->count; i++)
		if (tls_name_matches(&names->items[i], certificate))
			return &names->items[i];
	return NULL;
}

void
tls_names_text(const struct tls_names *names, struct str *out)
{
	for (size_t i = 0; i < names->count; i++)
		str_printf(out, "%s%s", i > 0 ? " or " : "",
		    names->items[i].text);
}
