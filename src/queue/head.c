/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes and reads the head of a queue file by one table of its keys.
 */
#include "queue/head.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"

enum key_type {
	KEY_ID,
	KEY_TEXT, /* char *, left out if it is NULL */
	KEY_NUMBER, /* uint64_t or int64_t, left out if it is 0 and not required */
	KEY_UNSIGNED, /* unsigned, left out if it is 0 */
	KEY_FLAG,     /* bool, with an empty value; left out if it is false */
	KEY_NOTIFY,
	KEY_RETURN
};

#define AT(member) offsetof(struct queue_entry, member)

static const struct head_key {
	const char *name;
	enum key_type type;
	size_t offset;
	bool required;
} keys[] = {
	{ "id", KEY_ID, AT(id), true },
	{ "arrival", KEY_NUMBER, AT(arrival), true },
	{ "uid", KEY_NUMBER, AT(uid), true },
	{ "account", KEY_TEXT, AT(account), true },
	{ "configuration", KEY_TEXT, AT(configuration), false },
	{ "sender", KEY_TEXT, AT(sender), true },
	{ "notify", KEY_NOTIFY, AT(dsn), false },
	{ "return", KEY_RETURN, AT(dsn), false },
	{ "envelope-id", KEY_TEXT, AT(dsn.envelope_id), false },
	{ "require-tls", KEY_FLAG, AT(mail_params.require_tls), false },
	{ "deliver-by", KEY_TEXT, AT(mail_params.deliver_by), false },
	{ "hold-for", KEY_UNSIGNED, AT(mail_params.hold_for), false },
	{ "hold-until", KEY_TEXT, AT(mail_params.hold_until), false },
	{ "priority", KEY_TEXT, AT(mail_params.priority), false },
	{ "mail-auth", KEY_TEXT, AT(mail_params.mail_auth), false },
	{ "declared-8bit", KEY_FLAG, AT(declared_8bit), false },
	{ "notice", KEY_FLAG, AT(is_notice), false },
	{ "header-size", KEY_NUMBER, AT(text.header_size), false },
	{ "body-size", KEY_NUMBER, AT(text.body_size), false },
	{ "body-lines", KEY_NUMBER, AT(text.body_lines), false },
	{ "8bit-header", KEY_FLAG, AT(text.has_8bit_header), false },
	{ "8bit-body", KEY_FLAG, AT(text.has_8bit_body), false },
	{ "long-lines", KEY_FLAG, AT(text.has_long_lines), false },
	{ "broken-lines", KEY_FLAG, AT(text.broken_lines), false },
};

/* ---- writing ---- */

static bool
add_line(struct str *out, const char *key, const char *value, struct error *err)
{
	if (!text_is_wire_safe(value, strlen(value)))
		return error_set(err, ERROR_CONFIG,
		    "the queue cannot keep a message whose %s has control "
		    "characters: %s",
		    key, value);
	str_add(out, key);
	str_add_char(out, ' ');
	str_add(out, value);
	str_add_char(out, '\n');
	return true;
}

static bool
add_number(struct str *out, const char *key, uint64_t value, bool required)
{
	if (required || value != 0)
		str_printf(out, "%s %" PRIu64 "\n", key, value);
	return true;
}

static bool
add_flag(struct str *out, const char *key, bool value)
{
	if (value)
		str_printf(out, "%s \n", key);
	return true;
}

static bool
add_notify(struct str *out, const char *key, unsigned notify)
{
	if (notify != DSN_NOTIFY_DEFAULT) {
		str_printf(out, "%s ", key);
		dsn_add_notify(out, notify, ",");
		str_add_char(out, '\n');
	}
	return true;
}

static bool
add_return(struct str *out, const char *key, enum dsn_return wanted)
{
	if (wanted != DSN_RETURN_DEFAULT)
		str_printf(out, "%s %s\n", key,
		    wanted == DSN_RETURN_FULL ? "FULL" : "HDRS");
	return true;
}

static bool
add_value(struct str *out, const struct head_key *key, const void *value,
    struct error *err)
{
	const struct dsn *dsn = value;
	const char *text;

	switch (key->type) {
	case KEY_ID:
		return add_line(out, key->name,
		    ((const struct queue_id *)value)->text, err);
	case KEY_TEXT:
		text = *(char *const *)value;
		return text == NULL || add_line(out, key->name, text, err);
	case KEY_NUMBER:
		return add_number(out, key->name, *(const uint64_t *)value,
		    key->required);
	case KEY_UNSIGNED:
		return add_number(out, key->name, *(const unsigned *)value,
		    key->required);
	case KEY_FLAG:
		return add_flag(out, key->name, *(const bool *)value);
	case KEY_NOTIFY:
		return add_notify(out, key->name, dsn->notify);
	case KEY_RETURN:
		return add_return(out, key->name, dsn->wanted);
	}
	return true;
}

/* The number of a recipient is for readers of the file and of the journal. */
static bool
add_recipient(struct str *out, size_t number, const struct queue_recipient *r,
    struct error *err)
{
	char *value = alloc_printf("%zu %s", number, r->address);
	bool ok = add_line(out, "recipient", value, err)
	    && (r->original == NULL
		|| add_line(out, "original", r->original, err))
	    && add_notify(out, "recipient-notify", r->notify);

