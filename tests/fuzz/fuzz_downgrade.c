/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Downgrading (mime/downgrade.h, structure.h, transfer_encoding.h,
 * mail/header_encode.h).  Input: a message; each "~" in it is replaced by 700
 * letters.
 *
 *   - All lines become short enough, or are broken.  A second time nothing
 *     changes.
 *   - A message converted to 7 bits is ASCII, has short lines, and ends with a
 *     line end.
 *   - If the conversion is impossible, there is an error and the message is
 *     unchanged.
 *   - The sizes and flags of the message are correct.
 */
#include "base/text.h"
#include "fuzz.h"
#include "mail/header_encode.h"
#include "mail/read_message.h"
#include "mime/downgrade.h"

static void
read_message(struct message *m, struct input *in)
{
	struct message_reader intake;
	struct str text = { 0 };
	bool ok;

	for (; in->left > 0; in->left--, in->at++)
		for (int i = 0; i < (*in->at == '~' ? 700 : 1); i++)
			str_add_char(&text, *in->at == '~' ? 'x' : *in->at);
	message_reader_begin(&intake, m, false);
	ok = (text.len == 0
		 || message_reader_feed(&intake, text.data, text.len, NULL))
	    && message_reader_end(&intake, NULL);
	fuzz_assert(ok || text_is_utf16(str_text(&text), text.len));
	message_reader_free(&intake);
	str_free(&text);
}

static void
print_body(const struct message *m, struct str *out)
{
	size_t got;

	fuzz_assert(buffer_file_read(&m->body, 0,
	    str_reserve(out, (size_t)m->body.size), (size_t)m->body.size, &got,
	    NULL));
	fuzz_assert(got == m->body.size);
	out->len += got;
	out->data[out->len] = '\0';
}

static bool
has_long_line(const struct str *text)
{
	size_t column = 0;

	for (size_t i = 0; i < text->len; i++) {
		column = text->data[i] == '\n' ? 0 : column + 1;
		if (column > MESSAGE_LINE_MAX)
			return true;
	}
	return false;
}

static void
check_facts(const struct message *m)
{
	struct str body = { 0 };
	uint64_t lines = 0;

	print_body(m, &body);
	for (size_t i = 0; i < body.len; i++)
		lines += body.data[i] == '\n';
	fuzz_assert(lines == m->body_lines);
	fuzz_assert(m->has_8bit_body != text_is_ascii(body.data, body.len));
	fuzz_assert(m->has_8bit_header
	    != text_is_ascii(str_text(&m->header), m->header.len));
	fuzz_assert(m->has_long_lines == has_long_line(&body));
	fuzz_assert(body.len == 0 || body.data[body.len - 1] == '\n');
	fuzz_assert(
	    m->header.len == 0 || m->header.data[m->header.len - 1] == '\n');
	str_free(&body);
}

static void
print_message(const struct message *m, struct str *out)
{
	str_append(out, str_text(&m->header), m->header.len);
	str_add_char(out, '\n');
	print_body(m, out);
}

/* A second time changes nothing. */
static void
check_step(struct message *m,
    bool (*step)(struct message *m, struct error *err))
{
	struct str before = { 0 }, after = { 0 };

	fuzz_assert(step(m, NULL));
	check_facts(m);
	fuzz_assert(!header_is_long(&m->header));
	print_message(m, &before);
	fuzz_assert(step(m, NULL));
	print_message(m, &after);
	fuzz_assert(before.len == after.len
	    && memcmp(before.data, after.data, after.len) == 0);
	str_free(&before);
	str_free(&after);
}

static void
check_ascii(struct message *m)
{
	struct str before = { 0 }, after = { 0 };
	struct error err = { 0 };
	bool was_short = !m->has_long_lines;

	print_message(m, &before);
	if (message_make_7bit(m, &err)) {
		fuzz_assert(!error_is_set(&err));
		fuzz_assert(!message_is_8bit(m));
		fuzz_assert(!header_is_long(&m->header));
		check_facts(m);
		fuzz_assert(!was_short || !m->has_long_lines);
	} else {
		fuzz_assert(err.kind == ERROR_UNSUPPORTED);
		print_message(m, &after);
		fuzz_assert(before.len == after.len
		    && memcmp(before.data, after.data, after.len) == 0);
	}
	error_free(&err);
	str_free(&before);
	str_free(&after);
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { data, size };
	struct message m = { 0 };

	read_message(&m, &in);
	check_step(&m, message_shorten_lines);
	check_ascii(&m);
	check_step(&m, message_break_lines);
	fuzz_assert(!m.has_long_lines);
	message_free(&m);
}
