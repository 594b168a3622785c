/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/recipients.h"

#include <string.h>

#include "base/attr.h"
#include "mail/address.h"
#include "mail/header.h"
#include "mail/path.h"
#include "mail/resent.h"

static const char *const plain_fields[] = { "To", "Cc", "Bcc",
	"Apparently-To" };
static const char *const resent_fields[] = { "Resent-To", "Resent-Cc",
	"Resent-Bcc" };

static bool
add_octets(struct envelope *e, const char *text, size_t len, struct error *err)
{
	struct address_list list = { 0 };
	bool ok = address_parse(&list, text, len, err);

	for (size_t i = 0; ok && i < list.count; i++) {
		ok = path_check(list.items[i].text, err);
		if (ok)
			envelope_add(e, list.items[i].text, NULL);
	}
	address_list_free(&list);
	return ok;
}

bool
recipients_add_list(struct envelope *e, const char *list, struct error *err)
{
	return add_octets(e, list, strlen(list), err);
}

/* The name in the table that the field has, or NULL. */
static const char *
field_name(const struct header_field *field, const char *const *names,
    size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (header_field_is(field, names[i]))
			return names[i];
	return NULL;
}

/* Folding goes to the parser as it is: it knows where it may stand. */
static bool
add_fields(struct envelope *e, const struct str *part, const char *const *names,
    size_t count, struct error *err)
{
	struct header_field field;
	size_t offset = 0;

	while (header_next(part, &offset, &field)) {
		const char *name = field_name(&field, names, count);

		if (name != NULL
		    && !add_octets(e, field.value, field.value_len, err))
			return error_prefix(err, "%s", name);
	}
	return true;
}

static bool
has_any(const struct str *header, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (header_has(header, names[i]))
			return true;
	return false;
}

bool
recipients_add_header(struct envelope *e, const struct str *header,
    struct error *err)
{
	size_t start, end;

	if (resent_find(header, &start, &end)
	    && has_any(header, resent_fields, COUNT_OF(resent_fields))) {
		struct str block = { header->data + start, end - start, 0 };

		return add_fields(e, &block, resent_fields,
		    COUNT_OF(resent_fields), err);
	}
	return add_fields(e, header, plain_fields, COUNT_OF(plain_fields), err);
}
