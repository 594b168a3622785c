/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Encodes each field by its syntax, and folds it.  What does not have the
 * syntax of its field is encoded as text.
 */
#include "mail/header_encode.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/idna.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/charset.h"
#include "mail/declared_charset.h"
#include "mail/encoded_text.h"
#include "mail/fold.h"
#include "mail/header.h"
#include "mail/parameters.h"
#include "mail/token.h"

/* Encodes the value of one field. */
struct encoder {
	struct str *out;
	const char *value, *end;
	const char *declared; /* charset_declared() */
	struct error *err;
	bool failed; /* err is set */
};

/* Phrases */

static bool
is_word_char(char c)
{
	return token_is_atext(c) || c == '.' || c == '"';
}

/*
 * The end of the phrase at `at`, without the blanks behind it.  Encoded-words
 * may have characters that atoms must not have.
 */
static const char *
phrase_end(const char *at, const char *end)
{
	const char *stop = at;

	while (at < end && (is_word_char(*at) || header_is_blank(*at))) {
		size_t len = encoded_word_length(at, end);

		if (header_is_blank(*at)) {
			at++;
			continue;
		}
		if (*at == '"')
			at = token_skip_delimited(at, end);
		else
			at += len > 0 ? len : 1;
		if (at == NULL)
			return end;
		stop = at;
	}
	return stop;
}

/* Appends the words of the phrase without quotes and folding. */
static void
read_phrase(struct str *text, const char *at, const char *end)
{
	bool quoted = false;

	for (; at < end; at++) {
		if (*at == '"') {
			quoted = !quoted;
			continue;
		}
		if (quoted && *at == '\\' && at + 1 < end)
			at++;
		if (*at != '\n')
			str_add_char(text, *at);
	}
}

/* Appends the phrase, and a blank if it was encoded: an encoded-word in a phrase
 * must have blanks around it (RFC 2047 section 5). */
static bool
add_phrase(struct encoder *e, const char *at, const char *end)
{
	struct str text = { 0 };

	if (!text_has_high(at, end)) {
		str_add_range(e->out, at, end);
		return false;
	}
	read_phrase(&text, at, end);
	if (e->out->len > 0 && !header_is_blank(e->out->data[e->out->len - 1]))
		str_add_char(e->out, ' ');
	encoded_text_add(e->out, str_text(&text), str_text(&text) + text.len,
	    true, e->declared);
	str_add_char(e->out, ' ');
	str_free(&text);
	return true;
}

/* Addresses */

/*
 * Appends the text between two addr-specs: names, groups, comments and
 * separators.  Returns false for text that none of them allows.
 */
static bool
add_between(struct encoder *e, const char *at, const char *end)
{
	if (!text_has_high(at, end)) {
		str_add_range(e->out, at, end);
		return true;
	}
	while (at < end) {
		const char *stop = at + 1;

		/* A route has domains, which are not phrases. */
		if (*at == '@')
			return false;
		if (*at == '(') {
			stop = token_skip_delimited(at, end);
			if (stop == NULL)
				return false;
			encoded_text_add_comment(e->out, at, stop, e->declared);
			/* The line can be folded here. */
			if (stop < end && *stop == '(')
				str_add_char(e->out, ' ');
		} else if (is_word_char(*at)) {
			stop = phrase_end(at, end);
			if (add_phrase(e, at, stop) && stop < end
			    && header_is_blank(*stop))
				str_truncate(e->out, e->out->len - 1);
		} else {
			str_add_char(e->out, *at);
		}
		at = stop;
	}
	return true;
}

/* Appends the text before the addr-spec, from `at` on. */
static bool
add_name(struct encoder *e, const char *at, const struct address *a)
{
	const char *spec = e->value + a->start;
	const char *name = e->value + a->name_start;
	const char *end = e->value + a->name_end;
	struct str phrase = { 0 };

	if (name == end)
		return add_between(e, at, spec);
	if (!add_between(e, at, name))
		return false;
	if (text_has_high(name, end))
		token_add_name(&phrase, name, (size_t)(end - name));
	else
		str_add_range(&phrase, name, end);
	add_phrase(e, str_text(&phrase), str_text(&phrase) + phrase.len);
	str_free(&phrase);
	return add_between(e, end, spec);
}

