/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Replaces the placeholders of autoconfig documents. */
#include "helpers/autoconfig/placeholders.h"

#include <stdbool.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"
#include "helpers/autoconfig/document.h"

/* Appends what the word between two percent signs stands for. */
static bool
add_value(struct str *out, const char *word, size_t len, const char *address)
{
	const char *at = strrchr(address, '@');

	if (text_is_word(word, len, "EMAILADDRESS"))
		str_add(out, address);
	else if (text_is_word(word, len, "EMAILLOCALPART"))
		str_add_range(out, address, at);
	else if (text_is_word(word, len, "EMAILDOMAIN"))
		str_add(out, at + 1);
	else
		return false;
	return true;
}

/* Where the placeholder that begins at the percent sign ends, or NULL: the sign is
 * text. */
static const char *
find_end(const char *percent)
{
	const char *end =
	    percent + 1 + strspn(percent + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return *end == '%' && end > percent + 1 ? end : NULL;
}

char *
placeholders_fill(const char *text, const char *address)
{
	struct str out = { 0 };
	bool ok = true;

	while (ok && *text != '\0') {
		const char *end = *text == '%' ? find_end(text) : NULL;

		if (end != NULL)
			ok = add_value(&out, text + 1, (size_t)(end - text - 1),
			    address);
		else
			str_add_char(&out, *text);
		text = end != NULL ? end + 1 : text + 1;
	}
	ok = ok && out.len <= DOCUMENT_TEXT_MAX;
	if (!ok)
		str_free(&out);
	return ok ? str_steal(&out) : NULL;
}
