/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Encodes and repairs quoted-printable and base64, and breaks lines. */
#include "mime/transfer_encoding.h"

#include <string.h>

#include "base/base64.h"
#include "base/text.h"
#include "mail/encode.h"
#include "mail/message.h"

/* RFC 2045 section 6.7 (5): 76 octets with the "=" of a soft line break. */
#define QUOTED_MAX 75
#define BASE64_LINE 76
/* Octets before the limit of a line in which a blank is searched. */
#define BREAK_ROOM 200

static bool
is_8bit(char c)
{
	return (unsigned char)c > 127;
}

/* Quoted-printable */

/* Adds a soft line break unless width octets fit.  ends: they end the line. */
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
	encode_hex(out, '=', c);
	t->column += 3;
}

static bool
is_line_end(const char *data, size_t len)
{
	return len == 0 || *data == '\n';
}

/* Whether a line begins here like a delimiter of a multipart. */
static bool
begins_delimiter(const struct transfer *t, const char *data, size_t len)
{
	return t->column == 0 && len > 1 && data[0] == '-' && data[1] == '-';
}

/*
 * Whether an octet needs no encoding.  A blank at the end of a line could get
 * lost; mail systems change "." and "From " at its start (RFC 2049 section 3).
 * A soft line break or "=3D" could produce a line that is a delimiter.
 */
static bool
is_safe(const struct transfer *t, const char *data, size_t len)
{
	if (*data == ' ' || *data == '\t')
		return !is_line_end(data + 1, len - 1);
	if (begins_delimiter(t, data, len))
		return false;
	if (t->column == 0 && *data == '.')
		return false;
	if (t->column == 0 && *data == 'F')
		return len < 5 || memcmp(data, "From ", 5) != 0;
	return *data > ' ' && *data < 127 && *data != '=';
}

/* Octets that decide how the first of them is encoded. */
#define QUOTED_LOOKAHEAD 5

/*
 * quoted-printable := qp-line *(CRLF qp-line)
 * qp-line := *(qp-segment transport-padding CRLF) qp-part transport-padding
 * qp-segment := qp-section *(SPACE / TAB) "="
 * (RFC 2045 section 6.7)
 */
static size_t
quote(struct transfer *t, const char *data, size_t len, bool last,
    struct str *out)
{
	size_t i = 0;

	for (; i < len && (last || len - i >= QUOTED_LOOKAHEAD); i++) {
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

static bool
is_hex(char c)
{
	return encode_hex_value(c) >= 0;
}

/* The width of an octet, or of "=C3" or "=\n", which must not be split; so must
 * not "= ", which can be a soft line break with padding. */
static size_t
token_width(const char *at, size_t rest)
{
	if (*at != '=' || rest < 2)
		return 1;
	if (at[1] == '\n' || text_is_space(at[1]))
		return 2;
	return rest > 2 && is_hex(at[1]) && is_hex(at[2]) ? 3 : 1;
}

/* Whether the octet must be encoded.  Readers decode an "=" that begins no token
 * in different ways. */
static bool
needs_repair(const struct transfer *t, const char *at, size_t rest,
    size_t width)
{
	return is_8bit(*at) || begins_delimiter(t, at, rest)
	    || (*at == '=' && width == 1
		&& (rest > 2 || (rest > 1 && is_8bit(at[1]))));
}

/* Encodes octets over 127 and breaks lines; keeps everything else. */
static size_t
repair_quoted(struct transfer *t, const char *data, size_t len, bool last,
    struct str *out)
{
	size_t i = 0;

	while (i < len && (last || len - i >= QUOTED_LOOKAHEAD)) {
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
		make_room(t, needs_repair(t, at, rest, width) ? 3 : width,
		    is_line_end(at + width, rest - width), out);
		if (needs_repair(t, at, rest, width)) {
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
write_base64_line(struct transfer *t, struct str *out)
{
	if (t->written_line)
		str_add_char(out, '\n');
	base64_encode(out, t->held, t->held_len);
	t->held_len = 0;
	t->written_line = true;
}

static void
hold(struct transfer *t, char c, struct str *out)
{
	t->held[t->held_len++] = c;
	if (t->held_len == TRANSFER_LINE_OCTETS)
		write_base64_line(t, out);
}

static size_t
encode_base64(struct transfer *t, const char *data, size_t len, bool last,
    struct str *out)
{
	bool is_text = t->change == TRANSFER_BASE64;

	for (size_t i = 0; i < len; i++) {
		if (is_text && data[i] == '\n')
			hold(t, '\r', out);
		hold(t, data[i], out);
	}
	if (last && t->held_len > 0)
		write_base64_line(t, out);
	return len;
}

static size_t
repair_base64(struct transfer *t, const char *data, size_t len, bool last,
    struct str *out)
{
	(void)last;
	for (size_t i = 0; i < len; i++) {
		if (t->column == BASE64_LINE && data[i] != '\n') {
			str_add_char(out, '\n');
			t->column = 0;
		}
		str_add_char(out, data[i]);
		t->column = data[i] == '\n' ? 0 : t->column + 1;
	}
	return len;
}

/* Line ends */

/* Whether a line may begin here: not like a delimiter or inside a character. */
static bool
may_begin(const char *at)
{
	return *at != '-' && !text_is_utf8_tail(*at);
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
	[TRANSFER_BASE64] = encode_base64,
	[TRANSFER_BASE64_OCTETS] = encode_base64,
	[TRANSFER_REPAIR_QUOTED] = repair_quoted,
	[TRANSFER_REPAIR_BASE64] = repair_base64,
	[TRANSFER_BREAK_LINES] = break_lines,
};

size_t
transfer_feed(struct transfer *t, const char *data, size_t len, bool last,
    struct str *out)
{
	return changes[t->change](t, data, len, last, out);
}