/* Whether a domain that was not converted is at fault, not this program. */
static bool
is_bad_domain(const struct error *err)
{
	return err->kind == ERROR_ADDRESS && idna_is_available();
}

/* Appends the A-label form of the domain. */
static bool
add_domain(struct encoder *e, const char *domain)
{
	struct str name = { 0 };
	struct error err = { 0 };
	char *ascii = NULL;
	bool ok = charset_to_utf8(&name, domain, strlen(domain), e->declared);

	if (ok && !idna_to_ascii(name.data, &ascii, &err)) {
		ok = false;
		e->failed = !is_bad_domain(&err);
		if (e->failed && e->err != NULL)
			error_move(e->err, &err);
	}
	if (ok)
		str_add(e->out, ascii);
	free(ascii);
	str_free(&name);
	error_free(&err);
	return ok;
}

/*
 * Appends the addr-spec.  Returns false for a bare name, which is probably a
 * part of a name that needs quotes ("Müller, GmbH <x@example.org>"), for a local
 * part that is not ASCII, and for a domain that is not valid.
 */
static bool
add_addr_spec(struct encoder *e, const struct address *a)
{
	const char *start = e->value + a->start, *end = e->value + a->end;
	size_t local;

	if (!text_has_high(start, end)) {
		str_add_range(e->out, start, end);
		return true;
	}
	if (a->domain == NULL)
		return false;
	local = strlen(a->text) - strlen(a->domain);
	if (!text_is_ascii(a->text, local))
		return false;
	str_append(e->out, a->text, local);
	if (!text_is_ascii(a->domain, strlen(a->domain)))
		return add_domain(e, a->domain);
	str_add(e->out, a->domain);
	return true;
}

static bool
add_addresses(struct encoder *e)
{
	struct address_list list = { 0 };
	const char *at = e->value;
	bool ok = address_parse(&list, at, (size_t)(e->end - at), NULL);

	for (size_t i = 0; i < list.count && ok; i++) {
		const struct address *a = &list.items[i];

		ok = add_name(e, at, a) && add_addr_spec(e, a);
		at = e->value + a->end;
	}
	ok = ok && add_between(e, at, e->end);
	address_list_free(&list);
	return ok;
}

/* Fields */

static void
add_text(struct encoder *e)
{
	encoded_text_add(e->out, e->value, e->end, false, e->declared);
}

/* Appends the value; returns false if it does not have the field's syntax. */
static bool
add_value(struct encoder *e, const struct header_field *field,
    enum header_syntax syntax)
{
	if (syntax == HEADER_ADDRESSES)
		return add_addresses(e);
	if (syntax == HEADER_PARAMETERS)
		parameters_encode(e->out, field, e->declared);
	else if (syntax == HEADER_IDS)
		encoded_text_add_ids(e->out, e->value, e->end, e->declared);
	else if (syntax == HEADER_TOKENS)
		encoded_text_add_tokens(e->out, e->value, e->end, e->declared);
	else
		add_text(e);
	return true;
}

/* Appends the name and the colon, without the blanks between them, which are
 * obsolete: the line must not be folded there. */
static void
add_field_name(struct str *out, const struct header_field *field)
{
	str_append(out, field->start, field->name_len);
	if (field->name_len > 0)
		str_add_char(out, ':');
}

/* Appends the field, encoded and folded. */
static bool
encode_field(const struct header_field *field, const char *declared,
    struct str *out, struct error *err)
{
	enum header_syntax syntax = header_field_syntax(field);
	struct str encoded = { 0 };
	struct encoder e = { .out = &encoded,
		.value = field->value,
		.end = field->value + field->value_len,
		.declared = declared,
		.err = err };
	size_t name;

