/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/add_headers.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/text.h"
#include "mail/address.h"
#include "mail/encode.h"
#include "mail/envelope.h"
#include "mail/header.h"
#include "mail/resent.h"

/* Values */

/*
 * date-time = day-name "," day month year hour ":" minute ":" second zone
 * (RFC 5322 section 3.3), in local time, in English whatever the locale.
 */
static void
add_date(struct str *out, time_t now)
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu",
		"Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct tm tm = { .tm_mday = 1, .tm_year = 70, .tm_wday = 4 };
	long minutes;

	localtime_r(&now, &tm);
	minutes = tm.tm_gmtoff / 60;
	str_printf(out, "%s, %d %s %04d %02d:%02d:%02d %c%02ld%02ld",
	    days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
	    tm.tm_hour, tm.tm_min, tm.tm_sec, minutes < 0 ? '-' : '+',
	    (minutes < 0 ? -minutes : minutes) / 60,
	    (minutes < 0 ? -minutes : minutes) % 60);
}

/*
 * msg-id = "<" id-left "@" id-right ">"; 160 random bits on the left tell
 * nobody when, where or by which process the message was made.
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
add_from(struct str *out, const struct header_values *facts)
{
	if (facts->full_name == NULL || !encode_phrase(out, facts->full_name)) {
		str_add(out, facts->from);
		return;
	}
	/* Encoded words fill their lines. */
	str_printf(out, "%s<%s>",
	    strncmp(out->data, "=?", 2) == 0 ? "\n " : " ", facts->from);
}

/* Fields */

static void
remove_field(struct str *header, const char *name)
{
	header_remove(header, &name, 1);
}

/* Whether the field must be added; what is in its place goes. */
static bool
wants(struct str *header, enum header_mode mode, const char *name)
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

static void
complete_date(struct str *header, const char *name, enum header_mode mode,
    time_t now)
{
	struct str value = { 0 };

	if (!wants(header, mode, name))
		return;
	add_date(&value, now != 0 ? now : time(NULL));
	header_add(header, name, str_text(&value));
	str_free(&value);
}

static void
complete_from(struct str *header, const struct names *names,
    enum header_mode mode, const struct header_values *facts)
{
	struct str value = { 0 };

	if (facts->from == NULL || *facts->from == '\0'
	    || !wants(header, mode, names->from))
		return;
	add_from(&value, facts);
	header_add(header, names->from, str_text(&value));
	if (names->reply_to != NULL && facts->reply_to != NULL
	    && !header_has(header, names->reply_to))
		header_add(header, names->reply_to, facts->reply_to);
	str_free(&value);
}

static bool
complete_message_id(struct str *header, const char *name, enum header_mode mode,
    const char *domain, struct error *err)
{
	struct str value = { 0 };
	bool ok;

	if (!wants(header, mode, name))
		return true;
	ok = add_message_id(&value, domain, err);
	if (ok)
		header_add(header, name, str_text(&value));
	str_free(&value);
	return ok;
}

static bool
complete_fields(struct str *header, const struct names *names,
    const struct header_settings *settings, const struct header_values *facts,
    struct error *err)
{
	complete_date(header, names->date, settings->date, facts->now);
	complete_from(header, names, settings->from, facts);
	return complete_message_id(header, names->message_id,
	    settings->message_id, facts->domain, err);
}

static enum header_mode
without_replacing(enum header_mode mode)
{
	return mode == HEADER_MODE_OFF ? HEADER_MODE_OFF : HEADER_MODE_AUTO;
}

/*
 * Completes the first Resent block.  It tells who resends, which is never
 * for us to replace.
 */
static bool
complete_resent(struct str *header, const struct header_settings *settings,
    const struct header_values *facts, struct error *err)
{
	struct header_settings gentle = {
		.date = without_replacing(settings->date),
		.from = without_replacing(settings->from),
		.message_id = without_replacing(settings->message_id),
	};
	struct str block = { 0 }, rest = { 0 };
	size_t start, end;
	bool ok;

	if (!resent_find(header, &start, &end))
		return true;
	str_append(&block, header->data + start, end - start);
	str_append(&rest, header->data + end, header->len - end);
	ok = complete_fields(&block, &resent_names, &gentle, facts, err);
	str_truncate(header, start);
	str_append(header, block.data, block.len);
	str_append(header, rest.data, rest.len);
	str_free(&block);
	str_free(&rest);
	return ok;
}

/* To */

