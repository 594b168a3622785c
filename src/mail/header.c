/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds, adds and removes the fields of a header section. */
#include "mail/header.h"

#include <string.h>

#include "base/attr.h"
#include "base/text.h"

/*
 * optional-field = field-name ":" unstructured CRLF
 * field-name = 1*ftext
 * ftext = %d33-57 / %d59-126
 * obs-optional = field-name *WSP ":" unstructured CRLF
 * Returns the length of the name, or 0 if the line does not begin a field;
 * stores the offset of the colon in *colon.
 */
static size_t
name_length(const char *line, size_t len, size_t *colon)
{
	size_t name = 0, i;

	while (name < len && name <= HEADER_NAME_MAX && line[name] > 32
	    && line[name] < 127 && line[name] != ':')
		name++;
	for (i = name; i < len && i - name <= HEADER_NAME_MAX
	     && (text_is_space(line[i]) || line[i] == '\r');
	     i++)
		;
	*colon = i;
	return name <= HEADER_NAME_MAX && i < len && line[i] == ':' ? name : 0;
}

bool
header_accepts_line(const struct str *header, const char *line, size_t len)
{
	size_t colon;

	if (len > 0 && (text_is_space(line[0]) || line[0] == '\r'))
		return header->len > 0;
	return name_length(line, len, &colon) > 0;
}

/* The end of a field: before the next line that does not begin with a blank. */
static const char *
field_end(const char *start, const char *end)
{
	const char *lf = memchr(start, '\n', (size_t)(end - start));

	while (lf != NULL && lf + 1 < end && text_is_space(lf[1]))
		lf = memchr(lf + 1, '\n', (size_t)(end - lf - 1));
	return lf == NULL ? end : lf + 1;
}

bool
header_next(const struct str *header, size_t *offset,
    struct header_field *field)
{
	size_t colon;

	if (*offset >= header->len)
		return false;
	field->start = header->data + *offset;
	field->len =
	    (size_t)(field_end(field->start, header->data + header->len)
		- field->start);
	*offset += field->len;
	field->name_len = name_length(field->start, field->len, &colon);
	colon = field->name_len > 0 ? colon + 1 : 0;
	field->value = field->start + colon;
	field->value_len = field->len - colon;
	if (field->value_len > 0 && field->value[field->value_len - 1] == '\n')
		field->value_len--;
	return true;
}

bool
header_field_is(const struct header_field *field, const char *name)
{
	return text_is_word(field->start, field->name_len, name);
}

const char *
header_field_name(const struct header_field *field, const char *const *names,
    size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (header_field_is(field, names[i]))
			return names[i];
	return NULL;
}

/* All other fields are text. */
static const struct {
	const char *name;
	enum header_syntax syntax;
} syntaxes[] = {
	{ "From", HEADER_ADDRESSES },
	{ "Sender", HEADER_ADDRESSES },
	{ "Reply-To", HEADER_ADDRESSES },
	{ "To", HEADER_ADDRESSES },
	{ "Cc", HEADER_ADDRESSES },
	{ "Bcc", HEADER_ADDRESSES },
	{ "Apparently-To", HEADER_ADDRESSES },
	{ "Resent-From", HEADER_ADDRESSES },
	{ "Resent-Sender", HEADER_ADDRESSES },
	{ "Resent-Reply-To", HEADER_ADDRESSES },
	{ "Resent-To", HEADER_ADDRESSES },
	{ "Resent-Cc", HEADER_ADDRESSES },
	{ "Resent-Bcc", HEADER_ADDRESSES },
	{ "Disposition-Notification-To", HEADER_ADDRESSES },
	{ "Return-Receipt-To", HEADER_ADDRESSES },
	{ "Errors-To", HEADER_ADDRESSES },
	{ "Mail-Followup-To", HEADER_ADDRESSES },
	{ "Mail-Reply-To", HEADER_ADDRESSES },
	{ "Delivered-To", HEADER_ADDRESSES },
	{ "Envelope-To", HEADER_ADDRESSES },
	{ "Original-From", HEADER_ADDRESSES },
	{ "Return-Path", HEADER_ADDRESSES },
	{ "X-Envelope-From", HEADER_ADDRESSES },
	{ "X-Envelope-To", HEADER_ADDRESSES },
	{ "X-Original-To", HEADER_ADDRESSES },
	{ "Content-Type", HEADER_PARAMETERS },
	{ "Content-Disposition", HEADER_PARAMETERS },
	{ "Message-ID", HEADER_IDS },
	{ "In-Reply-To", HEADER_IDS },
	{ "References", HEADER_IDS },
	{ "Resent-Message-ID", HEADER_IDS },
	{ "Content-ID", HEADER_IDS },
	{ "Supersedes", HEADER_IDS },
	{ "Date", HEADER_TOKENS },
	{ "Resent-Date", HEADER_TOKENS },
	{ "Received", HEADER_TOKENS },
	{ "MIME-Version", HEADER_TOKENS },
	{ "Content-Transfer-Encoding", HEADER_TOKENS },
	{ "Content-Language", HEADER_TOKENS },
	{ "Content-Location", HEADER_TOKENS },
	{ "Content-Base", HEADER_TOKENS },
	{ "Content-MD5", HEADER_TOKENS },
	{ "Auto-Submitted", HEADER_TOKENS },
	{ "Archived-At", HEADER_TOKENS },
	{ "List-Archive", HEADER_TOKENS },
	{ "List-Help", HEADER_TOKENS },
	{ "List-Owner", HEADER_TOKENS },
	{ "List-Post", HEADER_TOKENS },
	{ "List-Subscribe", HEADER_TOKENS },
	{ "List-Unsubscribe", HEADER_TOKENS },
	{ "Authentication-Results", HEADER_TOKENS },
	{ "DKIM-Signature", HEADER_TOKENS },
};

