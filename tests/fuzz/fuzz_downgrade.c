/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Downgrading (mime/downgrade.h, structure.h, transfer_encoding.h,
 * mail/header_encode.h).  Input: a message; each "~" in it is replaced by 700
 * letters.
 *
 *   - A part that is declared as binary and is not lines arrives with every
 *     octet, or there is an error.
 *   - All lines become short enough, or are broken.  A second time nothing
 *     changes.
 *   - A message converted to 7 bits is ASCII, has short lines, and ends with a
 *     line end.
 *   - If the conversion is impossible, there is an error and the message is
 *     unchanged.
 *   - No content is lost: the decoded content of each part is the same, and so
 *     is the text around the parts, which may be quoted-printable.  Only broken
 *     lines differ in their line ends.
 *   - The sizes and flags of the message are correct.
 */
#include "base/text.h"
#include "fuzz.h"
#include "mail/header_encode.h"
#include "mail/read_message.h"
#include "mime/downgrade.h"
#include "mime/structure.h"

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
	intake.exact = EXACT_IF_NEEDED;
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

/* Contents */

struct content {
	bool ignored; /* text around parts */
	struct str octets;
};

#define CONTENTS_MAX 1000

struct contents {
	struct content list[CONTENTS_MAX];
	size_t count;
	struct str body;
};

static int
hex_digit(char c)
{
	const char *digits = "0123456789ABCDEFabcdef", *at = strchr(digits, c);
	int value = at == NULL || c == '\0' ? -1 : (int)(at - digits);

	return value > 15 ? value - 6 : value;
}

/* Decodes quoted-printable; what is invalid stands for itself. */
static void
decode_quoted(const struct str *in, struct str *out)
{
	for (size_t i = 0; i < in->len; i++) {
		const char *at = in->data + i;
		size_t rest = in->len - i;

		if (*at == '=' && rest > 1 && at[1] == '\n') {
			i++;
		} else if (*at == '=' && rest > 2 && hex_digit(at[1]) >= 0
		    && hex_digit(at[2]) >= 0) {
			str_add_char(out,
			    (char)(hex_digit(at[1]) * 16 + hex_digit(at[2])));
			i += 2;
		} else {
			str_add_char(out, *at);
		}
	}
}

static bool
is_base64(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
	    || (c >= 'a' && c <= 'z') || c == '+' || c == '/';
}

static unsigned
base64_value(char c)
{
	return c >= 'a' ? (unsigned)(c - 'a') + 26
	    : c >= 'A'  ? (unsigned)(c - 'A')
	    : c >= '0'  ? (unsigned)(c - '0') + 52
	    : c == '+'  ? 62
			: 63;
}

static void
decode_base64_octets(const struct str *in, struct str *out)
{
	unsigned bits = 0, value = 0;

	for (size_t i = 0; i < in->len; i++) {
		if (!is_base64(in->data[i]))
			continue;
		value = value << 6 | base64_value(in->data[i]);
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		str_add_char(out, (char)(value >> bits & 255));
	}
}

/* Decodes text: CRLF in the result becomes LF. */
static void
decode_base64(const struct str *in, struct str *out)
{
	struct str octets = { 0 };

	decode_base64_octets(in, &octets);
	for (size_t i = 0; i < octets.len; i++)
		if (octets.data[i] != '\r')
			str_add_char(out, octets.data[i]);
	str_free(&octets);
}

/* Base64 that is not encoded here is compared without decoding it. */
static void
without_line_ends(const struct str *in, struct str *out)
{
	for (size_t i = 0; i < in->len; i++)
		if (in->data[i] != '\n')
			str_add_char(out, in->data[i]);
}

static void
add_content(struct contents *c, const struct mime_walk *w,
    const struct mime_piece *piece, const struct str *body)
{
	struct str text = { 0 };
	struct content *content = &c->list[c->count];

	fuzz_assert(piece->end <= body->len);
	str_append(&text, body->data + piece->start,
	    (size_t)(piece->end - piece->start));
	*content =
	    (struct content){ .ignored = piece->kind == MIME_PIECE_IGNORED };
	if (!content->ignored && w->entity.encoding == MIME_QUOTED_PRINTABLE)
		decode_quoted(&text, &content->octets);
	else
		str_append(&content->octets, str_text(&text), text.len);
	c->count++;
	str_free(&text);
}

/* Returns false if there are too many contents. */
static bool
gather(const struct message *m, struct contents *c)
{
	struct mime_walk w;
	struct mime_piece piece;

	c->count = 0;
	print_body(m, &c->body);
	mime_walk_begin(&w, &m->header, &m->body);
	while (mime_walk_next(&w, &piece, NULL))
		if (piece.kind != MIME_PIECE_HEADER
		    && piece.kind != MIME_PIECE_DELIMITER
		    && c->count < CONTENTS_MAX)
			add_content(c, &w, &piece, &c->body);
	mime_walk_end(&w);
	return c->count < CONTENTS_MAX;
}

