/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decides about each field by a table: whether its value is possible, and
 * whether the message may have the field again.
 */
#include "mail/clean_headers.h"

#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/header.h"
#include "mail/token.h"

/* Octets of a value that a note quotes. */
#define SHOWN 60

enum syntax { TEXT, DATE, AUTHOR, ADDRESSES, MESSAGE_ID };

#define NAME(name) name, sizeof(name) - 1

/* Fields that a message has at most once, and those of a Resent block. */
static const struct known {
	const char *name;
	size_t len; /* of the name */
	enum syntax syntax;
	bool joins; /* several fields are joined into one */
} known[] = {
	{ NAME("Date"), DATE, false },
	{ NAME("From"), AUTHOR, false },
	{ NAME("Sender"), ADDRESSES, false },
	{ NAME("Reply-To"), ADDRESSES, false },
	{ NAME("To"), ADDRESSES, true },
	{ NAME("Cc"), ADDRESSES, true },
	{ NAME("Message-ID"), MESSAGE_ID, false },
	{ NAME("In-Reply-To"), TEXT, false },
	{ NAME("References"), TEXT, false },
	{ NAME("Subject"), TEXT, false },
	{ NAME("MIME-Version"), TEXT, false },
	{ NAME("Content-Type"), TEXT, false },
	{ NAME("Content-Transfer-Encoding"), TEXT, false },
	{ NAME("Content-ID"), TEXT, false },
	{ NAME("Content-Description"), TEXT, false },
	{ NAME("Content-Disposition"), TEXT, false },
},
  resent[] = {
	{ NAME("Resent-Date"), DATE, false },
	{ NAME("Resent-From"), ADDRESSES, false },
	{ NAME("Resent-Sender"), ADDRESSES, false },
	{ NAME("Resent-Reply-To"), ADDRESSES, false },
	{ NAME("Resent-To"), ADDRESSES, false },
	{ NAME("Resent-Cc"), ADDRESSES, false },
	{ NAME("Resent-Message-ID"), MESSAGE_ID, false },
};

#define KNOWN_COUNT COUNT_OF(known)

/* The first field of a name. */
struct first {
	struct header_field field;
	bool found;
	bool repeated;    /* the members below are valid */
	bool joins;       /* addresses can be added to the field */
	bool noted;       /* a repeated field is kept */
	struct str value; /* unfolded */
	struct str more;  /* values to be joined to the field */
};

struct cleaner {
	const struct header_settings *settings;
	struct strv *notes;
	char *name;        /* the words of From */
	size_t start, end; /* of the current Resent block */
	struct first first[KNOWN_COUNT];
};

/* Values */

/* Returns the next word of letters, or of digits and colons; *len 0: none. */
static const char *
next_word(const char **at, const char *end, size_t *len)
{
	const char *word = *at, *stop;
	bool digits;

	while (word < end
	    && (!token_is_atext(*word) || strchr("-+/", *word) != NULL))
		word++;
	digits = word < end && text_is_digit(*word);
	for (stop = word; stop < end; stop++)
		if (digits ? !text_is_digit(*stop) && *stop != ':'
			   : !token_is_atext(*stop) || *stop == '-'
			    || text_is_digit(*stop))
			break;
	*len = (size_t)(stop - word);
	*at = stop;
	return word;
}

static bool
is_month(const char *word, size_t len)
{
	static const char *const months[] = { "January", "February", "March",
		"April", "May", "June", "July", "August", "September",
		"October", "November", "December" };

	for (size_t i = 0; i < COUNT_OF(months); i++) {
		size_t whole = strlen(months[i]);
		size_t common = len < whole ? len : whole;
		char start[16] = { 0 };

		memcpy(start, months[i], common);
		if (len >= 3 && len <= whole && text_is_word(word, len, start))
			return true;
	}
	return false;
}

/*
 * Whether readers can understand the date: it has the name of a month and two
 * numbers, in any order.  That includes the obsolete forms of RFC 5322 section
 * 4.3 and the form of ctime(3).
 */
static bool
is_date(const char *at, const char *end)
{
	size_t months = 0, numbers = 0, len;

	do {
		const char *word = next_word(&at, end, &len);

		if (len > 0 && text_is_digit(*word))
			numbers += memchr(word, ':', len) == NULL;
		else
			months += is_month(word, len);
	} while (len > 0);
	return months > 0 && numbers >= 2;
}

/*
 * msg-id = [CFWS] "<" id-left "@" id-right ">" [CFWS]
 * The "@" may be missing, because readers compare the whole text.
 */
