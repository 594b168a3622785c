/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/transfer_encoding.h"

#include <string.h>

#include "base/base64.h"
#include "base/text.h"
#include "mail/message.h"

/* RFC 2045 section 6.7 (5): 76 octets with the "=" of a soft line break. */
#define QUOTED_MAX 75
#define PACKED_LINE 76
/* How far before the limit a line is broken for the sake of a blank. */
#define BREAK_ROOM 200

static bool
is_high(char c)
{
	return (unsigned char)c > 127;
}

/* Quoted-printable */

/* Makes room for so many octets on the line; all fit if they end it. */
static void
make_room(struct transfer *t, size_t width, bool ends, struct str *out)
{
	if (t->column + width <= QUOTED_MAX + (ends ? 1 : 0))
		return;
	str_add(out, "=\n");
	t->column = 0;
}

static void
add_hex(struct transfer *t, char c, struct str *out)
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned char octet = (unsigned char)c;

	str_add_char(out, '=');
	str_add_char(out, digits[octet >> 4]);
	str_add_char(out, digits[octet & 15]);
	t->column += 3;
}

static bool
is_line_end(const char *data, size_t len)
{
	return len == 0 || *data == '\n';
}

/*
 * Whether an octet may stand for itself.  Blanks may not at the end of a
 * line, where they get lost; "." and "From " not at its start, where hosts
 * on the way like to change them (RFC 2049 section 3).
 */
static bool
is_safe(const struct transfer *t, const char *data, size_t len)
{
	if (*data == ' ' || *data == '\t')
		return !is_line_end(data + 1, len - 1);
	if (t->column == 0 && *data == '.')
		return false;
	if (t->column == 0 && *data == 'F')
		return len < 5 || memcmp(data, "From ", 5) != 0;
	return *data > ' ' && *data < 127 && *data != '=';
}

/* So many octets behind one decide what becomes of it. */
#define QUOTE_LOOKAHEAD 5

static size_t
quote(struct transfer *t, const char *data, size_t len, bool last,
    struct str *out)
{
	size_t i = 0;

	for (; i < len && (last || len - i >= QUOTE_LOOKAHEAD); i++) {
		const char *at = data + i;
		size_t rest = len - i;
		bool ends;

		if (*at == '\n') {
			str_add_char(out, '\n');
			t->column = 0;
			continue;
		}
		ends = is_line_end(at + 1, rest - 1);
		make_room(t, is_safe(t, at, rest) ? 1 : 3, ends, out);
		if (!is_safe(t, at, rest)) {
			add_hex(t, *at, out);
			continue;
		}
		str_add_char(out, *at);
		t->column++;
	}
	return i;
}

/* "=C3" and "=\n" stay whole. */
static size_t
token_width(const char *at, size_t rest)
{
	if (*at != '=')
		return 1;
	for (size_t i = 1; i < 3 && i < rest; i++)
		if (is_high(at[i]))
			return 1;
	return rest < 3 ? rest : 3;
}

/* Keeps what is quoted already as it is. */
static size_t
mend_quoted(struct transfer *t, const char *data, size_t len, bool last,
    struct str *out)
{
	size_t i = 0;

	while (i < len && (last || len - i >= QUOTE_LOOKAHEAD)) {
		const char *at = data + i;
		size_t rest = len - i;
		size_t width = token_width(at, rest);
		const char *lf = memchr(at, '\n', width);

		if (lf != NULL) {
			str_append(out, at, (size_t)(lf + 1 - at));
			t->column = 0;
			i += (size_t)(lf + 1 - at);
			continue;
		}
		make_room(t, is_high(*at) ? 3 : width,
		    is_line_end(at + width, rest - width), out);
		if (is_high(*at)) {
			add_hex(t, *at, out);
		} else {
			str_append(out, at, width);
			t->column += width;
		}
		i += width;
	}
	return i;
}

/* Base64 */

static void
write_packed_line(struct transfer *t, struct str *out)
{
	if (t->any)
		str_add_char(out, '\n');
	base64_encode(out, t->held, t->held_len);
	t->held_len = 0;
	t->any = true;
}

