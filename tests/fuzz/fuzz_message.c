/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading and sending a message (mail/read_message.h, mail/message.h,
 * client/body.h).  Input: an octet, which selects whether a dot ends the message
 * and the size of the pieces in which it is read, and the octets of a message.
 *
 *   - The result does not depend on the size of the pieces.
 *   - The message has no CR and no NUL, and header and body end in LF.  Each
 *     line of the header section is a field or a continuation line.
 *   - A byte order mark at the start is not part of the message, and a message
 *     in UTF-16 is an error.
 *   - The result is that of a simple second implementation of read_message.h.
 *   - The flags and counts are correct.
 *   - The octets of the body that are kept have the body as their normal form.
 *   - The sent octets have CR and LF only as CRLF, and no line with a single
 *     dot before the last.  Without dot-stuffing they are the message, and
 *     their size is message_size().
 */
#include "client/body.h"
#include "fuzz.h"
#include "mail/header.h"
#include "mail/message.h"
#include "mail/read_message.h"

/* Reading */

static bool
read_message(struct message *m, const struct input *in, bool dot_ends,
    size_t piece)
{
	struct message_reader intake;
	struct error err = { 0 };
	bool ok = true;

	message_reader_begin(&intake, m, dot_ends);
	intake.exact = EXACT_IF_NEEDED;
	for (size_t at = 0; ok && at < in->left; at += piece) {
		struct input part = { in->at + at,
			in->left - at < piece ? in->left - at : piece };
		char *copy = input_copy(&part);

		ok = message_reader_feed(&intake, copy, part.left, &err);
		free(copy);
	}
	ok = ok && message_reader_end(&intake, &err);
	fuzz_check_result(ok, &err);
	error_free(&err);
	message_reader_free(&intake);
	return ok;
}

static void
check_same(const struct message *a, const struct message *b)
{
	const struct str *x = &a->body.memory, *y = &b->body.memory;

	fuzz_assert(a->header.len == b->header.len);
	fuzz_assert(
	    memcmp(str_text(&a->header), str_text(&b->header), a->header.len)
	    == 0);
	fuzz_assert(x->len == y->len);
	fuzz_assert(memcmp(str_text(x), str_text(y), x->len) == 0);
	fuzz_assert(a->has_8bit_header == b->has_8bit_header);
	fuzz_assert(a->has_8bit_body == b->has_8bit_body);
	fuzz_assert(a->has_long_lines == b->has_long_lines);
	fuzz_assert(a->body_lines == b->body_lines);
	fuzz_assert(a->nuls == b->nuls && a->ignored == b->ignored);
	fuzz_assert(a->nul_field == b->nul_field);
}

/* A second implementation, in the steps of read_message.h. */

static void
without_nuls(const struct input *in, struct str *out)
{
	for (size_t i = 0; i < in->left; i++)
		if (in->at[i] != '\0')
			str_add_char(out, in->at[i]);
}

static void
without_crs(const struct str *in, struct str *out)
{
	for (size_t i = 0, crs; i < in->len; i += crs + 1) {
		for (crs = 0; i + crs < in->len && in->data[i + crs] == '\r';)
			crs++;
		if (i + crs == in->len)
			str_add(out, crs > 0 ? "\n" : "");
		else if (in->data[i + crs] == '\n')
			str_add_char(out, '\n');
		else
			for (size_t k = 0; k <= crs; k++)
				str_add_char(out, in->data[i + k]);
	}
	if (out->len > 0 && out->data[out->len - 1] != '\n')
		str_add_char(out, '\n');
}

static void
without_dots(const struct str *in, struct str *out)
{
	struct input rest = { str_text(in), in->len };

	while (rest.left > 0) {
		struct input line = input_split(&rest, '\n');

		if (line.left == 1 && *line.at == '.')
			return;
		if (line.left > 1 && line.at[0] == '.' && line.at[1] == '.')
			line = (struct input){ line.at + 1, line.left - 1 };
		str_append(out, line.at, line.left);
		str_add_char(out, '\n');
	}
}

