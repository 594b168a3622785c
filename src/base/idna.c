/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks host names, before and after libidn2 converts them. */
#include "base/idna.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

#define LABEL_MAX 63
#define NAME_MAX_OCTETS 253

static bool
is_letter(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* label = (letter / digit / "_") [*(letter / digit / "-" / "_")
 *         (letter / digit / "_")] */
static bool
is_label(const char *label, size_t len)
{
	if (len == 0 || len > LABEL_MAX || label[0] == '-'
	    || label[len - 1] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_letter(label[i]) && !text_is_digit(label[i])
		    && label[i] != '-' && label[i] != '_')
			return false;
	return true;
}

/* Whether the resolver of the system would read a name that ends with this
 * label as an address: "127.1" and "0x7f.1" mean 127.0.0.1. */
static bool
is_number(const char *label, size_t len)
{
	bool hex = len > 1 && label[0] == '0' && text_lower(label[1]) == 'x';

	for (size_t i = hex ? 2 : 0; i < len; i++) {
		int c = text_lower(label[i]);

		if (!text_is_digit(c) && !(hex && c >= 'a' && c <= 'f'))
			return false;
	}
	return true;
}

bool
idna_is_host_name(const char *name)
{
	size_t len = strnlen(name, NAME_MAX_OCTETS + 2);
	const char *end = name + len;

	if (len > 0 && end[-1] == '.')
		end--;
	if (end == name || end - name > NAME_MAX_OCTETS)
		return false;
	for (;;) {
		const char *dot = memchr(name, '.', (size_t)(end - name));
		size_t label = (size_t)((dot ? dot : end) - name);

		if (!is_label(name, label))
			return false;
		if (!dot)
			return !is_number(name, label);
		name = dot + 1;
	}
}

static bool
reject(const char *name, const char *why, struct error *err)
{
	return error_set(err, ERROR_ADDRESS, "\"%s\" is not a host name: %s",
	    name, why);
}

/*
 * Whether both names have the same number of labels, and each label that is
 * not ASCII became an A-label.  Otherwise the conversion replaced characters:
 * a fullwidth "example" must not become the host example.
 */
static bool
is_faithful(const char *name, const char *ascii)
{
	for (;;) {
		size_t before = strcspn(name, "."), after = strcspn(ascii, ".");

		if (!text_is_ascii(name, before)
		    && !text_starts_nocase(ascii, "xn--"))
			return false;
		if (!name[before] || !ascii[after])
			return name[before] == ascii[after];
		name += before + 1;
		ascii += after + 1;
	}
}

/* The name converted by the library, owned by the caller; NULL on failure. */
static char *
convert(const char *name, struct error *err)
{
	const struct idna_library *library = NULL;
	char *converted = NULL;

	if (idna_is_available())
		library = backend_table(&idna_backend, err);
	else
		error_set(err, ERROR_ADDRESS,
		    "cannot convert the host name \"%s\": this build has no "
		    "libidn2; use its ASCII form (xn--...)",
		    name);
	if (library != NULL)
		library->convert(name, &converted, err);
	else if (idna_is_available())
		error_prefix(err, "cannot convert the host name \"%s\"", name);
	return converted;
}

bool
idna_is_available(void)
{
	return backend_is_available(&idna_backend);
}

bool
idna_to_ascii(const char *name, char **ascii, struct error *err)
{
	size_t len = strlen(name);
	char *converted;

	*ascii = NULL;
	if (text_is_ascii(name, len)) {
		if (!idna_is_host_name(name))
			return reject(name,
			    "it must consist of labels of 1 to 63 letters, "
			    "digits and hyphens, separated by dots",
			    err);
		*ascii = alloc_string(name);
		return true;
	}
	/* A U-label has at most as many characters as its A-label, and a
	 * character has at most 4 octets. */
	if (len > (size_t)NAME_MAX_OCTETS * 4 || !text_is_utf8(name, len))
		return reject(name, "it is too long or not UTF-8", err);
	converted = convert(name, err);
	if (converted == NULL)
		return false;
	if (!idna_is_host_name(converted) || !is_faithful(name, converted)) {
		alloc_replace(&converted, NULL);
		return reject(name,
		    "it contains characters that IDNA replaces or removes",
		    err);
	}
	*ascii = converted;
	return true;
}