	add_field_name(&encoded, field);
	/* The blank makes it possible to fold. */
	if (field->value_len > 0 && !header_is_blank(*field->value))
		str_add_char(&encoded, ' ');
	name = encoded.len;
	if (!add_value(&e, field, syntax) && !e.failed) {
		str_truncate(&encoded, name);
		add_text(&e);
	}
	if (memmem(encoded.data, encoded.len, "=?", 2) != NULL)
		fold_words(out, encoded.data, encoded.len,
		    syntax != HEADER_TEXT);
	else
		str_append(out, encoded.data, encoded.len);
	str_add_char(out, '\n');
	str_free(&encoded);
	if (e.failed)
		error_prefix(err, "the field %.*s", (int)field->name_len,
		    field->start);
	return !e.failed;
}

static bool
needs_encoding(const struct header_field *field, enum header_target target)
{
	return target == HEADER_ASCII ? !text_is_ascii(field->start, field->len)
				      : !text_is_utf8(field->start, field->len);
}

bool
header_encode(struct str *header, enum header_target target, struct error *err)
{
	struct str encoded = { 0 };
	struct header_field field;
	char *declared;
	size_t offset = 0;
	bool ok = true;

	if (text_is_ascii(str_text(header), header->len))
		return true;
	declared = charset_declared(header);
	while (ok && header_next(header, &offset, &field)) {
		if (needs_encoding(&field, target))
			ok = encode_field(&field, declared, &encoded, err);
		else
			str_append(&encoded, field.start, field.len);
	}
	free(declared);
	if (!ok) {
		str_free(&encoded);
		return false;
	}
	str_free(header);
	*header = encoded;
	return true;
}

/* SMTPUTF8 */

/* Returns the first address of the field with a local part in UTF-8. */
static bool
find_utf8_address(const struct header_field *field, struct str *address)
{
	struct address_list list = { 0 };
	bool found = false;

	address_parse(&list, field->value, field->value_len, NULL);
	for (size_t i = 0; i < list.count && !found; i++) {
		const struct address *a = &list.items[i];

		found = a->domain != NULL
		    && !text_is_ascii(a->local, strlen(a->local))
		    && text_is_utf8(a->text, strlen(a->text));
		if (found && address != NULL)
			str_add(address, a->text);
	}
	address_list_free(&list);
	return found;
}

bool
header_find_utf8_address(const struct str *header, struct str *address,
    struct str *name)
{
	struct header_field field;
	size_t offset = 0;

	while (header_next(header, &offset, &field)) {
		if (text_is_ascii(field.value, field.value_len)
		    || header_field_syntax(&field) != HEADER_ADDRESSES
		    || !find_utf8_address(&field, address))
			continue;
		if (name != NULL)
			str_append(name, field.start, field.name_len);
		return true;
	}
	return false;
}

/* Folding */

bool
header_is_long(const struct str *header)
{
	return fold_is_needed(str_text(header), header->len);
}

/* Appends the field with long parameters in sections, or encoded if it cannot be
 * folded and is not ASCII; returns whether it was broken. */
static bool
fold_field(const struct header_field *field, const char *declared,
    struct str *out)
{
	struct str changed = { 0 };
	size_t start = out->len;
	bool broken;

	if (!fold_is_needed(field->start, field->len)) {
		str_append(out, field->start, field->len);
		return false;
	}
	add_field_name(&changed, field);
	if (header_field_syntax(field) == HEADER_PARAMETERS)
		parameters_split(&changed, field, declared);
	else
		str_append(&changed, field->value, field->value_len);
	str_add_char(&changed, '\n');
	broken = fold_lines(out, changed.data, changed.len);
	/* As text, an address would be lost. */
	if (broken && !text_is_ascii(changed.data, changed.len)
	    && !find_utf8_address(field, NULL)) {
		str_truncate(&changed, 0);
		if (encode_field(field, declared, &changed, NULL)) {
			str_truncate(out, start);
			broken = fold_lines(out, changed.data, changed.len);
		}
	}
	str_free(&changed);
	return broken;
}

bool
header_fold(struct str *header)
{
	struct header_field field;
	struct str folded = { 0 };
	size_t offset = 0;
	bool broken = false;
	char *declared;

	if (!header_is_long(header))
		return false;
	declared = charset_declared(header);
	while (header_next(header, &offset, &field))
		broken |= fold_field(&field, declared, &folded);
	free(declared);
	str_free(header);
	*header = folded;
	return broken;
}