/* field = name *WSP ":"; a CR is a blank here. */
static bool
is_field(const struct input *line)
{
	size_t i = 0;

	while (i < line->left && line->at[i] > 32 && line->at[i] < 127
	    && line->at[i] != ':')
		i++;
	if (i == 0 || i > HEADER_NAME_MAX)
		return false;
	for (size_t blanks = 0; i < line->left && blanks <= HEADER_NAME_MAX
	     && strchr(" \t\r", line->at[i]) != NULL;
	     blanks++)
		i++;
	return i < line->left && line->at[i] == ':';
}

static bool
is_mbox(const struct input *line)
{
	size_t quotes = 0;

	while (quotes < line->left && line->at[quotes] == '>')
		quotes++;
	return line->left - quotes >= 5
	    && memcmp(line->at + quotes, "From ", 5) == 0;
}

static bool
begins_with_blank(const struct input *line)
{
	return line->left > 0 && strchr(" \t\r", *line->at) != NULL;
}

static void
add_line(struct str *out, const struct input *line, char for_cr)
{
	for (size_t i = 0; i < line->left; i++)
		str_add_char(out, line->at[i] == '\r' ? for_cr : line->at[i]);
	str_add_char(out, '\n');
}

static void
split(const struct str *in, struct str *header, struct str *body)
{
	struct input rest = { str_text(in), in->len };
	bool in_body = false;

	while (rest.left > 0) {
		struct input line = input_split(&rest, '\n');

		if (in_body) {
			add_line(body, &line, '\n');
		} else if (is_field(&line)
		    || (begins_with_blank(&line) && header->len > 0)) {
			add_line(header, &line, ' ');
		} else if (header->len > 0 || !is_mbox(&line)) {
			in_body = true;
			if (line.left > 0)
				add_line(body, &line, '\n');
		}
	}
}

static void
check_reference(const struct message *m, const struct input *in, bool dot_ends)
{
	struct str a = { 0 }, b = { 0 }, c = { 0 }, header = { 0 },
		   body = { 0 };

	without_nuls(in, &a);
	without_crs(&a, &b);
	if (dot_ends)
		without_dots(&b, &c);
	else
		str_append(&c, str_text(&b), b.len);
	split(&c, &header, &body);
	fuzz_assert(m->nuls == in->left - a.len);
	fuzz_assert(m->header.len == header.len && m->body.size == body.len);
	fuzz_assert(
	    memcmp(str_text(&m->header), str_text(&header), header.len) == 0);
	fuzz_assert(
	    memcmp(str_text(&m->body.memory), str_text(&body), body.len) == 0);
	str_free(&a);
	str_free(&b);
	str_free(&c);
	str_free(&header);
	str_free(&body);
}

/* Checks of the result */

static bool
has_8bit(const struct str *s)
{
	for (size_t i = 0; i < s->len; i++)
		if ((unsigned char)s->data[i] > 127)
			return true;
	return false;
}

static void
check_regular(const struct str *s)
{
	fuzz_assert(s->len == 0 || memchr(s->data, '\r', s->len) == NULL);
	fuzz_assert(s->len == 0 || memchr(s->data, '\0', s->len) == NULL);
	fuzz_assert(s->len == 0 || s->data[s->len - 1] == '\n');
}

static void
check_message(const struct message *m)
{
	const struct str *body = &m->body.memory;
	struct input rest = { str_text(&m->header), m->header.len };
	uint64_t lines = 0;
	bool long_lines = false;

	check_regular(&m->header);
	check_regular(body);
	fuzz_assert(m->body.size == body->len);
	while (rest.left > 0) {
		bool first = rest.at == m->header.data;
		struct input line = input_split(&rest, '\n');

		fuzz_assert(
		    is_field(&line) || (!first && begins_with_blank(&line)));
	}
	rest = (struct input){ str_text(body), body->len };
	for (; rest.left > 0; lines++)
		long_lines |= input_split(&rest, '\n').left > MESSAGE_LINE_MAX;
	fuzz_assert(m->body_lines == lines);
	fuzz_assert(m->has_long_lines == long_lines);
	fuzz_assert(m->has_8bit_body == has_8bit(body));
	fuzz_assert(m->has_8bit_header == has_8bit(&m->header));
}

