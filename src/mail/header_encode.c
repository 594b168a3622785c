/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Encodes each field by its syntax: as unstructured text, as an address list
 * whose display names and comments are encoded, or as parameters.  Folds long
 * lines.
 */
#include "mail/header_encode.h"

#include <stddef.h>
#include <string.h>

#include "base/attr.h"
#include "base/text.h"
#include "mail/encode.h"
#include "mail/header.h"
#include "mail/message.h"
#include "mail/token.h"

static const char *
skip_blanks(const char *at, const char *end)
{
	while (at < end && header_is_blank(*at))
		at++;
	return at;
}

/* Folding */

/* The longest part of a line after which a blank is inserted. */
#define FOLD_MAX (MESSAGE_LINE_MAX - 1)

bool
header_is_long(const struct str *header)
{
	const char *at = str_text(header), *end = at + header->len;
	size_t len;

	while (text_next_line(&at, end, &len) != NULL)
		if (len > MESSAGE_LINE_MAX)
			return true;
	return false;
}

/*
 * The offset of the last blank that leaves a short enough line before it, or
 * 0.  Neither part may be empty.
 */
static size_t
last_blank(const char *line)
{
	size_t first = strspn(line, " \t");

	for (size_t i = FOLD_MAX; i > first; i--)
		if (text_is_space(line[i]) && !text_is_space(line[i + 1])
		    && line[i + 1] != '\n')
			return i;
	return 0;
}

/* The offset after the last comma that leaves a short enough line, or 0. */
static size_t
last_comma(const char *line)
{
	for (size_t i = FOLD_MAX; i > 1; i--)
		if (line[i - 1] == ',')
			return i;
	return 0;
}

/* The end of the last whole UTF-8 character that fits. */
static size_t
last_character(const char *line)
{
	size_t i = FOLD_MAX;

	while (i > FOLD_MAX - 3 && text_is_utf8_tail(line[i]))
		i--;
	return i;
}

/*
 * Appends one line without its line end, folded.  Returns true if it had to be
 * broken between two characters.
 */
static bool
fold_line(const char *line, const char *end, struct str *out)
{
	size_t blank = 0; /* 1 if a blank was inserted before the rest */
	bool broken = false;

	while ((size_t)(end - line) + blank > MESSAGE_LINE_MAX) {
		size_t at = last_blank(line);

		if (at > 0) {
			str_append(out, line, at);
			str_add_char(out, '\n');
			line += at;
			blank = 0;
			continue;
		}
		at = last_comma(line);
		broken |= at == 0;
		at = at == 0 ? last_character(line) : at;
		str_append(out, line, at);
		/* A line of blanks would look like the end of the header. */
		line = skip_blanks(line + at, end);
		if (line == end)
			return broken;
		str_add(out, "\n ");
		blank = 1;
	}
	str_append(out, line, (size_t)(end - line));
	return broken;
}

bool
header_fold(struct str *header)
{
	const char *at = str_text(header), *end = at + header->len, *line;
	struct str folded = { 0 };
	size_t len;
	bool broken = false;

	if (!header_is_long(header))
		return false;
	while ((line = text_next_line(&at, end, &len)) != NULL) {
		broken |= fold_line(line, line + len, &folded);
		str_add_char(&folded, '\n');
	}
	str_free(header);
	*header = folded;
	return broken;
}

static bool
has_high(const char *from, const char *to)
{
	return !text_is_ascii(from, (size_t)(to - from));
}

/* Appends the text, unfolded, as encoded-words. */
static void
add_words(struct str *out, const char *from, const char *to)
{
	struct str text = { 0 };

	for (; from < to; from++)
		if (*from != '\n')
			str_add_char(&text, *from);
	encode_words(out, str_text(&text), text.len);
	str_free(&text);
}

/* Unstructured fields */

static const char *
skip_word(const char *at, const char *end)
{
	while (at < end && !header_is_blank(*at))
		at++;
	return at;
}

/* The end of consecutive words that all have octets over 127. */
static const char *
high_run_end(const char *at, const char *end)
{
	for (;;) {
		const char *word = skip_blanks(at, end);
		const char *stop = skip_word(word, end);

		if (word == end || !has_high(word, stop))
			return at;
		at = stop;
	}
}

