/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rewriting of header sections (mail/rewrite.h).  Input: a header section.
 *
 *   - Qualifying only inserts the domain, unless a display name must be quoted.
 *     A second time it changes nothing.
 *   - Rules do not change the number and order of the fields, except for one
 *     added Reply-To.
 */
#include "base/alloc.h"
#include "base/text.h"
#include "fuzz.h"
#include "mail/address.h"
#include "mail/header.h"
#include "mail/rewrite.h"
#include "message_input.h"

static const char at_domain[] = "@q.example";

static void
add_without_domain(struct str *out, const struct str *text)
{
	size_t len = strlen(at_domain);

	for (size_t i = 0; i < text->len; i++) {
		if (text->len - i >= len
		    && memcmp(text->data + i, at_domain, len) == 0)
			i += len - 1;
		else
			str_add_char(out, text->data[i]);
	}
}

static bool
same(const struct str *a, const struct str *b)
{
	return a->len == b->len
	    && memcmp(str_text(a), str_text(b), a->len) == 0;
}

/* Whether a field that may have addresses has a name that must be quoted. */
static bool
must_quote(const struct str *header)
{
	struct header_field field;
	size_t offset = 0;
	bool must = false;

	while (header_next(header, &offset, &field)) {
		struct address_list list = { 0 };

		address_parse(&list, field.value, field.value_len, NULL);
		for (size_t i = 0; i < list.count; i++)
			must |=
			    list.items[i].name_end > list.items[i].name_start;
		address_list_free(&list);
	}
	return must;
}

static void
check_qualify(const struct str *header)
{
	struct rewrite_rules r = { .domain = alloc_string(at_domain + 1) };
	struct str changed = { 0 }, again = { 0 }, one = { 0 }, two = { 0 };

	str_append(&changed, str_text(header), header->len);
	rewrite_header(&r, &changed);
	add_without_domain(&one, header);
	add_without_domain(&two, &changed);
	fuzz_assert(same(&one, &two) || must_quote(header));
	str_append(&again, changed.data, changed.len);
	rewrite_header(&r, &again);
	fuzz_assert(same(&changed, &again));
	rewrite_rules_free(&r);
	str_free(&changed);
	str_free(&again);
	str_free(&one);
	str_free(&two);
}

static void
check_rules(const struct str *header)
{
	struct rewrite_rules r = { .domain = alloc_string("q.example"),
		.sender = alloc_string("a@p.example") };
	struct str changed = { 0 };
	struct header_field one, two;
	size_t at = 0, changed_at = 0;

	fuzz_assert(rewrite_add_rule(&r, "*@x b@p.example reply-to", NULL));
	fuzz_assert(rewrite_add_rule(&r, "b* @p.example", NULL));
	str_append(&changed, str_text(header), header->len);
	rewrite_header(&r, &changed);
	while (header_next(header, &at, &one)) {
		fuzz_assert(header_next(&changed, &changed_at, &two));
		fuzz_assert(one.name_len == two.name_len
		    && memcmp(one.start, two.start, one.name_len) == 0);
	}
	if (header_next(&changed, &changed_at, &two)) {
		fuzz_assert(header_field_is(&two, "Reply-To"));
		fuzz_assert(!header_next(&changed, &changed_at, &two));
	}
	rewrite_rules_free(&r);
	str_free(&changed);
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { data, size };
	struct message m = { 0 };

	if (size > 0)
		fuzz_read_message(&m, &in);
	check_qualify(&m.header);
	check_rules(&m.header);
	message_free(&m);
}