/* Which octets are kept depends on the pieces, but not what they mean. */
static void
check_exact(const struct message *m)
{
	struct input in = { str_text(&m->exact.memory), m->exact.memory.len };
	struct str text = { 0 }, lines = { 0 };

	if (!m->has_exact)
		return;
	without_nuls(&in, &text);
	without_crs(&text, &lines);
	for (size_t i = 0; i < lines.len; i++)
		if (lines.data[i] == '\r')
			lines.data[i] = '\n';
	fuzz_assert(lines.len == m->body.size);
	fuzz_assert(
	    memcmp(str_text(&lines), str_text(&m->body.memory), lines.len)
	    == 0);
	str_free(&text);
	str_free(&lines);
}

/* Sending, in the same pieces */

static void
encode(const struct str *text, size_t piece, bool stuff,
    struct body_encoder *encoder, struct str *out)
{
	encoder->stuff = stuff;
	for (size_t at = 0; at < text->len; at += piece)
		body_encode(encoder, text->data + at,
		    text->len - at < piece ? text->len - at : piece, out);
}

static void
check_wire(const struct message *m, size_t piece)
{
	struct body_encoder encoder = { 0 }, plain_encoder = { 0 };
	struct str whole = { 0 }, wire = { 0 }, plain = { 0 }, back = { 0 };
	struct input rest;

	str_append(&whole, str_text(&m->header), m->header.len);
	str_add_char(&whole, '\n');
	str_append(&whole, str_text(&m->body.memory), (size_t)m->body.size);
	encode(&whole, piece, true, &encoder, &wire);
	encode(&whole, piece, false, &plain_encoder, &plain);
	fuzz_assert(plain.len == message_size(m));

	rest = (struct input){ wire.data, wire.len };
	while (rest.left > 0) {
		struct input line = input_split(&rest, '\n');

		fuzz_assert(line.left > 0 && line.at[line.left - 1] == '\r');
		fuzz_assert(memchr(line.at, '\r', line.left - 1) == NULL);
		fuzz_assert(line.left != 2 || *line.at != '.');
		if (*line.at == '.')
			line = (struct input){ line.at + 1, line.left - 1 };
		str_append(&back, line.at, line.left - 1);
		str_add_char(&back, '\n');
	}
	fuzz_assert(back.len == whole.len
	    && memcmp(back.data, whole.data, whole.len) == 0);
	str_free(&whole);
	str_free(&wire);
	str_free(&plain);
	str_free(&back);
}

static bool
is_utf16(const struct input *in)
{
	const char *p = in->at;

	if (in->left >= 2
	    && (!memcmp(p, "\xff\xfe", 2) || !memcmp(p, "\xfe\xff", 2)))
		return true;
	return in->left >= 4
	    && ((p[0] && !p[1] && p[2] && !p[3])
		|| (!p[0] && p[1] && !p[2] && p[3]));
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { data, size };
	unsigned octet = input_octet(&in);
	bool dot_ends = octet % 2 == 1;
	size_t piece = 1 + octet / 2 % 16;
	struct message whole = { 0 }, pieces = { 0 };
	bool ok;

	ok = read_message(&whole, &in, dot_ends, in.left + 1);
	fuzz_assert(ok == !is_utf16(&in));
	fuzz_assert(ok == read_message(&pieces, &in, dot_ends, piece));
	if (in.left >= 3 && memcmp(in.at, "\xef\xbb\xbf", 3) == 0)
		in = (struct input){ in.at + 3, in.left - 3 };
	if (ok) {
		check_same(&whole, &pieces);
		check_reference(&whole, &in, dot_ends);
		check_message(&whole);
		check_exact(&whole);
		check_exact(&pieces);
		check_wire(&whole, piece);
		check_wire(&whole, BODY_BLOCK);
	}
	message_free(&whole);
	message_free(&pieces);
}