/*
 * Readers drop the blanks between encoded-words (RFC 2047 section 6.2), so
 * consecutive words with octets over 127 are encoded as one text.
 */
static bool
encode_text(const char *at, const char *end, struct str *out)
{
	while (at < end) {
		const char *word = skip_blanks(at, end);
		const char *stop = high_run_end(at, end);

		str_append(out, at, (size_t)(word - at));
		if (stop > at) {
			add_words(out, word, stop);
		} else {
			stop = skip_word(word, end);
			str_append(out, word, (size_t)(stop - word));
		}
		at = stop;
	}
	return true;
}

/* Addresses */

/* The end of the comment or quoted string that begins at `at`. */
static const char *
skip_delimited(const char *at, const char *end)
{
	const char *stop = token_skip_delimited(at, end);

	return stop != NULL ? stop : end;
}

/* Appends the text between two phrases, with its comments encoded. */
static void
add_between(struct str *out, const char *at, const char *end)
{
	while (at < end) {
		bool comment = *at == '(';
		const char *stop =
		    comment || *at == '"' ? skip_delimited(at, end) : at + 1;

		if (comment && stop[-1] == ')' && has_high(at, stop)) {
			str_add_char(out, '(');
			add_words(out, at + 1, stop - 1);
			str_add_char(out, ')');
		} else {
			str_append(out, at, (size_t)(stop - at));
		}
		at = stop;
	}
}

/* Appends the value of consecutive words; returns their end. */
static const char *
read_words(struct tokens *t, struct str *text)
{
	const char *end = t->now.text;

	for (; tokens_at_word(t); tokens_next(t)) {
		if (t->now.spaced && text->len > 0)
			str_add_char(text, ' ');
		token_value(&t->now, text);
		end = t->at;
	}
	return end;
}

/*
 * Encodes display names, group names and comments.  Returns false if an
 * addr-spec has octets over 127: it cannot be encoded.
 */
static bool
encode_addresses(const char *at, const char *end, struct str *out)
{
	struct str text = { 0 };
	struct tokens t;
	bool ok = true;

	tokens_begin(&t, at, (size_t)(end - at));
	while (ok && t.now.kind != TOKEN_END && t.now.kind != TOKEN_BROKEN) {
		const char *start = t.now.text, *stop;

		if (!tokens_at_word(&t)) {
			tokens_next(&t);
			continue;
		}
		str_truncate(&text, 0);
		stop = read_words(&t, &text);
		if (text_is_ascii(str_text(&text), text.len))
			continue;
		ok = tokens_at(&t, '<') || tokens_at(&t, ':');
		add_between(out, at, start);
		encode_words(out, text.data, text.len);
		if (tokens_at(&t, '<') && !t.now.spaced)
			str_add_char(out, ' ');
		at = stop;
	}
	str_free(&text);
	add_between(out, at, end);
	return ok;
}

/* Parameters */

/*
 * ext-octet = "%" 2(DIGIT / "A" / "B" / "C" / "D" / "E" / "F")
 * attribute-char = <any (ASCII) CHAR except SPACE, CTLs, "*", "'", "%", or
 *                  tspecials>
 * (RFC 2231 section 7)
 */
static void
add_percent_encoded(struct str *out, const struct str *text)
{
	for (size_t i = 0; i < text->len; i++) {
		unsigned char c = (unsigned char)text->data[i];

		if (c > ' ' && c < 127
		    && strchr("*'%()<>@,;:\\\"/[]?=", c) == NULL)
			str_add_char(out, (char)c);
		else
			encode_hex(out, '%', text->data[i]);
	}
}

/* value := token / quoted-string (RFC 2045 section 5.1) */
static void
read_value(const char *at, const char *end, struct str *value)
{
	bool quoted;

	at = skip_blanks(at, end);
	while (end > at && header_is_blank(end[-1]))
		end--;
	quoted = at < end && *at == '"';
	for (at += quoted ? 1 : 0; at < end && !(quoted && *at == '"'); at++) {
		if (quoted && *at == '\\' && at + 1 < end)
			at++;
		if (*at != '\n')
			str_add_char(value, *at);
	}
}

