/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Header sections (mail/header.h, envelope.h, add_headers.h).
 * Input: an octet with the settings for added fields, and a message.
 *
 *   - The fields are the whole header section, in order, and each has a name.
 *     header_remove() removes the given fields and nothing else.
 *   - Every recipient passes path_check(), and there are no duplicates.
 *   - Unless there are Resent blocks, cleaning adds no recipient and loses none,
 *     and a second time it changes nothing.
 *   - A completed header section is valid: it has only fields and continuation
 *     lines, no empty line, and no new control character.
 *   - It has each required field once, and no field that must not be sent.  The
 *     body is unchanged.  Completing it again changes nothing.
 */
#include "base/text.h"
#include "fuzz.h"
#include "mail/add_headers.h"
#include "mail/clean_headers.h"
#include "mail/envelope.h"
#include "mail/header.h"
#include "mail/path.h"
#include "message_input.h"

static const char *const never_sent[] = { "Return-Path", "Content-Length" };
static const char *const hidden[] = { "Bcc", "Resent-Bcc" };

static bool
has_line_like(const struct str *header, const char *wrong)
{
	return memmem(str_text(header), header->len, wrong, strlen(wrong))
	    != NULL;
}

static void
check_regular(const struct str *header)
{
	struct header_field field;
	size_t offset = 0, sum = 0;

	fuzz_assert(!has_line_like(header, "\n\n"));
	fuzz_assert(!has_line_like(header, "\r"));
	fuzz_assert(memchr(str_text(header), '\0', header->len) == NULL);
	fuzz_assert(header->len == 0
	    || (header->data[0] != '\n'
		&& header->data[header->len - 1] == '\n'));
	while (header_next(header, &offset, &field)) {
		fuzz_assert(field.start == header->data + sum);
		fuzz_assert(field.len > 0 && field.name_len > 0);
		fuzz_assert(field.value > field.start + field.name_len);
		fuzz_assert(field.value + field.value_len + 1
		    == field.start + field.len);
		sum += field.len;
		fuzz_assert(offset == sum);
	}
	fuzz_assert(sum == header->len);
}

/* Compares header_remove() with a second implementation. */
static void
check_remove(const struct str *header)
{
	static const char *const names[] = { "To", "Resent-From", "x" };
	struct str expected = { 0 }, changed = { 0 }, value = { 0 };
	struct header_field field;
	size_t offset = 0;

	while (header_next(header, &offset, &field)) {
		bool is = false;

		for (size_t i = 0; i < COUNT_OF(names); i++)
			is = is || header_field_is(&field, names[i]);
		if (!is)
			str_append(&expected, field.start, field.len);
		str_truncate(&value, 0);
		header_unfold(&field, &value);
		fuzz_assert(!has_line_like(&value, "\n"));
	}
	str_append(&changed, str_text(header), header->len);
	header_remove(&changed, names, COUNT_OF(names));
	fuzz_assert(changed.len == expected.len
	    && memcmp(str_text(&changed), str_text(&expected), changed.len)
		== 0);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		fuzz_assert(!header_has(&changed, names[i]));
	str_free(&expected);
	str_free(&changed);
	str_free(&value);
}

static void
check_recipients(const struct str *header)
{
	struct envelope e = { 0 };
	struct error err = { 0 };
	bool ok = envelope_add_header(&e, header, &err);

	fuzz_check_result(ok, &err);
	fuzz_assert(ok || err.kind == ERROR_ADDRESS);
	error_free(&err);
	for (size_t i = 0; i < e.count; i++) {
		fuzz_assert(path_check(e.recipients[i].address, &err));
		for (size_t k = 0; k < i; k++)
			fuzz_assert(strcmp(e.recipients[i].address,
					e.recipients[k].address)
			    != 0);
	}
	envelope_free(&e);
}

/* Decodes the octet: two bits for each mode. */
static struct header_settings
decode_settings(unsigned octet)
{
	static const enum header_mode modes[] = { HEADER_MODE_AUTO,
		HEADER_MODE_ON, HEADER_MODE_OFF, HEADER_MODE_AUTO };

	return (struct header_settings){
		.from = modes[octet & 3],
		.date = modes[octet >> 2 & 3],
		.message_id = modes[octet >> 4 & 3],
		.set_to = (octet & 64) != 0,
		.remove_bcc = (octet & 128) == 0,
	};
}

static void
check_mode(const struct str *header, enum header_mode mode, const char *name)
{
	size_t count = header_count(header, name);

	fuzz_assert(mode != HEADER_MODE_ON || count == 1);
	fuzz_assert(mode == HEADER_MODE_OFF || count >= 1);
}

