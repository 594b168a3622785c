/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Adds the addresses of operands and of header fields to an envelope. */
#include "mail/recipients.h"

#include <string.h>

#include "base/attr.h"
#include "mail/address.h"
#include "mail/header.h"
#include "mail/path.h"

static const char *const plain_fields[] = { "To", "Cc", "Bcc",
	"Apparently-To" };
static const char *const resent_fields[] = { "Resent-To", "Resent-Cc",
	"Resent-Bcc" };

static bool
add_addresses(struct envelope *e, const char *text, size_t len,
    struct error *err)
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
	return add_addresses(e, list, strlen(list), err);
}

/* Passes values with their folding: the parser checks where it is allowed. */
static bool
add_fields(struct envelope *e, const struct str *part, const char *const *names,
    size_t count, struct error *err)
{
	struct header_field field;
	size_t offset = 0;

	while (header_next(part, &offset, &field)) {
		const char *name = header_field_name(&field, names, count);

		if (name != NULL
		    && !add_addresses(e, field.value, field.value_len, err))
			return error_prefix(err, "%s", name);
	}
	return true;
}

bool
recipients_add_header(struct envelope *e, const struct str *header,
    struct error *err)
{
	size_t start, end;

	if (header_find_resent(header, &start, &end)
	    && header_has_any(header, resent_fields, COUNT_OF(resent_fields))) {
		struct str block = { header->data + start, end - start, 0 };

		return add_fields(e, &block, resent_fields,
		    COUNT_OF(resent_fields), err);
	}
	return add_fields(e, header, plain_fields, COUNT_OF(plain_fields), err);
}
