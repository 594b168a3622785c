/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Converts host names with libidn2. */
#include "base/idna.h"

#include <idn2.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"

/*
 * Invisible characters, which the mapping of UTS 46 deletes.  A name with one
 * of them is not the name that the user sees, so it is rejected.
 */
static const struct {
	uint32_t first;
	uint32_t last;
} invisible[] = {
	{ 0x00ad, 0x00ad },   /* soft hyphen */
	{ 0x034f, 0x034f },   /* combining grapheme joiner */
	{ 0x180b, 0x180f },   /* Mongolian variation selectors */
	{ 0x200b, 0x200b },   /* zero width space */
	{ 0x2060, 0x2064 },   /* word joiner, invisible operators */
	{ 0xfe00, 0xfe0f },   /* variation selectors */
	{ 0xfeff, 0xfeff },   /* zero width no-break space */
	{ 0xe0100, 0xe01ef }, /* variation selectors supplement */
};

/* name is valid UTF-8, so no character has more than 4 octets. */
static bool
has_invisible(const char *name)
{
	uint32_t c = 0;

	while (*name) {
		name += text_utf8_char(name, 4, &c);
		for (size_t i = 0; i < COUNT_OF(invisible); i++)
			if (c >= invisible[i].first && c <= invisible[i].last)
				return true;
	}
	return false;
}

/*
 * Does not use IDN2_USE_STD3_ASCII_RULES, which silently deletes characters:
 * idna_to_ascii() checks the result.
 */
static bool
convert(const char *name, char **ascii, struct error *err)
{
	char *converted = NULL;
	int rc;

	if (has_invisible(name))
		return error_set(err, ERROR_ADDRESS,
		    "\"%s\" is not a host name: it contains an invisible "
		    "character",
		    name);
	rc = idn2_to_ascii_8z(name, &converted,
	    IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
	if (rc != IDN2_OK)
		return error_set(err, ERROR_ADDRESS,
		    "\"%s\" is not a host name: %s", name, idn2_strerror(rc));
	*ascii = alloc_string(converted);
	idn2_free(converted);
	return true;
}

ATTR_EXPORT const struct idna_library idna_libidn2_library = { convert };
