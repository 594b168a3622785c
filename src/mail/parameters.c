/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Splits the value at its semicolons, and writes each parameter as it is or in
 * another form.
 */
#include "mail/parameters.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "mail/charset.h"
#include "mail/encode.h"
#include "mail/encoded_text.h"
#include "mail/token.h"

/* Octets of a line with a parameter, without its ";". */
#define LINE_OCTETS 75
/* Octets of a value in ASCII that is split into sections. */
#define LONG_VALUE 800

/*
 * parameter := attribute "=" value
 * attribute := attribute-name ["*" section] ["*"]
 * (RFC 2231 section 7, with the names put together)
 */
struct parameter {
	const char *start; /* behind the semicolon */
	const char *end;
	const char *name;
	size_t name_len;
	size_t section_len; /* of "*" and the number behind the name, or 0 */
	bool extended;      /* percent-encoded */
	struct str value;   /* without quotes and folding */
	const char *rest;   /* the comments behind the value */
};

/* Writes the parameters of one field. */
struct writer {
	struct str *out;
	const char *declared;
	/* The charset of the sections that the value has already, if one of
	 * them has octets over 127; else NULL. */
	const char *section_charset;
	bool split; /* only long parameters change */
};

/* Returns the end without blanks before it. */
static const char *
trim(const char *at, const char *end)
{
	while (end > at && header_is_blank(end[-1]))
		end--;
	return end;
}

/* Reading */

/* The end of the parameter, or of the type, that begins at `at`. */
static const char *
parameter_end(const char *at, const char *end)
{
	while (at < end && *at != ';') {
		const char *stop = at + 1;

		if (*at == '"' || *at == '(')
			stop = token_skip_delimited(at, end);
		at = stop != NULL ? stop : end;
	}
	return at;
}

/* Whether there are only blanks and comments. */
static bool
is_comments(const char *at, const char *end)
{
	while ((at = header_skip_blanks(at, end)) < end) {
		if (*at != '(')
			return false;
		at = token_skip_delimited(at, end);
		if (at == NULL)
			return false;
	}
	return true;
}

/* Reads a value without quotes: a token, or all text if other text than comments
 * follows the first word. */
static void
read_token(struct parameter *p, const char *at)
{
	const char *stop = at;

	while (stop < p->end && !header_is_blank(*stop) && *stop != '(')
		stop++;
	if (!is_comments(stop, p->end))
		stop = trim(at, p->end);
	for (; at < stop; at++)
		if (*at != '\n')
			str_add_char(&p->value, *at);
	p->rest = stop;
}

static void
read_quoted(struct parameter *p, const char *at)
{
	for (at++; at < p->end && *at != '"'; at++) {
		if (*at == '\\' && at + 1 < p->end)
			at++;
		if (*at != '\n')
			str_add_char(&p->value, *at);
	}
	p->rest = at < p->end ? at + 1 : at;
}

/* Reads what stands behind the name: ["*" 1*DIGIT] ["*"] */
static bool
read_section(struct parameter *p, const char *end)
{
	const char *at = p->name + p->name_len;

	if (at < end && at + 1 < end && text_is_digit(at[1]))
		for (at++; at < end && text_is_digit(*at); at++)
			;
	p->section_len = (size_t)(at - p->name) - p->name_len;
	p->extended = at < end && *at == '*';
	return at + (p->extended ? 1 : 0) == end;
}

/* Returns false if there is no name, no value, or an impossible section. */
static bool
read_parameter(struct parameter *p, const char *at, const char *end)
{
	const char *equals = memchr(at, '=', (size_t)(end - at));
	const char *stop, *star, *value;

	*p = (struct parameter){ .start = at, .end = end };
	if (equals == NULL)
		return false;
	p->name = header_skip_blanks(at, equals);
	stop = trim(p->name, equals);
	star = memchr(p->name, '*', (size_t)(stop - p->name));
	p->name_len = (size_t)((star != NULL ? star : stop) - p->name);
	if (p->name_len == 0 || text_has_high(p->name, stop)
	    || memchr(p->name, '(', p->name_len) != NULL
	    || !read_section(p, stop))
		return false;
	value = header_skip_blanks(equals + 1, end);
	if (value < end && *value == '"')
		read_quoted(p, value);
	else
		read_token(p, value);
	return true;
}

bool
parameters_find(const struct header_field *field, const char *name,
    struct str *value)
{
	const char *end = field->value + field->value_len;
	const char *at = parameter_end(field->value, end);
	bool found = false;