/* The row of the field, or COUNT_OF(syntaxes). */
static size_t
syntax_row(const struct header_field *field)
{
	size_t i = 0;

	while (
	    i < COUNT_OF(syntaxes) && !header_field_is(field, syntaxes[i].name))
		i++;
	return i;
}

enum header_syntax
header_field_syntax(const struct header_field *field)
{
	size_t i = syntax_row(field);

	return i < COUNT_OF(syntaxes) ? syntaxes[i].syntax : HEADER_TEXT;
}

const char *
header_address_name(const struct header_field *field)
{
	size_t i = syntax_row(field);

	return i < COUNT_OF(syntaxes) && syntaxes[i].syntax == HEADER_ADDRESSES
	    ? syntaxes[i].name
	    : NULL;
}

bool
header_find(const struct str *header, const char *name,
    struct header_field *field)
{
	size_t offset = 0;

	while (header_next(header, &offset, field))
		if (header_field_is(field, name))
			return true;
	return false;
}

bool
header_value(const struct str *header, const char *name, struct str *out)
{
	struct header_field field;
	bool found = header_find(header, name, &field);

	if (found)
		header_unfold(&field, out);
	return found;
}

bool
header_has(const struct str *header, const char *name)
{
	return header_has_any(header, &name, 1);
}

bool
header_has_any(const struct str *header, const char *const *names, size_t count)
{
	struct header_field field;
	size_t offset = 0;

	while (header_next(header, &offset, &field))
		if (header_field_name(&field, names, count) != NULL)
			return true;
	return false;
}

size_t
header_count(const struct str *header, const char *name)
{
	struct header_field field;
	size_t offset = 0, count = 0;

	while (header_next(header, &offset, &field))
		count += header_field_is(&field, name);
	return count;
}

void
header_remove(struct str *header, const char *const *names, size_t count)
{
	struct header_field field;
	size_t offset = 0, kept = 0;

	while (header_next(header, &offset, &field)) {
		if (header_field_name(&field, names, count) != NULL)
			continue;
		memmove(header->data + kept, field.start, field.len);
		kept += field.len;
	}
	str_truncate(header, kept);
}

bool
header_is_blank(char c)
{
	return text_is_space(c) || c == '\n';
}

const char *
header_skip_blanks(const char *at, const char *end)
{
	while (at < end && header_is_blank(*at))
		at++;
	return at;
}

bool
header_field_is_empty(const struct header_field *field)
{
	for (size_t i = 0; i < field->value_len; i++)
		if (!header_is_blank(field->value[i]))
			return false;
	return true;
}

void
header_unfold(const struct header_field *field, struct str *out)
{
	const char *value = field->value;
	size_t len = field->value_len;

	while (len > 0 && header_is_blank(*value)) {
		value++;
		len--;
	}
	while (len > 0 && header_is_blank(value[len - 1]))
		len--;
	str_reserve(out, len);
	for (size_t i = 0; i < len; i++)
		if (value[i] != '\n')
			str_add_char(out, value[i]);
}

void
header_add(struct str *header, const char *name, const char *value)
{
	str_printf(header, "%s: ", name);
	for (; *value != '\0'; value++) {
		bool folds = *value == '\n' && text_is_space(value[1]);

		if (folds || *value == '\t'
		    || ((unsigned char)*value >= 0x20 && *value != 0x7f))
			str_add_char(header, *value);
	}
	str_add_char(header, '\n');
}

void
header_insert(struct str *header, size_t offset, const char *name,
    const char *value)
{
	struct str changed = { 0 };

	str_append(&changed, header->data, offset);
	header_add(&changed, name, value);
	str_append(&changed, header->data + offset, header->len - offset);
	str_free(header);
	*header = changed;
}

/* Resent blocks */

/* Fields that a block has at most once. */
static const char *const once[] = {
	"Resent-Date",
	"Resent-From",
	"Resent-Sender",
	"Resent-Message-ID",
};

static bool
is_resent(const struct header_field *field)
{
	return field->name_len > 7
	    && text_starts_nocase(field->start, "Resent-");
}

/* The bit of the field in a set of the fields of `once`, or 0. */
static unsigned
once_bit(const struct header_field *field)
{
	for (size_t i = 0; i < COUNT_OF(once); i++)
		if (header_field_is(field, once[i]))
			return 1u << i;
	return 0;
}

bool
header_next_resent(const struct str *header, size_t *offset, size_t *start)
{
	struct header_field field;
	size_t at = *offset;
	unsigned seen = 0;

	do {
		*start = at;
		if (!header_next(header, &at, &field))
			return false;
	} while (!is_resent(&field));
	do {
		if ((seen & once_bit(&field)) != 0)
			break;
		seen |= once_bit(&field);
		*offset = at;
	} while (header_next(header, &at, &field) && is_resent(&field));
	return true;
}

bool
header_names_recipients(const struct str *block)
{
	static const char *const names[] = { "Resent-To", "Resent-Cc",
		"Resent-Bcc" };
	struct header_field field;
	size_t offset = 0;

	while (header_next(block, &offset, &field))
		if (header_field_name(&field, names, COUNT_OF(names)) != NULL
		    && !header_field_is_empty(&field))
			return true;
	return false;
}

bool
header_find_resent(const struct str *header, size_t *start, size_t *end)
{
	*end = 0;
	while (header_next_resent(header, end, start)) {
		struct str block = { header->data + *start, *end - *start, 0 };

		if (header_names_recipients(&block))
			return true;
	}
	return false;
}
