/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Adds the fields that a message must have, and removes those that it must not
 * be sent with.
 */
#include "mail/add_headers.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/attr.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/date.h"
#include "mail/encode.h"
#include "mail/envelope.h"
#include "mail/header.h"

/* Values */

/*
 * msg-id = [CFWS] "<" id-left "@" id-right ">" [CFWS]
 * The left-hand side has 160 random bits; it reveals neither the time nor the
 * host nor the process.
 */
static bool
add_message_id(struct str *out, const char *domain, struct error *err)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
	unsigned char random[32];
	ssize_t got;

	do
		got = getrandom(random, sizeof(random), 0);
	while (got < 0 && errno == EINTR);
	if (got != (ssize_t)sizeof(random)) {
		error_set(err, ERROR_SYSTEM,
		    "cannot get random numbers for a Message-ID: %s",
		    strerror(errno));
		return error_temporary(err, true);
	}
	str_add_char(out, '<');
	for (size_t i = 0; i < sizeof(random); i++)
		str_add_char(out, digits[random[i] % 32]);
	str_printf(out, "@%s>", domain);
	return true;
}

static void
add_from(struct str *out, const struct header_values *values)
{
	if (values->phrase != NULL) {
		str_printf(out, "%s <%s>", values->phrase, values->from);
		return;
	}
	if (values->full_name == NULL
	    || !encode_phrase(out, values->full_name)) {
		str_add(out, values->from);
		return;
	}
	/* A line with an encoded-word may have 76 octets (RFC 2047). */
	str_printf(out, "%s<%s>",
	    strncmp(out->data, "=?", 2) == 0 ? "\n " : " ", values->from);
}

/* Fields */

static void
remove_field(struct str *header, const char *name)
{
	header_remove(header, &name, 1);
}

/* Whether to add the field; removes the old one if it is to be replaced. */
static bool
must_add(struct str *header, enum header_mode mode, const char *name)
{
	if (mode == HEADER_MODE_ON)
		remove_field(header, name);
	return mode == HEADER_MODE_ON
	    || (mode == HEADER_MODE_AUTO && !header_has(header, name));
}

/* The names of the fields that are added, plain and in a Resent block. */
static const struct names {
	const char *date, *from, *reply_to, *message_id;
} plain_names = { "Date", "From", "Reply-To", "Message-ID" },
  resent_names = { "Resent-Date", "Resent-From", NULL, "Resent-Message-ID" };

/* Adds the field and empties the value. */
static void
add_field(struct str *header, const char *name, struct str *value)
{
	header_add(header, name, str_text(value));
	str_truncate(value, 0);
}

static bool
complete_fields(struct str *header, const struct names *names,
    const struct header_settings *settings, const struct header_values *values,
    struct error *err)
{
	struct str value = { 0 };
	bool ok = true;

	if (must_add(header, settings->date, names->date)) {
		date_add(&value, values->now != 0 ? values->now : time(NULL));
		add_field(header, names->date, &value);
	}
	if (values->from != NULL && *values->from != '\0'
	    && must_add(header, settings->from, names->from)) {
		add_from(&value, values);
		add_field(header, names->from, &value);
		if (names->reply_to != NULL && values->reply_to != NULL
		    && !header_has(header, names->reply_to))
			header_add(header, names->reply_to, values->reply_to);
	}
	if (must_add(header, settings->message_id, names->message_id)) {
		ok = add_message_id(&value, values->domain, err);
		if (ok)
			add_field(header, names->message_id, &value);
	}
	str_free(&value);
	return ok;
}

/*
 * The fields around the block up to the next Received field on each side, which
 * separates it from older and newer deliveries.
 */
static struct str
fields_around(const struct str *header, size_t start, size_t end)
{
	struct header_field field;
	size_t offset = 0, first = 0, last = header->len;

	while (header_next(header, &offset, &field)) {
		if (!header_field_is(&field, "Received"))
			continue;
		if (offset <= start)
			first = offset;
		else if (offset > end && last == header->len)
			last = offset - field.len;
	}
	return (struct str){ header->data + first, last - first, 0 };
}

/*
 * Whether the field is in a Resent block without recipients, which is probably a
 * part of the current block that another field separates from the rest.
 */
static bool
has_elsewhere(const struct str *around, const char *name)
{
	size_t end = 0, start;

	while (header_next_resent(around, &end, &start)) {
		struct str block = { around->data + start, end - start, 0 };

		if (!header_names_recipients(&block)
		    && header_has(&block, name))
			return true;
	}
	return false;
}

static enum header_mode
add_only(const struct str *around, enum header_mode mode, const char *name)
{
	return mode == HEADER_MODE_OFF || has_elsewhere(around, name)
	    ? HEADER_MODE_OFF
	    : HEADER_MODE_AUTO;
}

/*
 * Completes the current Resent block.  Its fields are never replaced: they name
 * the person who resends the message.
 */
