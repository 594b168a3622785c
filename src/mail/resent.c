/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the first Resent block of a header section. */
#include "mail/resent.h"

#include "base/attr.h"
#include "base/text.h"
#include "mail/header.h"

/* Fields that a block has at most once. */
static const char *const once[] = {
	"Resent-Date",
	"Resent-From",
	"Resent-Sender",
	"Resent-Message-ID",
};

static bool
is_resent(const struct header_field *field)
{
	return field->name_len > 7
	    && text_starts_nocase(field->start, "Resent-");
}

/* The bit of the field in a set of the fields of `once`, or 0. */
static unsigned
once_bit(const struct header_field *field)
{
	for (size_t i = 0; i < COUNT_OF(once); i++)
		if (header_field_is(field, once[i]))
			return 1u << i;
	return 0;
}

bool
resent_find(const struct str *header, size_t *start, size_t *end)
{
	struct header_field field;
	size_t offset = 0;
	unsigned seen = 0;

	do {
		*start = offset;
		if (!header_next(header, &offset, &field))
			return false;
	} while (!is_resent(&field));
	do {
		if ((seen & once_bit(&field)) != 0)
			break;
		seen |= once_bit(&field);
		*end = offset;
	} while (header_next(header, &offset, &field) && is_resent(&field));
	return true;
}