/*
 * extended-parameter := extended-initial-name "=" extended-initial-value
 * extended-initial-name := attribute [initial-section] "*"
 * extended-initial-value := [charset] "'" [language] "'"
 *                           extended-other-values
 * extended-other-values := *(ext-octet / attribute-char)
 * Returns false if the parameter is extended already, or has no value.
 */
static bool
encode_parameter(const char *at, const char *end, struct str *out)
{
	const char *equals = memchr(at, '=', (size_t)(end - at));
	const char *attribute = skip_blanks(at, end);
	struct str value = { 0 };
	bool is_utf8;

	if (equals == NULL || has_high(at, equals)
	    || memchr(at, '*', (size_t)(equals - at)) != NULL)
		return false;
	str_append(out, at, (size_t)(attribute - at));
	while (attribute < equals && !header_is_blank(*attribute))
		str_add_char(out, *attribute++);
	read_value(equals + 1, end, &value);
	is_utf8 = text_is_utf8(str_text(&value), value.len);
	str_printf(out, "*=%s''", is_utf8 ? "utf-8" : "unknown-8bit");
	add_percent_encoded(out, &value);
	str_free(&value);
	return true;
}

static const char *
parameter_end(const char *at, const char *end)
{
	while (at < end && *at != ';')
		at =
		    *at == '"' || *at == '(' ? skip_delimited(at, end) : at + 1;
	return at;
}

static bool
encode_parameters(const char *at, const char *end, struct str *out)
{
	while (at < end) {
		const char *stop = parameter_end(at, end);

		if (!has_high(at, stop))
			str_append(out, at, (size_t)(stop - at));
		else if (!encode_parameter(at, stop, out))
			return false;
		if (stop < end)
			str_add_char(out, ';');
		at = stop + 1;
	}
	return true;
}

/* Fields */

/* All other fields are encoded as unstructured text. */
static const struct {
	const char *name;
	bool (*encode)(const char *at, const char *end, struct str *out);
} fields[] = {
	{ "From", encode_addresses },
	{ "Sender", encode_addresses },
	{ "Reply-To", encode_addresses },
	{ "To", encode_addresses },
	{ "Cc", encode_addresses },
	{ "Bcc", encode_addresses },
	{ "Resent-From", encode_addresses },
	{ "Resent-Sender", encode_addresses },
	{ "Resent-Reply-To", encode_addresses },
	{ "Resent-To", encode_addresses },
	{ "Resent-Cc", encode_addresses },
	{ "Resent-Bcc", encode_addresses },
	{ "Disposition-Notification-To", encode_addresses },
	{ "Content-Type", encode_parameters },
	{ "Content-Disposition", encode_parameters },
};

/* Appends the field with an encoded value. */
static bool
encode_field(const struct header_field *field, struct str *out,
    struct error *err)
{
	const char *end = field->value + field->value_len;
	size_t start = out->len;
	size_t i = 0;

	while (i < COUNT_OF(fields) && !header_field_is(field, fields[i].name))
		i++;
	str_append(out, field->start, (size_t)(field->value - field->start));
	if ((i < COUNT_OF(fields) ? fields[i].encode
				  : encode_text)(field->value, end, out)
	    && text_is_ascii(out->data + start, out->len - start)) {
		str_add_char(out, '\n');
		return true;
	}
	error_set(err, ERROR_UNSUPPORTED,
	    "the header field %.*s has 8-bit text that cannot be encoded, and "
	    "the server does not offer 8BITMIME",
	    (int)field->name_len, field->start);
	return error_status(err, "5.6.7");
}

bool
header_encode(struct str *header, struct error *err)
{
	struct str encoded = { 0 };
	struct header_field field;
	size_t offset = 0;

	if (text_is_ascii(str_text(header), header->len))
		return true;
	while (header_next(header, &offset, &field)) {
		if (!has_high(field.start, field.start + field.len)) {
			str_append(&encoded, field.start, field.len);
		} else if (!encode_field(&field, &encoded, err)) {
			str_free(&encoded);
			return false;
		}
	}
	str_free(header);
	*header = encoded;
	return true;
}