	while (at < end && !found) {
		const char *stop = parameter_end(at + 1, end);
		struct parameter p;

		found = read_parameter(&p, at + 1, stop) && p.section_len == 0
		    && !p.extended && text_is_word(p.name, p.name_len, name);
		if (found)
			str_append(value, str_text(&p.value), p.value.len);
		str_free(&p.value);
		at = stop;
	}
	return found;
}

/* Writing */

/* The octets of the last line. */
static size_t
column(const struct str *out)
{
	const char *lf =
	    out->len > 0 ? memrchr(out->data, '\n', out->len) : NULL;

	return lf == NULL ? out->len : out->len - (size_t)(lf + 1 - out->data);
}

/* Appends the blanks before a parameter of that length, or a fold. */
static void
begin_parameter(struct writer *w, const struct parameter *p, size_t len)
{
	size_t blanks = (size_t)(p->name - p->start);
	const char *lf = blanks > 0 ? memrchr(p->start, '\n', blanks) : NULL;
	size_t at =
	    lf != NULL ? (size_t)(p->name - lf) - 1 : column(w->out) + blanks;

	if (at + len > LINE_OCTETS)
		str_add(w->out, "\n ");
	else
		str_append(w->out, p->start, blanks);
}

/* Decodes the percent-encoding in the value, if there is one. */
static void
decode_percent(struct str *value)
{
	size_t len = 0;

	for (size_t i = 0; i < value->len; i++) {
		const char *c = value->data + i;
		int high = *c == '%' && value->len - i > 2
		    ? encode_hex_value(c[1])
		    : -1;
		int low = high >= 0 ? encode_hex_value(c[2]) : -1;
		char octet = *c;

		if (low >= 0) {
			octet = (char)(high * 16 + low);
			i += 2;
		}
		value->data[len++] = octet;
	}
	str_truncate(value, len);
}

/* Moves [charset] "'" [language] "'" to `frame`; false if there is none. */
static bool
take_frame(struct str *value, struct str *frame)
{
	const char *text = str_text(value);
	const char *first = strchr(text, '\'');
	const char *second = first == NULL ? NULL : strchr(first + 1, '\'');

	if (second == NULL || text_has_high(text, second))
		return false;
	str_append(frame, text, (size_t)(second + 1 - text));
	str_consume(value, frame->len);
	return true;
}

static void
add_octets(struct str *out, const char *text, size_t len, bool extended)
{
	if (extended) {
		encode_percent(out, text, len);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"' || text[i] == '\\')
			str_add_char(out, '\\');
		str_add_char(out, text[i]);
	}
}

/* The octets of the value that fit into room once they are encoded, in whole
 * characters; at least one character. */
static size_t
fitting_length(const char *text, size_t len, size_t room, const char *charset,
    bool extended)
{
	struct str encoded = { 0 };
	size_t fitting = 0;

	while (fitting < len) {
		size_t next =
		    charset_character(charset, text + fitting, len - fitting);

		add_octets(&encoded, text + fitting, next, extended);
		if (encoded.len > room && fitting > 0)
			break;
		fitting += next;
	}
	str_free(&encoded);
	return fitting;
}

/*
 * Writes the value in sections, a line each:
 *
 *	name*0*=utf-8''...; name*1*=...
 */
static void
add_sections(struct writer *w, const struct parameter *p,
    const struct str *frame, const char *charset)
{
	const char *text = str_text(&p->value);
	size_t len = p->value.len, part;

	for (unsigned n = 0; n == 0 || len > 0; n++) {
		size_t used = p->name_len + strlen("*1234*=\"\"")
		    + (n == 0 ? frame->len : 0);

		part = fitting_length(text, len,
		    used < LINE_OCTETS ? LINE_OCTETS - used : 0, charset,
		    p->extended);
		if (n > 0)
			str_add(w->out, ";\n ");
		else
			begin_parameter(w, p, LINE_OCTETS);
		str_append(w->out, p->name, p->name_len);
		str_printf(w->out, "*%u%s%s", n, p->extended ? "*=" : "=\"",
		    n == 0 ? str_text(frame) : "");
		add_octets(w->out, text, part, p->extended);
		str_add(w->out, p->extended ? "" : "\"");
		text += part;
		len -= part;
	}
}

/* Writes the value in one line. */
static void
add_extended(struct writer *w, const struct parameter *p,
    const struct str *frame, const struct str *encoded)
{
	begin_parameter(w, p,
	    p->name_len + p->section_len + 2 + frame->len + encoded->len);
	str_append(w->out, p->name, p->name_len + p->section_len);
	str_printf(w->out, "*=%s%s", str_text(frame), str_text(encoded));
}

