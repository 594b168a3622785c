/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/idna.h"

#include <idn2.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/attr.h"

/*
 * Characters that the mapping of UTS 46 deletes: invisible, so a name that
 * holds one is not the name that its reader sees.
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

/* The character at *text, which is valid UTF-8; *text moves behind it. */
static uint32_t
next_character(const char **text)
{
	const unsigned char *p = (const unsigned char *)*text;
	unsigned more = p[0] < 0x80 ? 0 : p[0] < 0xe0 ? 1 : p[0] < 0xf0 ? 2 : 3;
	uint32_t c = more == 0 ? p[0] : p[0] & (0x3fu >> more);

	for (unsigned i = 1; i <= more; i++)
		c = c << 6 | (p[i] & 0x3fu);
	*text += more + 1;
	return c;
}

static bool
has_invisible(const char *name)
{
	while (*name) {
		uint32_t c = next_character(&name);

		for (size_t i = 0; i < COUNT_OF(invisible); i++)
			if (c >= invisible[i].first && c <= invisible[i].last)
				return true;
	}
	return false;
}

/*
 * Without IDN2_USE_STD3_ASCII_RULES: it silently deletes characters.  What
 * comes out is checked by the caller instead.
 */
static bool
convert(const char *name, char **ascii, struct error *err)
{
	char *converted = NULL;
	int rc;

	if (has_invisible(name))
		return error_set(err, ERROR_ADDRESS,
		    "\"%s\" is no host name: it holds an invisible character",
		    name);
	rc = idn2_to_ascii_8z(name, &converted,
	    IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
	if (rc != IDN2_OK)
		return error_set(err, ERROR_ADDRESS,
		    "\"%s\" is no host name: %s", name, idn2_strerror(rc));
	*ascii = alloc_string(converted);
	idn2_free(converted);
	return true;
}

ATTR_EXPORT const struct idna_library idna_libidn2_library = { convert };