static bool
is_message_id(const char *at, const char *end)
{
	const char *open = memchr(at, '<', (size_t)(end - at));
	const char *close =
	    open == NULL ? NULL : memchr(open, '>', (size_t)(end - open));

	if (close == NULL)
		return false;
	while (++open < close)
		if (!header_is_blank(*open))
			return true;
	return false;
}

/* Whether the value has an address or a group, or cannot be parsed. */
static bool
has_address(const struct header_field *field)
{
	const char *value = field->value;
	size_t len = field->value_len;
	struct address_list list = { 0 };
	bool has = true;

	/* Most fields need no closer look. */
	if (memchr(value, '@', len) != NULL && memchr(value, '(', len) == NULL
	    && memmem(value, len, "<>", 2) == NULL)
		return true;
	if (address_parse(&list, value, len, NULL))
		has = list.count > 0 || list.groups > 0;
	address_list_free(&list);
	return has;
}

/* Returns the "<" outside of quotes and comments that has no ">", or NULL. */
static const char *
unclosed_angle(const struct header_field *field)
{
	const char *at = field->value, *end = at + field->value_len;
	const char *open = NULL;

	while (at != NULL && at < end) {
		if (*at == '"' || *at == '(') {
			at = token_skip_delimited(at, end);
			continue;
		}
		if (*at == '>')
			open = NULL;
		else if (*at == '<' && open == NULL)
			open = at;
		at++;
	}
	return open;
}

/* The words of a From field without an address as a phrase, or NULL. */
static char *
words_of(const struct header_field *field)
{
	const char *value = field->value, *open = unclosed_angle(field);
	size_t len = open != NULL ? (size_t)(open - value) : field->value_len;
	struct str name = { 0 };

	while (len > 0 && header_is_blank(value[len - 1]))
		len--;
	/* "Name <>" */
	if (len > 0 && value[len - 1] == '>') {
		open = memchr(value, '<', len);
		len = open == NULL ? 0 : (size_t)(open - value);
	}
	token_add_name(&name, value, len);
	if (name.len > 0)
		return str_steal(&name);
	str_free(&name);
	return NULL;
}

/* Whether the From field has two or more words, or one that is not ASCII, and no
 * sign of an address. */
static bool
is_name_only(const struct header_field *field)
{
	struct address_list list = { 0 };
	bool names;

	if (memchr(field->value, '@', field->value_len) != NULL
	    || memchr(field->value, '<', field->value_len) != NULL)
		return false;
	names = !address_parse(&list, field->value, field->value_len, NULL);
	for (size_t i = 0; i < list.count && !names; i++)
		names = !text_is_ascii(list.items[i].text,
		    strlen(list.items[i].text));
	address_list_free(&list);
	return names;
}

/* Whether the value names an author.  Programs write many forms that cannot be
 * parsed; most readers find the address in them, but not after an open "<". */
static bool
is_author(const struct header_field *field)
{
	return has_address(field) && !is_name_only(field)
	    && unclosed_angle(field) == NULL;
}

bool
header_has_author(const struct str *header)
{
	struct header_field field;
	size_t offset = 0;

	while (header_next(header, &offset, &field))
		if (header_field_is(&field, "From") && is_author(&field))
			return true;
	return false;
}

static bool
is_off(const struct cleaner *c, enum syntax syntax)
{
	const struct header_settings *s = c->settings;

	return (syntax == DATE && s->date == HEADER_MODE_OFF)
	    || (syntax == AUTHOR && s->from == HEADER_MODE_OFF)
	    || (syntax == MESSAGE_ID && s->message_id == HEADER_MODE_OFF);
}

/* Whether the field must go; keeps the words of From. */
static bool
is_impossible(struct cleaner *c, const struct header_field *field,
    enum syntax syntax)
{
	const char *end = field->value + field->value_len;
	bool none = false;

	if (is_off(c, syntax))
		return false;
	if (syntax == DATE)
		return !is_date(field->value, end);
	if (syntax == MESSAGE_ID)
		return !is_message_id(field->value, end);
	if (syntax == ADDRESSES)
		return !has_address(field);
	if (syntax == AUTHOR)
		none = !is_author(field);
	if (none && c->name == NULL)
		c->name = words_of(field);
	return none;
}

static void
note_removed(const struct cleaner *c, const struct header_field *field,
    const char *name)
{
	struct str value = { 0 };

	if (header_field_is_empty(field))
		return;
	header_unfold(field, &value);
	strv_take(c->notes,
	    alloc_printf("the field %s was replaced, because its value is "
			 "invalid: %.*s",
		name, SHOWN, value.data));
	str_free(&value);
}