/* Whether it is the first section, or there are none. */
static bool
is_first(const struct parameter *p)
{
	return p->section_len == 0
	    || (p->section_len == 2 && p->name[p->name_len + 1] == '0');
}

/*
 * Decodes the value; stores what comes before it, and the charset, which the
 * caller frees.
 *
 * extended-parameter := extended-initial-name "=" extended-initial-value
 * extended-initial-value := [charset] "'" [language] "'"
 *                           extended-other-values
 */
static char *
open_value(const struct writer *w, struct parameter *p, struct str *frame)
{
	bool framed =
	    p->extended && is_first(p) && take_frame(&p->value, frame);
	const char *charset;

	if (p->extended && (framed || !is_first(p)))
		decode_percent(&p->value);
	if (framed)
		return charset_named(frame->data, strcspn(frame->data, "'"));
	charset = p->section_len > 0
	    ? w->section_charset
	    : charset_of(str_text(&p->value), p->value.len, w->declared);
	if (is_first(p))
		str_printf(frame, "%s''", charset);
	return alloc_string(charset);
}

static void
extend(struct writer *w, struct parameter *p)
{
	struct str frame = { 0 }, encoded = { 0 };
	char *charset = open_value(w, p, &frame);

	p->extended = true;
	encode_percent(&encoded, str_text(&p->value), p->value.len);
	if (p->section_len == 0
	    && 1 + p->name_len + 2 + frame.len + encoded.len > LINE_OCTETS)
		add_sections(w, p, &frame,
		    charset_of(str_text(&p->value), p->value.len, charset));
	else
		add_extended(w, p, &frame, &encoded);
	free(charset);
	str_free(&frame);
	str_free(&encoded);
}

/* Whether the parameter is too long for a line, and sections help. */
static bool
is_long(const struct parameter *p)
{
	return p->section_len == 0 && p->value.len > LONG_VALUE;
}

/* The form in which a parameter is written. */
enum form { AS_IT_IS, IN_SECTIONS, EXTENDED };

static enum form
choose_form(const struct writer *w, const struct parameter *p)
{
	bool high = text_has_high(p->name, p->rest);

	if (w->split && !is_long(p))
		return AS_IT_IS;
	if (w->split)
		return high || p->extended ? EXTENDED : IN_SECTIONS;
	return high
		|| (w->section_charset != NULL && p->section_len > 0
		    && !p->extended)
	    ? EXTENDED
	    : AS_IT_IS;
}

/* Appends text that is no parameter. */
static void
add_other(struct writer *w, const char *at, const char *end)
{
	if (w->split)
		str_add_range(w->out, at, end);
	else
		encoded_text_add_tokens(w->out, at, end, w->declared);
}

static void
add_parameter(struct writer *w, const char *at, const char *end)
{
	struct str none = { 0 };
	struct parameter p;
	enum form form = AS_IT_IS;

	if (read_parameter(&p, at, end))
		form = choose_form(w, &p);
	if (form == IN_SECTIONS)
		add_sections(w, &p, &none, "us-ascii");
	else if (form == EXTENDED)
		extend(w, &p);
	add_other(w, form == AS_IT_IS ? at : p.rest, end);
	str_free(&p.value);
}

static void
write_field(struct writer *w, const struct header_field *field)
{
	const char *end = field->value + field->value_len;
	const char *at = parameter_end(field->value, end);

	add_other(w, field->value, at);
	while (at < end) {
		const char *stop = parameter_end(at + 1, end);

		str_add_char(w->out, ';');
		add_parameter(w, at + 1, stop);
		at = stop;
	}
}

/* Whether a section has octets over 127; then the first section must name the
 * charset. */
static bool
has_high_section(const struct header_field *field)
{
	const char *end = field->value + field->value_len;
	const char *at = parameter_end(field->value, end);
	bool found = false;

	while (at < end && !found) {
		const char *stop = parameter_end(at + 1, end);
		struct parameter p = { 0 };

		found = text_has_high(at, stop)
		    && read_parameter(&p, at + 1, stop) && p.section_len > 0;
		str_free(&p.value);
		at = stop;
	}
	return found;
}

void
parameters_encode(struct str *out, const struct header_field *field,
    const char *declared)
{
	struct writer w = { .out = out, .declared = declared };

	if (has_high_section(field))
		w.section_charset =
		    charset_of(field->value, field->value_len, declared);
	write_field(&w, field);
}

void
parameters_split(struct str *out, const struct header_field *field,
    const char *declared)
{
	struct writer w = { .out = out, .declared = declared, .split = true };

	write_field(&w, field);
}