static void
hold(struct transfer *t, char c, struct str *out)
{
	t->held[t->held_len++] = c;
	if (t->held_len == TRANSFER_LINE_OCTETS)
		write_packed_line(t, out);
}

static size_t
pack(struct transfer *t, const char *data, size_t len, bool last,
    struct str *out)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\n')
			hold(t, '\r', out);
		hold(t, data[i], out);
	}
	if (last && t->held_len > 0)
		write_packed_line(t, out);
	return len;
}

/* RFC 2045 section 6.8: what is not of the alphabet means nothing. */
static size_t
mend_packed(struct transfer *t, const char *data, size_t len, bool last,
    struct str *out)
{
	(void)last;
	for (size_t i = 0; i < len; i++) {
		if (is_high(data[i]))
			continue;
		if (t->column == PACKED_LINE && data[i] != '\n') {
			str_add_char(out, '\n');
			t->column = 0;
		}
		str_add_char(out, data[i]);
		t->column = data[i] == '\n' ? 0 : t->column + 1;
	}
	return len;
}

/* Lesser changes */

/* No line may begin like a delimiter, or in the middle of a character. */
static bool
may_begin(const char *at)
{
	return *at != '-' && ((unsigned char)*at & 0xc0) != 0x80;
}

/* Where to break a line of more than MESSAGE_LINE_MAX octets. */
static size_t
break_at(const char *line)
{
	size_t hard = MESSAGE_LINE_MAX;

	for (size_t i = MESSAGE_LINE_MAX; i > MESSAGE_LINE_MAX - BREAK_ROOM;
	     i--)
		if (text_is_space(line[i - 1]) && !text_is_space(line[i])
		    && may_begin(line + i))
			return i;
	while (hard > MESSAGE_LINE_MAX - BREAK_ROOM && !may_begin(line + hard))
		hard--;
	return hard;
}

/* Each call begins at the start of a line. */
static size_t
break_lines(struct transfer *t, const char *data, size_t len, bool last,
    struct str *out)
{
	const char *at = data, *end = data + len;

	(void)t;
	while (at < end) {
		size_t rest = (size_t)(end - at);
		size_t most =
		    rest < MESSAGE_LINE_MAX + 1 ? rest : MESSAGE_LINE_MAX + 1;
		const char *lf = memchr(at, '\n', most);
		size_t part = lf != NULL ? (size_t)(lf + 1 - at) : most;

		if (lf == NULL && most == MESSAGE_LINE_MAX + 1)
			part = break_at(at);
		else if (lf == NULL && !last)
			break;
		str_append(out, at, part);
		if (lf == NULL && most == MESSAGE_LINE_MAX + 1)
			str_add_char(out, '\n');
		at += part;
	}
	return (size_t)(at - data);
}

static size_t
mask(struct transfer *t, const char *data, size_t len, bool last,
    struct str *out)
{
	(void)t;
	(void)last;
	str_reserve(out, len);
	for (size_t i = 0; i < len; i++)
		str_add_char(out, is_high(data[i]) ? '?' : data[i]);
	return len;
}

static size_t
keep(struct transfer *t, const char *data, size_t len, bool last,
    struct str *out)
{
	(void)t;
	(void)last;
	str_append(out, data, len);
	return len;
}

static size_t (*const changes[])(struct transfer *t, const char *data,
    size_t len, bool last, struct str *out) = {
	[TRANSFER_KEEP] = keep,
	[TRANSFER_QUOTED_PRINTABLE] = quote,
	[TRANSFER_BASE64] = pack,
	[TRANSFER_REPAIR_QUOTED] = mend_quoted,
	[TRANSFER_REPAIR_BASE64] = mend_packed,
	[TRANSFER_BREAK_LINES] = break_lines,
	[TRANSFER_REPLACE_8BIT] = mask,
};

size_t
transfer_feed(struct transfer *t, const char *data, size_t len, bool last,
    struct str *out)
{
	return changes[t->change](t, data, len, last, out);
}