/* Repeated fields */

/* Whether addresses can be added at the end of the value. */
static bool
can_join(const struct header_field *field)
{
	const char *value = field->value;
	size_t len = field->value_len;
	struct address_list list = { 0 };
	bool ok = address_parse(&list, value, len, NULL);

	while (len > 0 && header_is_blank(value[len - 1]))
		len--;
	/* A group may be open at the end. */
	ok = ok && (list.groups == 0 || (len > 0 && value[len - 1] == ';'));
	address_list_free(&list);
	return ok;
}

/* Looks at the first field once, not for each repeated one. */
static void
prepare_first(struct first *first, bool joins)
{
	if (first->repeated)
		return;
	first->repeated = true;
	header_unfold(&first->field, &first->value);
	first->joins = joins && can_join(&first->field);
}

/* Whether the repeated field goes: it is equal to the first one, or joined. */
static bool
is_merged(struct cleaner *c, size_t i, const struct header_field *field)
{
	struct first *first = &c->first[i];
	struct str value = { 0 };
	bool merged;

	prepare_first(first, known[i].joins);
	header_unfold(field, &value);
	merged = value.len == first->value.len
	    && memcmp(str_text(&value), str_text(&first->value), value.len)
		== 0;
	str_free(&value);
	if (merged)
		return true;
	if (first->joins && can_join(field)) {
		const char *at = field->value;
		size_t len = field->value_len;

		for (; len > 0 && header_is_blank(*at); len--)
			at++;
		str_add(&first->more, ",\n ");
		str_append(&first->more, at, len);
		return true;
	}
	if (!first->noted)
		strv_take(c->notes,
		    alloc_printf("the message has several %s fields",
			known[i].name));
	first->noted = true;
	return false;
}

/* Adds the values of the repeated fields to the first one. */
static void
join(struct str *header, const char *name, const struct str *more)
{
	struct header_field field;
	struct str joined = { 0 };
	size_t len;

	if (more->len == 0 || !header_find(header, name, &field))
		return;
	len = field.value_len;
	while (len > 0
	    && (header_is_blank(field.value[len - 1])
		|| field.value[len - 1] == ','))
		len--;
	len += (size_t)(field.value - header->data);
	str_append(&joined, header->data, len);
	str_append(&joined, more->data, more->len);
	len = (size_t)(field.value - header->data) + field.value_len;
	str_append(&joined, header->data + len, header->len - len);
	str_free(header);
	*header = joined;
}

/* The header section */

static const struct known *
find(const struct known *table, size_t count, const struct header_field *field)
{
	for (size_t i = 0; i < count; i++)
		if (field->name_len == table[i].len
		    && header_field_is(field, table[i].name))
			return &table[i];
	return NULL;
}

/* Whether the field at the offset must be removed. */
static bool
goes(struct cleaner *c, const struct header_field *field, size_t offset)
{
	const struct known *entry = find(known, KNOWN_COUNT, field);
	size_t i;

	if (entry == NULL) {
		if (offset < c->start || offset >= c->end)
			return false;
		entry = find(resent, COUNT_OF(resent), field);
		return entry != NULL && is_impossible(c, field, entry->syntax);
	}
	if (is_impossible(c, field, entry->syntax)) {
		note_removed(c, field, entry->name);
		return true;
	}
	i = (size_t)(entry - known);
	if (c->first[i].found)
		return is_merged(c, i, field);
	c->first[i].found = true;
	c->first[i].field = *field;
	return false;
}

void
header_clean(struct str *header, const struct header_settings *settings,
    bool resends, char **name, struct strv *notes)
{
	struct cleaner c = { .settings = settings, .notes = notes };
	struct header_field field;
	struct str changed = { 0 };
	size_t offset = 0, copied = 0;

	if (resends && !header_find_resent(header, &c.start, &c.end))
		c.start = c.end = 0;
	while (header_next(header, &offset, &field)) {
		size_t start = offset - field.len;

		if (!goes(&c, &field, start))
			continue;
		str_append(&changed, header->data + copied, start - copied);
		copied = offset;
	}
	if (copied > 0) {
		str_append(&changed, header->data + copied,
		    header->len - copied);
		str_free(header);
		*header = changed;
	}
	for (size_t i = 0; i < KNOWN_COUNT; i++) {
		join(header, known[i].name, &c.first[i].more);
		str_free(&c.first[i].value);
		str_free(&c.first[i].more);
	}
	*name = c.name;
}