static void
check_completed(const struct message *m, const struct header_settings *settings)
{
	const struct str *header = &m->header;
	size_t start, end;

	check_regular(header);
	check_mode(header, settings->from, "From");
	check_mode(header, settings->date, "Date");
	check_mode(header, settings->message_id, "Message-ID");
	for (size_t i = 0; i < COUNT_OF(never_sent); i++)
		fuzz_assert(!header_has(header, never_sent[i]));
	for (size_t i = 0; settings->remove_bcc && i < COUNT_OF(hidden); i++)
		fuzz_assert(!header_has(header, hidden[i]));
	fuzz_assert(header_has(header, "To") || header_has(header, "Cc")
	    || header_has(header, "Bcc"));
	if (m->has_8bit_body)
		fuzz_assert(header_has(header, "MIME-Version")
		    || header_has(header, "Content-Type")
		    || header_has(header, "Content-Transfer-Encoding"));
	if (header_find_resent(header, &start, &end)) {
		fuzz_assert(start < end && end <= header->len);
		fuzz_assert(
		    strncasecmp(header->data + start, "Resent-", 7) == 0);
	}
}

/* Without replacing fields, completing again changes nothing. */
static void
check_again(struct message *m, const struct header_settings *settings,
    const struct header_values *facts)
{
	struct header_settings without_replacing = *settings;
	struct header_values without_bcc = *facts;
	struct str before = { 0 };
	struct error err = { 0 };

	if (without_replacing.from == HEADER_MODE_ON)
		without_replacing.from = HEADER_MODE_AUTO;
	if (without_replacing.date == HEADER_MODE_ON)
		without_replacing.date = HEADER_MODE_AUTO;
	if (without_replacing.message_id == HEADER_MODE_ON)
		without_replacing.message_id = HEADER_MODE_AUTO;
	without_replacing.set_to = false;
	/* Without its Bcc, the current Resent block may be another one. */
	without_bcc.resends = false;
	str_append(&before, m->header.data, m->header.len);
	fuzz_assert(
	    message_add_headers(m, &without_replacing, &without_bcc, &err));
	fuzz_assert_text(str_equal(&before, str_text(&m->header)),
	    str_text(&m->header));
	str_free(&before);
}

static void
copy_recipients(const struct str *header, struct envelope *e)
{
	struct error err = { 0 };

	if (!envelope_add_header(e, header, &err))
		envelope_free(e);
	error_free(&err);
}

/* Whether both envelopes have the same recipients, in any order. */
static bool
same_recipients(const struct envelope *a, const struct envelope *b)
{
	for (size_t i = 0; i < a->count; i++)
		if (envelope_find(b, a->recipients[i].address) == NULL)
			return false;
	return a->count == b->count;
}

static void
check_clean(struct str *header, const struct header_settings *settings,
    char **name)
{
	struct envelope before = { 0 }, after = { 0 };
	struct strv notes = { 0 };
	struct str once = { 0 };
	char *none = NULL;
	size_t start, end;
	bool resent = header_find_resent(header, &start, &end);

	copy_recipients(header, &before);
	header_clean(header, settings, true, name, &notes);
	check_regular(header);
	copy_recipients(header, &after);
	/* A removed field may have separated Resent blocks. */
	fuzz_assert(resent || same_recipients(&before, &after));
	str_append(&once, str_text(header), header->len);
	header_clean(&once, settings, true, &none, &notes);
	fuzz_assert(resent || str_equal(&once, str_text(header)));
	fuzz_assert(none == NULL);
	fuzz_assert(
	    *name == NULL || (strchr(*name, '\n') == NULL && **name != '\0'));
	envelope_free(&before);
	envelope_free(&after);
	strv_free(&notes);
	str_free(&once);
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { data, size };
	const struct header_settings settings =
	    decode_settings(input_octet(&in));
	char *items[] = { "bob@example.net", "\"c d\"@example.net", NULL };
	const struct strv operands = { items, 2 };
	struct header_values facts = { .from = "alice@example.org",
		.full_name = "Alice \"A\" Example",
		.domain = "host.example.org",
		.operands = &operands,
		.now = 1700000000,
		.resends = true };
	struct message m = { 0 };
	struct error err = { 0 };
	struct str body = { 0 };
	char *name = NULL;
	bool ok;

	fuzz_read_message(&m, &in);
	check_regular(&m.header);
	check_remove(&m.header);
	check_recipients(&m.header);
	check_clean(&m.header, &settings, &name);
	facts.phrase = name;
	str_append(&body, str_text(&m.body.memory), m.body.memory.len);
	ok = message_add_headers(&m, &settings, &facts, &err);
	fuzz_check_result(ok, &err);
	if (ok) {
		check_completed(&m, &settings);
		fuzz_assert(str_equal(&body, str_text(&m.body.memory)));
		check_again(&m, &settings, &facts);
	} else {
		fuzz_assert(err.kind == ERROR_LOOP);
	}
	error_free(&err);
	str_free(&body);
	free(name);
	message_free(&m);
}