static bool
complete_resent(struct str *header, const struct header_settings *settings,
    const struct header_values *values, struct error *err)
{
	const struct names *names = &resent_names;
	struct str block = { 0 }, rest = { 0 }, around;
	struct header_settings modes = { 0 };
	size_t start, end;
	bool ok;

	if (!values->resends || !header_find_resent(header, &start, &end))
		return true;
	around = fields_around(header, start, end);
	modes.date = add_only(&around, settings->date, names->date);
	modes.from = add_only(&around, settings->from, names->from);
	modes.message_id =
	    add_only(&around, settings->message_id, names->message_id);
	str_append(&block, header->data + start, end - start);
	str_append(&rest, header->data + end, header->len - end);
	ok = complete_fields(&block, names, &modes, values, err);
	str_truncate(header, start);
	str_append(header, block.data, block.len);
	str_append(header, rest.data, rest.len);
	str_free(&block);
	str_free(&rest);
	return ok;
}

/* To */

/*
 * Collects the addresses of Bcc, which must not appear in a generated To.  A
 * syntax error hides the addresses before it, too.
 */
static void
collect_hidden(const struct str *header, struct envelope *hidden)
{
	static const char *const names[] = { "Bcc", "Resent-Bcc" };
	struct header_field field;
	size_t offset = 0;

	while (header_next(header, &offset, &field)) {
		struct address_list list = { 0 };

		if (header_field_name(&field, names, COUNT_OF(names)) == NULL)
			continue;
		address_parse(&list, field.value, field.value_len, NULL);
		for (size_t i = 0; i < list.count; i++)
			envelope_add(hidden, list.items[i].text, NULL);
		address_list_free(&list);
	}
}

/* Replaces To, Cc and Bcc by a To with the operands that are in no Bcc field, one
 * on each line. */
static void
set_to(struct str *header, const struct strv *operands)
{
	static const char *const replaced[] = { "To", "Cc", "Bcc" };
	struct envelope hidden = { 0 };
	struct str value = { 0 };

	collect_hidden(header, &hidden);
	for (size_t i = 0; i < operands->count; i++)
		if (envelope_add(&hidden, operands->items[i], NULL))
			str_printf(&value, "%s%s", value.len > 0 ? ",\n " : "",
			    operands->items[i]);
	if (value.len > 0) {
		header_remove(header, replaced, COUNT_OF(replaced));
		header_add(header, "To", value.data);
	}
	str_free(&value);
	envelope_free(&hidden);
}

void
message_remove_hidden(struct message *m, const struct header_settings *settings)
{
	static const char *const always[] = { "Return-Path", "Content-Length" };
	static const char *const hidden[] = { "Bcc", "Resent-Bcc" };

	header_remove(&m->header, always, COUNT_OF(always));
	if (settings->remove_bcc)
		header_remove(&m->header, hidden, COUNT_OF(hidden));
}

/* RFC 822 required To, Cc or Bcc, and some programs still do. */
static void
complete_to(struct str *header)
{
	static const char *const names[] = { "To", "Cc", "Bcc" };

	if (!header_has_any(header, names, COUNT_OF(names)))
		header_add(header, "To", "undisclosed-recipients:;");
}

/* MIME */

bool
message_declare_8bit(struct message *m, struct error *err)
{
	static const char *const names[] = { "MIME-Version", "Content-Type",
		"Content-Transfer-Encoding" };
	bool is_utf8;

	if (!m->has_8bit_body)
		return true;
	if (header_has_any(&m->header, names, COUNT_OF(names)))
		return true;
	if (!message_text_is_utf8(&m->body, 0, m->body.size, &is_utf8, err))
		return false;
	header_add(&m->header, names[0], "1.0");
	header_add(&m->header, names[1],
	    is_utf8 ? "text/plain; charset=utf-8"
		    : "text/plain; charset=unknown-8bit");
	header_add(&m->header, names[2], "8bit");
	return true;
}

static bool
complete_header(struct str *header, const struct header_settings *settings,
    const struct header_values *values, struct error *err)
{
	if (settings->set_to && values->operands != NULL)
		set_to(header, values->operands);
	return complete_resent(header, settings, values, err)
	    && complete_fields(header, &plain_names, settings, values, err);
}

bool
message_add_headers(struct message *m, const struct header_settings *settings,
    const struct header_values *values, struct error *err)
{
	struct str *header = &m->header;

	if (header_count(header, "Received") > MESSAGE_HOPS_MAX)
		return error_set(err, ERROR_LOOP,
		    "mail loop: the message has more than %d Received fields",
		    MESSAGE_HOPS_MAX);
	if (!settings->add_nothing
	    && !complete_header(header, settings, values, err))
		return false;
	message_remove_hidden(m, settings);
	if (!settings->add_nothing)
		complete_to(header);
	m->has_8bit_header = !text_is_ascii(str_text(header), header->len);
	return settings->add_nothing || message_declare_8bit(m, err);
}
