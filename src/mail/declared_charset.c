/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the charset that a header section declares for the body. */
#include "mail/declared_charset.h"

#include "mail/charset.h"
#include "mail/header.h"
#include "mail/parameters.h"

char *
charset_declared(const struct str *header)
{
	struct header_field field;
	struct str name = { 0 };
	char *charset = NULL;

	if (header_find(header, "Content-Type", &field)
	    && parameters_find(&field, "charset", &name))
		charset = charset_named(str_text(&name), name.len);
	str_free(&name);
	return charset;
}