static void
free_contents(struct contents *c)
{
	for (size_t i = 0; i < c->count; i++)
		str_free(&c->list[i].octets);
	str_free(&c->body);
	c->count = 0;
}

static bool
equals(const struct str *a, const struct str *b)
{
	return a->len == b->len
	    && memcmp(str_text(a), str_text(b), a->len) == 0;
}

/* Whether the change of the octets loses nothing. */
static bool
is_kept(const struct str *before, const struct str *after,
    void (*change)(const struct str *in, struct str *out))
{
	struct str changed = { 0 };
	bool same;

	change(after, &changed);
	same = equals(before, &changed);
	str_free(&changed);
	return same;
}

static bool
is_same_content(const struct content *a, const struct content *b,
    bool broken_lines)
{
	struct str x = { 0 }, y = { 0 };
	bool same;

	/* A multipart without parts becomes a part with text. */
	if (a->ignored != b->ignored)
		return false;
	without_line_ends(&a->octets, &x);
	without_line_ends(&b->octets, &y);
	same = equals(&a->octets, &b->octets)
	    || is_kept(&a->octets, &b->octets,
		a->ignored ? decode_quoted : decode_base64)
	    || (broken_lines && equals(&x, &y))
	    || (!a->ignored && text_is_ascii(str_text(&x), x.len)
		&& equals(&x, &y));
	str_free(&x);
	str_free(&y);
	return same;
}

static void
check_contents(struct contents *before, const struct message *m,
    bool broken_lines)
{
	static struct contents after;

	/* A header section whose boundary was invalid may become valid. */
	if (before->count < CONTENTS_MAX && gather(m, &after)
	    && !equals(&before->body, &after.body)) {
		fuzz_assert(before->count == after.count);
		for (size_t i = 0; i < after.count; i++)
			fuzz_assert(is_same_content(&before->list[i],
			    &after.list[i], broken_lines));
	}
	free_contents(&after);
	free_contents(before);
}

/* A second time changes nothing. */
static void
check_step(struct message *m,
    bool (*step)(struct message *m, struct error *err))
{
	struct str before = { 0 }, after = { 0 };
	static struct contents contents;

	gather(m, &contents);
	fuzz_assert(step(m, NULL));
	check_contents(&contents, m, step == message_break_lines);
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
	static struct contents contents;

	print_message(m, &before);
	gather(m, &contents);
	if (message_make_7bit(m, &err)) {
		fuzz_assert(!error_is_set(&err));
		check_contents(&contents, m, false);
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
	free_contents(&contents);
	error_free(&err);
	str_free(&before);
	str_free(&after);
}

/* The normal form of octets, as read_message.h defines it. */
static void
normalize(const struct str *in, struct str *out)
{
	for (size_t i = 0; i < in->len; i++) {
		size_t next = i + 1;

		while (next < in->len
		    && (in->data[next] == '\0' || in->data[next] == '\r'))
			next++;
		if (in->data[i] == '\r' && next < in->len
		    && in->data[next] != '\n')
			str_add_char(out, '\n');
		else if (in->data[i] != '\r' && in->data[i] != '\0')
			str_add_char(out, in->data[i]);
	}
	while (out->len > 0 && out->data[out->len - 1] == '\n')
		str_truncate(out, out->len - 1);
}

/* The octets of the encoded content have the old content as their normal form;
 * which line end is the last one may be unclear. */
static bool
is_same_octets(const struct content *a, const struct content *b)
{
	struct str before = { 0 }, octets = { 0 }, after = { 0 };
	bool same;

	normalize(&a->octets, &before);
	decode_base64_octets(&b->octets, &octets);
	normalize(&octets, &after);
	same = a->ignored == b->ignored
	    && (equals(&a->octets, &b->octets) || equals(&before, &after));
	str_free(&before);
	str_free(&octets);
	str_free(&after);
	return same;
}

/* Returns false if the message is rejected. */
static bool
check_binary(struct message *m)
{
	static struct contents before, after;
	struct error err = { 0 };
	uint64_t nuls = m->nuls;
	bool ok;

	gather(m, &before);
	ok = message_encode_binary(m, &err);
	fuzz_check_result(ok, &err);
	fuzz_assert(ok || err.kind == ERROR_UNSUPPORTED);
	fuzz_assert(m->nuls <= nuls);
	check_facts(m);
	if (ok && before.count < CONTENTS_MAX && gather(m, &after)) {
		fuzz_assert(before.count == after.count);
		for (size_t i = 0; i < after.count; i++)
			fuzz_assert(
			    is_same_octets(&before.list[i], &after.list[i]));
	}
	free_contents(&before);
	free_contents(&after);
	error_free(&err);
	return ok;
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { data, size };
	struct message m = { 0 };

	read_message(&m, &in);
	if (check_binary(&m)) {
		check_step(&m, message_shorten_lines);
		check_ascii(&m);
		check_step(&m, message_break_lines);
		fuzz_assert(!m.has_long_lines);
	}
	message_free(&m);
}
