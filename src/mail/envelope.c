/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keeps the recipients in the order in which they were added, and an index of
 * their addresses for the search for duplicates.  Adds the addresses of
 * operands and of header fields.
 */
#include "mail/envelope.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/header.h"
#include "mail/path.h"

/* The address with its domain in lower case. */
static uint64_t
hash_address(const char *address, uint64_t start)
{
	size_t local = path_local_length(address);

	for (size_t i = 0; address[i] != '\0'; i++) {
		int c = (unsigned char)address[i];

		start = string_hash_add(start, i < local ? c : text_lower(c));
	}
	return start;
}

static bool
is_same(const char *a, const char *b)
{
	size_t local = path_local_length(a);

	return local == path_local_length(b) && memcmp(a, b, local) == 0
	    && text_equal_nocase(a + local, b + local);
}

static const struct string_kind addresses = { hash_address, is_same };

void
envelope_set_sender(struct envelope *e, const char *sender, bool is_default)
{
	alloc_replace(&e->sender, sender);
	e->sender_is_default = is_default;
}

bool
envelope_add(struct envelope *e, const char *address, const char *original)
{
	char *copy = alloc_string(address);

	e->index.kind = &addresses;
	if (!string_index_add(&e->index, copy, e->count)) {
		free(copy);
		return false;
	}
	e->recipients = alloc_grow(e->recipients, e->count, &e->size,
	    sizeof(*e->recipients));
	e->recipients[e->count++] = (struct recipient){
		.address = copy,
		.original = alloc_string(original),
	};
	return true;
}

unsigned
envelope_notify(const struct envelope *e, const struct recipient *r)
{
	return r->notify != DSN_NOTIFY_DEFAULT ? r->notify : e->dsn.notify;
}

size_t
envelope_count(const struct envelope *e, enum recipient_state state)
{
	size_t count = 0;

	for (size_t i = 0; i < e->count; i++)
		count += e->recipients[i].state == state;
	return count;
}

static void
fail_in_state(struct envelope *e, enum recipient_state state,
    const struct error *err)
{
	for (size_t i = 0; i < e->count; i++) {
		struct error copy = { 0 };

		if (e->recipients[i].state != state)
			continue;
		error_copy(&copy, err);
		recipient_fail(&e->recipients[i], &copy);
	}
}

void
envelope_fail(struct envelope *e, const struct error *err)
{
	fail_in_state(e, RECIPIENT_PENDING, err);
	fail_in_state(e, RECIPIENT_ACCEPTED, err);
}

void
envelope_fail_accepted(struct envelope *e, const struct error *err)
{
	fail_in_state(e, RECIPIENT_ACCEPTED, err);
}

void
envelope_reset_accepted(struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->recipients[i].state == RECIPIENT_ACCEPTED)
			e->recipients[i].state = RECIPIENT_PENDING;
}

void
recipient_fail(struct recipient *r, struct error *err)
{
	r->state = RECIPIENT_FAILED;
	r->status = err->status;
	error_move(&r->outcome, err);
}

const struct error *
envelope_result(const struct envelope *e)
{
	const struct error *temporary = NULL;

	for (size_t i = 0; i < e->count; i++) {
		const struct recipient *r = &e->recipients[i];

		if (r->state != RECIPIENT_FAILED)
			continue;
		if (!r->outcome.temporary)
			return &r->outcome;
		if (temporary == NULL || temporary->is_consequence)
			temporary = &r->outcome;
	}
	return temporary;
}

static void
free_recipients(struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++) {
		free(e->recipients[i].address);
		free(e->recipients[i].original);
		free(e->recipients[i].host);
		free(e->recipients[i].said);
		error_free(&e->recipients[i].outcome);
	}
	free(e->recipients);
	string_index_free(&e->index);
	e->recipients = NULL;
	e->count = e->size = 0;
}

struct recipient *
envelope_find(const struct envelope *e, const char *address)
{
	size_t position = string_index_find(&e->index, address);

	return position == STRING_INDEX_NONE ? NULL : &e->recipients[position];
}

void
envelope_take_recipients(struct envelope *dst, struct envelope *src)
{
	free_recipients(dst);
	dst->recipients = src->recipients;
	dst->count = src->count;
	dst->size = src->size;
	dst->index = src->index;
	src->recipients = NULL;
	src->index = (struct string_index){ 0 };
	src->count = src->size = 0;
}

void
envelope_select(const struct envelope *e, const bool *members,
    struct envelope *part)
{
	*part = *e;
	part->index = (struct string_index){ 0 };
	part->recipients = alloc_zeroed(e->count + 1, sizeof(*e->recipients));
	part->count = 0;
	for (size_t i = 0; i < e->count; i++)
		if (members[i])
			part->recipients[part->count++] = e->recipients[i];
}

void
envelope_merge(struct envelope *e, const bool *members, struct envelope *part)
{
	size_t n = 0;

	for (size_t i = 0; i < e->count; i++)
		if (members[i])
			e->recipients[i] = part->recipients[n++];
	free(part->recipients);
	*part = (struct envelope){ 0 };
}

void
envelope_free(struct envelope *e)
{
	free_recipients(e);
	free(e->sender);
	dsn_free(&e->dsn);
	*e = (struct envelope){ 0 };
}

/* Recipients of operands and header fields */

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
envelope_add_list(struct envelope *e, const char *list, struct error *err)
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
envelope_add_header(struct envelope *e, const struct str *header,
    struct error *err)
{
	size_t start, end;

	if (header_find_resent(header, &start, &end)) {
		struct str block = { header->data + start, end - start, 0 };

		return add_fields(e, &block, resent_fields,
		    COUNT_OF(resent_fields), err);
	}
	/* Who resends a message does not mean its old recipients. */
	if (header_has_any(header, resent_fields, COUNT_OF(resent_fields)))
		return true;
	return add_fields(e, header, plain_fields, COUNT_OF(plain_fields), err);
}
