/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes and reads the records of a listing. */
#include "queue/listing.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"
#include "mail/dsn.h"

/* The octets of a text before they are encoded, and of a record. */
#define TEXT_OCTETS 1000
#define RECORD_MAX 16384
#define RECIPIENTS_MAX 100000
#define WARNINGS_MAX 100
#define FIELDS_MAX 11

bool
queue_item_has(const struct queue_item *item, const struct queue_recipient *r)
{
	return r->state == QUEUE_WAITING
	    || (item->place == QUEUE_FAILED_MAIL && r->state == QUEUE_FAILED);
}

/* ---- writing ---- */

static void
add_text(struct str *out, const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0;

	if (len > TEXT_OCTETS) {
		len = TEXT_OCTETS;
		while (len > TEXT_OCTETS - 4 && text_is_utf8_tail(text[len]))
			len--;
	}
	str_add_char(out, ' ');
	if (len == 0)
		str_add_char(out, '=');
	else
		dsn_encode_xtext(out, text, len);
}

static const char *
lock_word(bool is_locked)
{
	return is_locked ? "locked" : "free";
}

/* The other states are told to nobody. */
static const char *
state_word(enum queue_recipient_state state)
{
	return state == QUEUE_FAILED ? "failed" : "waiting";
}

void
queue_listing_add_message(struct str *out, const struct queue_item *item)
{
	const struct queue_entry *e = item->entry;

	/* The empty line between header and body belongs to the message. */
	str_printf(out,
	    "message %s %s %s %" PRIu64 " %" PRIu64 " %" PRId64 " %u %" PRId64,
	    e->id.text, queue_place_name(item->place),
	    lock_word(item->is_locked), e->uid,
	    e->text.header_size + 1 + e->text.body_size, e->arrival,
	    e->attempts, item->next);
	add_text(out, e->account);
	add_text(out, e->is_notice ? NULL : e->sender);
}

void
queue_listing_add_recipient(struct str *out, const struct queue_recipient *r)
{
	str_printf(out, "recipient %s %d %s %" PRId64, state_word(r->state),
	    r->status.code,
	    *r->status.enhanced != '\0' ? r->status.enhanced : "=", r->time);
	add_text(out, r->host);
	add_text(out, r->reason);
	add_text(out, r->address);
}

void
queue_listing_add_warning(struct str *out, const char *text)
{
	str_add(out, "warning");
	add_text(out, text);
}

void
queue_listing_add_failure(struct str *out, const char *text)
{
	str_add(out, "failed");
	add_text(out, text);
}

void
queue_listing_add_end(struct str *out, uint64_t count)
{
	str_printf(out, "end %" PRIu64, count);
}

bool
queue_listing_fold(const struct str *record, size_t *at, struct str *line)
{
	size_t room = QUEUE_LISTING_LINE_MAX - (*at > 0);
	size_t len = record->len - *at;

	if (len == 0)
		return false;
	str_truncate(line, 0);
	if (*at > 0)
		str_add_char(line, ' ');
	if (len > room)
		len = room;
	str_append(line, record->data + *at, len);
	*at += len;
	return true;
}

/* ---- fields ---- */

/* The fields of a record, behind its name. */
struct fields {
	const char *items[FIELDS_MAX];
	size_t next;
};

static bool
next_number(struct fields *f, uint64_t max, uint64_t *number)
{
	unsigned long long value = 0;

	if (!text_number(f->items[f->next++], 0, max, &value))
		return false;
	*number = value;
	return true;
}

static bool
next_time(struct fields *f, int64_t *when)
{
	uint64_t value = 0;
	bool ok = next_number(f, INT64_MAX, &value);

	*when = (int64_t)value;
	return ok;
}

static bool
next_unsigned(struct fields *f, unsigned max, unsigned *number)
{
	uint64_t value = 0;
	bool ok = next_number(f, max, &value);

	*number = (unsigned)value;
	return ok;
}