/* Collects whom the sender wants to hide; a broken list hides all it has. */
static void
collect_hidden(const struct str *header, struct envelope *hidden)
{
	static const char *const names[] = { "Bcc", "Resent-Bcc" };
	struct header_field field;
	size_t offset = 0;

	while (header_next(header, &offset, &field)) {
		struct address_list list = { 0 };

		if (!header_field_is(&field, names[0])
		    && !header_field_is(&field, names[1]))
			continue;
		address_parse(&list, field.value, field.value_len, NULL);
		for (size_t i = 0; i < list.count; i++)
			envelope_add(hidden, list.items[i].text, NULL);
		address_list_free(&list);
	}
}

/* Replaces To by those operands that stand in no Bcc, one to a line. */
static void
set_to(struct str *header, const struct strv *operands)
{
	struct envelope hidden = { 0 };
	struct str value = { 0 };

	collect_hidden(header, &hidden);
	for (size_t i = 0; i < operands->count; i++)
		if (envelope_add(&hidden, operands->items[i], NULL))
			str_printf(&value, "%s%s", value.len > 0 ? ",\n " : "",
			    operands->items[i]);
	if (value.len > 0) {
		remove_field(header, "To");
		header_add(header, "To", value.data);
	}
	str_free(&value);
	envelope_free(&hidden);
}

static void
clean_fields(struct str *header, const struct header_settings *settings)
{
	static const char *const always[] = { "Return-Path", "Content-Length" };
	static const char *const hidden[] = { "Bcc", "Resent-Bcc" };

	header_remove(header, always, COUNT_OF(always));
	if (settings->remove_bcc)
		header_remove(header, hidden, COUNT_OF(hidden));
}

/* Programs on the way expect to see somebody that a message is for. */
static void
complete_to(struct str *header)
{
	if (!header_has(header, "To") && !header_has(header, "Cc")
	    && !header_has(header, "Bcc"))
		header_add(header, "To", "undisclosed-recipients:;");
}

/* MIME */

#define BLOCK_SIZE 16384

/* How many octets of the block are whole characters, if it is UTF-8. */
static size_t
whole_characters(const char *block, size_t len)
{
	size_t back = 0;

	while (back < 3 && back < len
	    && ((unsigned char)block[len - 1 - back] & 0xc0) == 0x80)
		back++;
	if (back < len && (unsigned char)block[len - 1 - back] >= 0xc0)
		return len - 1 - back;
	return len;
}

static bool
body_is_utf8(const struct buffer_file *body, bool *is_utf8, struct error *err)
{
	char block[BLOCK_SIZE];
	uint64_t offset = 0;
	size_t got;

	*is_utf8 = true;
	while (*is_utf8) {
		if (!buffer_file_read(body, offset, block, sizeof(block), &got,
			err))
			return false;
		if (got == 0)
			break;
		if (offset + got < body->size)
			got = whole_characters(block, got);
		*is_utf8 = got > 0 && text_is_utf8(block, got);
		offset += got;
	}
	return true;
}

/* RFC 2045: octets over 127 must be declared; RFC 1428 for unknown ones. */
static bool
declare_8bit(struct message *m, struct error *err)
{
	static const char *const names[] = { "MIME-Version", "Content-Type",
		"Content-Transfer-Encoding" };
	bool is_utf8;

	if (!m->has_8bit_body)
		return true;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (header_has(&m->header, names[i]))
			return true;
	if (!body_is_utf8(&m->body, &is_utf8, err))
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
    const struct header_values *facts, struct error *err)
{
	if (settings->set_to && facts->operands != NULL)
		set_to(header, facts->operands);
	return complete_resent(header, settings, facts, err)
	    && complete_fields(header, &plain_names, settings, facts, err);
}

bool
message_add_headers(struct message *m, const struct header_settings *settings,
    const struct header_values *facts, struct error *err)
{
	struct str *header = &m->header;

	if (header_count(header, "Received") > MESSAGE_HOPS_MAX)
		return error_set(err, ERROR_LOOP,
		    "mail loop: the message has more than %d Received fields",
		    MESSAGE_HOPS_MAX);
	if (!settings->add_nothing
	    && !complete_header(header, settings, facts, err))
		return false;
	clean_fields(header, settings);
	if (!settings->add_nothing)
		complete_to(header);
	m->has_8bit_header = !text_is_ascii(str_text(header), header->len);
	return settings->add_nothing || declare_8bit(m, err);
}
