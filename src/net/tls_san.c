/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls_san.h"

#include <string.h>

#include "net/tls_der.h"

#define TAG_SEQUENCE 0x30
#define TAG_OCTETS 0x04
#define TAG_OID 0x06
#define TAG_BOOLEAN 0x01
#define TAG_EXTENSIONS 0xa3
/* RFC 5280 section 4.2.1.6: choices of GeneralName. */
#define TAG_DNS_NAME 0x82
#define TAG_ADDRESS 0x87

static const unsigned char subject_alt_name[] = { 0x55, 0x1d, 0x11 };

/*
 * Certificate    = SEQUENCE { TBSCertificate ... }
 * TBSCertificate = SEQUENCE { ... [3] SEQUENCE of Extension }
 */
static bool
find_extensions(struct octets in, struct octets *extensions)
{
	struct octets certificate, tbs;
	struct element element;

	if (!tls_der_take_tag(&in, TAG_SEQUENCE, &certificate)
	    || !tls_der_take_tag(&certificate, TAG_SEQUENCE, &tbs))
		return false;
	while (tls_der_take(&tbs, &element))
		if (element.tag == TAG_EXTENSIONS)
			return tls_der_take_tag(&element.body, TAG_SEQUENCE,
			    extensions);
	return false;
}

/* Extension = SEQUENCE { OID, [BOOLEAN], OCTET STRING } */
static bool
read_extension(struct octets *in, struct octets *oid, struct octets *value)
{
	struct octets extension;
	struct element element;

	if (!tls_der_take_tag(in, TAG_SEQUENCE, &extension)
	    || !tls_der_take_tag(&extension, TAG_OID, oid)
	    || !tls_der_take(&extension, &element))
		return false;
	if (element.tag == TAG_BOOLEAN && !tls_der_take(&extension, &element))
		return false;
	*value = element.body;
	return element.tag == TAG_OCTETS;
}

/* The value of the extension: SEQUENCE of GeneralName. */
static bool
find_names(struct octets in, struct octets *names)
{
	struct octets extensions, oid, value;

	if (!find_extensions(in, &extensions))
		return false;
	while (read_extension(&extensions, &oid, &value))
		if (oid.len == sizeof(subject_alt_name)
		    && memcmp(oid.data, subject_alt_name, oid.len) == 0)
			return tls_der_take_tag(&value, TAG_SEQUENCE, names);
	return false;
}

static bool
is_name(const struct tls_name *name, const struct element *element)
{
	const struct octets *body = &element->body;

	if (name->address_len > 0)
		return element->tag == TAG_ADDRESS
		    && body->len == name->address_len
		    && memcmp(body->data, name->address, body->len) == 0;
	return element->tag == TAG_DNS_NAME
	    && tls_name_fits(name->text, (const char *)body->data, body->len);
}

bool
tls_san_matches(const struct tls_name *name, const void *der, size_t len)
{
	struct octets names;
	struct element element;

	if (!find_names((struct octets){ der, len }, &names))
		return false;
	while (tls_der_take(&names, &element))
		if (is_name(name, &element))
			return true;
	return false;
}