	free(value);
	return ok;
}

bool
queue_head_write(const struct queue_entry *entry, struct str *out,
    struct error *err)
{
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		if (!add_value(out, &keys[i],
			(const char *)entry + keys[i].offset, err))
			return false;
	for (size_t i = 0; i < entry->count; i++)
		if (!add_recipient(out, i + 1, &entry->recipients[i], err))
			return false;
	str_add_char(out, '\n');
	return true;
}

/* ---- reading ---- */

static bool
parse_number(const char *text, uint64_t max, uint64_t *value)
{
	unsigned long long number;

	if (!text_number(text, 0, max, &number))
		return false;
	*value = number;
	return true;
}

static bool
parse_unsigned(const char *text, unsigned *value)
{
	uint64_t number;

	if (!parse_number(text, UINT32_MAX, &number))
		return false;
	*value = (unsigned)number;
	return true;
}

static bool
parse_flag(const char *text, bool *value)
{
	*value = true;
	return *text == '\0';
}

static bool
parse_value(const struct head_key *key, const char *text, void *value)
{
	struct dsn *dsn = value;

	switch (key->type) {
	case KEY_ID:
		return queue_id_parse(text, value);
	case KEY_TEXT:
		alloc_replace(value, text);
		return true;
	case KEY_NUMBER:
		return parse_number(text, INT64_MAX, value);
	case KEY_UNSIGNED:
		return parse_unsigned(text, value);
	case KEY_FLAG:
		return parse_flag(text, value);
	case KEY_NOTIFY:
		return dsn_parse_notify(text, &dsn->notify);
	case KEY_RETURN:
		return dsn_parse_return(text, &dsn->wanted);
	}
	return false;
}

/* recipient = number SP addr-spec, numbered from 1 */
static bool
parse_recipient(struct queue_entry *entry, const char *value)
{
	char *end;
	unsigned long long number = strtoull(value, &end, 10);

	if (number != entry->count + 1 || *end != ' ' || end[1] == '\0')
		return false;
	queue_entry_add(entry, end + 1, NULL);
	return true;
}

static bool
parse_original(struct queue_entry *entry, const char *value)
{
	struct queue_recipient *last;

	if (entry->count == 0)
		return false;
	last = &entry->recipients[entry->count - 1];
	if (last->original != NULL)
		return false;
	last->original = alloc_string(value);
	return true;
}

/* NOTIFY of the last recipient, where it is not that of the message */
static bool
parse_recipient_notify(struct queue_entry *entry, const char *value)
{
	struct queue_recipient *last;

	if (entry->count == 0)
		return false;
	last = &entry->recipients[entry->count - 1];
	return last->notify == DSN_NOTIFY_DEFAULT
	    && dsn_parse_notify(value, &last->notify);
}

static const struct head_key *
find_key(const char *name, size_t *index)
{
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		if (strcmp(keys[i].name, name) == 0) {
			*index = i;
			return &keys[i];
		}
	return NULL;
}

/* `seen` has a bit for each key that has had a line. */
static bool
parse_line(struct queue_entry *entry, char *line, uint32_t *seen)
{
	char *value = strchr(line, ' ');
	const struct head_key *key;
	size_t index;

	if (value == NULL)
		return false;
	*value++ = '\0';
	if (strcmp(line, "recipient") == 0)
		return parse_recipient(entry, value);
	if (strcmp(line, "original") == 0)
		return parse_original(entry, value);
	if (strcmp(line, "recipient-notify") == 0)
		return parse_recipient_notify(entry, value);
	key = find_key(line, &index);
	if (key == NULL || (*seen & (1U << index)) != 0)
		return false;
	*seen |= 1U << index;
	return parse_value(key, value, (char *)entry + key->offset);
}

static bool
is_complete(const struct queue_entry *entry, uint32_t seen, struct error *err)
{
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		if (keys[i].required && (seen & (1U << i)) == 0)
			return error_set(err, ERROR_MESSAGE,
			    "the head has no line %s", keys[i].name);
	return entry->count > 0
	    || error_set(err, ERROR_MESSAGE, "the head has no recipient");
}

bool
queue_head_parse(struct queue_entry *entry, const char *text, size_t len,
    struct error *err)
{
	const char *at = text;
	const char *end = text + len;
	const char *line;
	size_t length;
	uint32_t seen = 0;
	unsigned number = 0;
	bool ok = true;

	_Static_assert(COUNT_OF(keys) <= 32, "seen has a bit for each key");
	while (ok && (line = text_next_line(&at, end, &length)) != NULL
	    && length > 0) {
		char *copy = alloc_string_n(line, length);

		number++;
		ok = text_is_wire_safe(line, length)
		    && parse_line(entry, copy, &seen);
		free(copy);
	}
	if (!ok)
		return error_set(err, ERROR_MESSAGE,
		    "line %u of the head is damaged", number);
	return is_complete(entry, seen, err);
}