static int
hex_digit(char c)
{
	if (text_is_digit((unsigned char)c))
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Unlike dsn_decode_xtext(), for text in UTF-8. */
static bool
decode(struct str *out, const char *xtext)
{
	for (const char *p = xtext; *p != '\0'; p++) {
		int high, low;

		if (*p != '+') {
			if (*p <= 32 || *p >= 127 || *p == '=')
				return false;
			str_add_char(out, *p);
			continue;
		}
		high = hex_digit(p[1]);
		low = high < 0 ? -1 : hex_digit(p[2]);
		if (low < 0 || high * 16 + low == 0)
			return false;
		str_add_char(out, (char)(high * 16 + low));
		p += 2;
	}
	return true;
}

/* Sets *text, to NULL for an empty one. */
static bool
next_text(struct fields *f, char **text)
{
	const char *xtext = f->items[f->next++];
	struct str raw = { 0 };
	bool ok = *xtext != '\0';

	*text = NULL;
	if (ok && strcmp(xtext, "=") != 0) {
		ok = decode(&raw, xtext);
		if (ok)
			*text = str_steal(&raw);
	}
	str_free(&raw);
	return ok;
}

/* Returns the index of the next field among the words; count if it is none. */
static size_t
next_word(struct fields *f, const char *const *words, size_t count)
{
	const char *word = f->items[f->next++];
	size_t i = 0;

	while (i < count && strcmp(words[i], word) != 0)
		i++;
	return i;
}

/* ---- records ---- */

static bool
visit(struct queue_listing *l, struct error *err)
{
	bool ok = !l->has_message || l->visit(l->ctx, &l->item, err);

	l->has_message = false;
	queue_entry_free(&l->entry);
	return ok;
}

static bool
parse_place(struct fields *f, struct queue_item *item)
{
	const enum queue_place *place = queue_places_all;
	const char *name = f->items[f->next++];

	while (*place != QUEUE_PLACES
	    && strcmp(queue_place_name(*place), name) != 0)
		place++;
	item->place = *place;
	return *place != QUEUE_PLACES;
}

static bool
parse_message(struct queue_listing *l, struct fields *f)
{
	static const char *const locks[] = { "free", "locked" };
	struct queue_entry *e = &l->entry;
	uint64_t size = 0;
	size_t lock;

	l->item = (struct queue_item){ .entry = e };
	if (!queue_id_parse(f->items[f->next++], &e->id)
	    || !parse_place(f, &l->item))
		return false;
	lock = next_word(f, locks, COUNT_OF(locks));
	if (lock == COUNT_OF(locks) || !next_number(f, UINT32_MAX, &e->uid)
	    || !next_number(f, INT64_MAX, &size) || size == 0
	    || !next_time(f, &e->arrival)
	    || !next_unsigned(f, UINT32_MAX, &e->attempts)
	    || !next_time(f, &l->item.next) || !next_text(f, &e->account)
	    || !next_text(f, &e->sender))
		return false;
	l->item.is_locked = lock == 1;
	e->text.body_size = size - 1;
	if (e->sender == NULL)
		e->sender = alloc_string("");
	l->has_message = true;
	l->count++;
	return e->account != NULL;
}

/* With a code, the class of the status is that of the code. */
static bool
parse_status(struct fields *f, struct smtp_status *status)
{
	uint64_t code = 0;
	const char *enhanced;

	if (!next_number(f, 599, &code) || (code != 0 && code < 200))
		return false;
	status->code = (int)code;
	enhanced = f->items[f->next++];
	return strcmp(enhanced, "=") == 0
	    || status_parse(enhanced, status->enhanced) == strlen(enhanced);
}

static bool
parse_recipient(struct queue_listing *l, struct fields *f)
{
	static const char *const states[] = { "waiting", "failed" };
	size_t state = next_word(f, states, COUNT_OF(states));
	struct smtp_status status = { 0 };
	char *host = NULL, *reason = NULL, *address = NULL;
	struct queue_recipient *r;
	int64_t when;
	bool ok = l->has_message && l->entry.count < RECIPIENTS_MAX
	    && state < COUNT_OF(states) && parse_status(f, &status)
	    && next_time(f, &when) && next_text(f, &host)
	    && next_text(f, &reason) && next_text(f, &address)
	    && address != NULL;

	if (ok) {
		r = queue_entry_add(&l->entry, address, NULL);
		queue_recipient_set(r,
		    state == 1 ? QUEUE_FAILED : QUEUE_WAITING, &status, host,
		    reason);
		r->time = when;
	}
	free(host);
	free(reason);
	free(address);
	return ok;
}

static bool
parse_warning(struct queue_listing *l, struct fields *f)
{
	char *text = NULL;
	bool ok = next_text(f, &text) && text != NULL
	    && l->warnings->count < WARNINGS_MAX;

	if (ok)
		strv_take(l->warnings, text_printable(text));
	free(text);
	return ok;
}

static bool
parse_failure(struct queue_listing *l, struct fields *f)
{
	l->has_end = true;
	return next_text(f, &l->failure) && l->failure != NULL;
}

static bool
parse_end(struct queue_listing *l, struct fields *f)
{
	uint64_t count = 0;

	l->has_end = true;
	return next_number(f, UINT64_MAX, &count) && count == l->count;
}

static const struct record_row {
	const char *name;
	size_t fields;
	bool ends_message; /* which is then visited */
	bool (*parse)(struct queue_listing *l, struct fields *f);
} records[] = {
	{ "message", 10, true, parse_message },
	{ "recipient", 7, false, parse_recipient },
	{ "warning", 1, true, parse_warning },
	{ "failed", 1, true, parse_failure },
	{ "end", 1, true, parse_end },
};

/* Separates the words of the record; returns their number, or 0 if there are too
 * many. */
static size_t
split(char *record, struct fields *f)
{
	size_t count = 0;

	for (char *word = record; word != NULL;) {
		char *end = strchr(word, ' ');

		if (count == FIELDS_MAX)
			return 0;
		if (end != NULL)
			*end++ = '\0';
		f->items[count++] = word;
		word = end;
	}
	return count;
}

static bool
fail(const char *why, struct error *err)
{
	return error_set(err, ERROR_PROTOCOL,
	    "the service sent a listing of its queue that is not valid (%s)",
	    why);
}

static bool
read_record(struct queue_listing *l, struct error *err)
{
	struct fields f = { 0 };
	size_t count = split(l->record.data, &f);

	f.next = 1;
	for (size_t i = 0; i < COUNT_OF(records); i++) {
		const struct record_row *row = &records[i];

		if (count != row->fields + 1 || f.items[0] == NULL
		    || strcmp(f.items[0], row->name) != 0)
			continue;
		if (l->has_end)
			return fail("a record after its end", err);
		if (row->ends_message && !visit(l, err))
			return false;
		return row->parse(l, &f) || fail(row->name, err);
	}
	return fail("an unknown record", err);
}

/* Reads the record that the lines have completed, if there is one. */
static bool
end_record(struct queue_listing *l, struct error *err)
{
	bool ok = l->record.len == 0 || read_record(l, err);

	str_truncate(&l->record, 0);
	return ok;
}

bool
queue_listing_read(struct queue_listing *l, const char *line, struct error *err)
{
	bool goes_on = *line == ' ';

	if (*line == '\0' || (goes_on && l->record.len == 0))
		return fail("an empty record", err);
	if (!goes_on && !end_record(l, err))
		return false;
	str_add(&l->record, goes_on ? line + 1 : line);
	return l->record.len <= RECORD_MAX
	    || fail("a record that is too long", err);
}

bool
queue_listing_finish(struct queue_listing *l, struct error *err)
{
	if (!end_record(l, err))
		return false;
	if (!l->has_end)
		return fail("it has no end", err);
	return l->failure == NULL
	    || error_set(err, ERROR_FILE,
		"the listing of the service's queue is incomplete: %s",
		l->failure);
}

void
queue_listing_free(struct queue_listing *l)
{
	queue_entry_free(&l->entry);
	str_free(&l->record);
	free(l->failure);
	*l = (struct queue_listing){ 0 };
}
