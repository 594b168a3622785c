/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes the three parts of a notice: a text for people, the delivery status,
 * and the message or its header section.
 */
#include "queue/notice.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"
#include "mail/date.h"
#include "mail/fold.h"
#include "mail/header.h"
#include "mail/scan.h"

#define BLOCK ((size_t)16384)
/* Programs that answer messages know this field, and so does this one: a notice
 * that comes back is not returned again, whatever has become of its From. */
#define LOOP_FIELD "X-Loop"

/* What differs from one kind to another. */
static const struct kind {
	unsigned notify; /* of enum dsn_notify */
	bool by_default; /* wanted without NOTIFY */
	const char *action;
	const char *subject;
	const char *text;
} kinds[] = {
	[NOTICE_FAILED] = { DSN_NOTIFY_FAILURE, true, "failed",
	    "Your message could not be delivered",
	    "Your message could not be delivered to the recipients below, and "
	    "no further\nattempt will be made.\n" },
	[NOTICE_DELAYED] = { DSN_NOTIFY_DELAY, true, "delayed",
	    "Your message is delayed",
	    "Your message has not been delivered to the recipients below yet. "
	    " More attempts\nwill be made; you do not need to send it "
	    "again.\n" },
	[NOTICE_RELAYED] = { DSN_NOTIFY_SUCCESS, false, "relayed",
	    "Your message was passed on",
	    "Your message was passed on to a server that does not tell "
	    "senders about the\ndelivery.  You may not get another notice "
	    "about these recipients.\n" },
};

/* What the sender can do, by the subject of the status (RFC 3463 section 3). */
static const struct advice {
	char subject; /* the second number of the status */
	const char *text;
} advices[] = {
	{ '1',
	    "Please check the address, and send the message again if it "
	    "was wrong." },
	{ '2',
	    "The mailbox does not take the message.  Please try again "
	    "later, or reach the\nrecipient in another way." },
	{ '3',
	    "The server does not take such a message, for example because "
	    "of its size." },
	{ '4',
	    "The server could not be reached.  Please send the message "
	    "again later." },
	{ '6', "The server does not take the content of the message." },
	{ '7',
	    "The server's rules forbid the message.  Please ask the "
	    "administrator of your\nmail, and quote what the server "
	    "said." },
};

bool
notice_is_wanted(const struct queue_entry *entry,
    const struct queue_recipient *r, enum notice_kind kind)
{
	unsigned notify = queue_entry_notify(entry, r);

	if (notify == DSN_NOTIFY_DEFAULT)
		return kinds[kind].by_default;
	return (notify & kinds[kind].notify) != 0;
}

bool
notice_is_allowed(const struct queue_entry *entry)
{
	return !entry->is_notice && *entry->sender != '\0';
}

/* The value of the field by which a notice is recognized. */
static char *
loop_value(const char *host)
{
	return alloc_printf("MAILER-DAEMON@%s", host);
}

bool
notice_is_own(const struct str *header, const char *host)
{
	char *own = loop_value(host);
	struct header_field field;
	size_t offset = 0;
	bool found = false;

	while (!found && header_next(header, &offset, &field)) {
		struct str value = { 0 };

		if (!header_field_is(&field, LOOP_FIELD))
			continue;
		header_unfold(&field, &value);
		found = text_equal_nocase(str_text(&value), own);
		str_free(&value);
	}
	free(own);
	return found;
}

/* The most important kind that the notice has. */
static enum notice_kind
worst_kind(const struct notice *notice)
{
	enum notice_kind worst = NOTICE_NONE;

	for (size_t i = 0; i < notice->entry->count; i++)
		if (notice->kinds[i] > worst)
			worst = notice->kinds[i];
	return worst;
}

/* Whether an address needs the types of RFC 6533. */
static bool
is_international(const struct notice *notice)
{
	const struct queue_entry *entry = notice->entry;
	bool found = !text_is_ascii(notice->reader, strlen(notice->reader));

	for (size_t i = 0; i < entry->count && !found; i++) {
		const struct queue_recipient *r = &entry->recipients[i];

		found = notice->kinds[i] != NOTICE_NONE
		    && (!text_is_ascii(r->address, strlen(r->address))
			|| (r->original != NULL
			    && !text_is_ascii(r->original,
				strlen(r->original))));
	}
	return found;
}

/* Whether a server found the message too large (RFC 3463): the notice with the
 * whole message would be so, too. */
static bool
is_too_large(const struct notice *notice)
{
	for (size_t i = 0; i < notice->entry->count; i++) {
		const char *status =
		    notice->entry->recipients[i].status.enhanced;

		if (notice->kinds[i] == NOTICE_FAILED
		    && (strcmp(status, "5.3.4") == 0
			|| strcmp(status, "5.2.3") == 0))
			return true;
	}
	return false;
}

/* RET counts for failures only (RFC 3461 section 4.3). */
static bool
returns_whole(const struct notice *notice)
{
	if (worst_kind(notice) != NOTICE_FAILED
	    || notice->entry->dsn.wanted == DSN_RETURN_HEADERS
	    || is_too_large(notice))
		return false;
	return notice->entry->dsn.wanted == DSN_RETURN_FULL
	    || message_size(notice->message) < NOTICE_WHOLE_MAX;
}

/* ---- the text ---- */

static const char *
find_advice(const struct queue_recipient *r)
{
	const char *dot = strchr(r->status.enhanced, '.');

	for (size_t i = 0; dot != NULL && i < COUNT_OF(advices); i++)
		if (dot[1] == advices[i].subject && dot[2] == '.')
			return advices[i].text;
	return NULL;
}

bool
notice_is_about_login(int code)
{
	return code == 432 || code == 534 || code == 535 || code == 538;
}

bool
notice_hides_reason(const struct queue_recipient *r)
{
	const char *status = r->status.enhanced;

	if (notice_is_about_login(r->status.code))
		return true;
	if (r->status.code != 0 || strlen(status) < strlen("4.3.0"))
		return false;
	return status[2] == '3' || status[2] == '7'
	    || strcmp(status + 2, "4.6") == 0;
}

static void
add_recipient_text(const struct queue_recipient *r, enum notice_kind kind,
    struct str *out)
{
	bool hidden = notice_hides_reason(r);
	/* Advice about a server would be false if none was asked. */
	const char *advice = hidden ? NULL : find_advice(r);

	str_printf(out, "\n<%s>", r->address);
	if (r->original != NULL && strcmp(r->original, r->address) != 0)
		str_printf(out, " (for %s)", r->original);
	str_add_char(out, '\n');
	if (hidden) {
		str_add(out, NOTICE_HIDDEN_REASON "\n");
	} else if (r->reason != NULL && kind != NOTICE_RELAYED) {
		if (r->host != NULL)
			str_printf(out, "%s%s", r->host,
			    r->status.code != 0 ? " said:\n" : ": ");
		str_printf(out, "%s\n", r->reason);
	}
	if (advice != NULL && kind == NOTICE_FAILED)
		str_printf(out, "%s\n", advice);
}

/* Tells of all recipients with that kind of result. */
static void
add_kind_text(const struct notice *notice, enum notice_kind kind,
    struct str *out)
{
	const char *introduction = kinds[kind].text;

	for (size_t i = 0; i < notice->entry->count; i++) {
		if (notice->kinds[i] != kind)
			continue;
		if (introduction != NULL)
			str_printf(out, "\n%s", introduction);
		introduction = NULL;
		add_recipient_text(&notice->entry->recipients[i], kind, out);
	}
}

static void
add_text(const struct notice *notice, struct str *out)
{
	str_printf(out, "This is the mail system of %s.\n", notice->host);
	for (int kind = NOTICE_FAILED; kind > NOTICE_NONE; kind--)
		add_kind_text(notice, (enum notice_kind)kind, out);
	str_add(out,
	    returns_whole(notice) ? "\nThe message is attached.\n"
				  : "\nThe header of the message is "
				    "attached.\n");
}

/* ---- the delivery status ---- */

static void
add_date_field(struct str *out, const char *name, int64_t time)
{
	if (time == 0)
		return;
	str_printf(out, "%s: ", name);
	date_add(out, (time_t)(time / 1000));
	str_add_char(out, '\n');
}

/* Other characters than those of ASCII are allowed in the types of RFC 6533
 * only. */
static void
add_status_text(struct str *out, const char *text, bool international)
{
	if (international) {
		str_add(out, text);
		return;
	}
	for (; *text != '\0'; text++)
		if (!text_is_utf8_tail(*text))
			str_add_char(out,
			    (unsigned char)*text < 0x80 ? *text : '?');
}

static void
add_address_field(struct str *out, const char *name, const char *address)
{
	const char *type =
	    text_is_ascii(address, strlen(address)) ? "rfc822" : "utf-8";

	str_printf(out, "%s: %s; %s\n", name, type, address);
}

/* Returns the status for the kind of notice: that of a server may be missing,
 * or of a failure that passed. */
static const char *
status_of(const struct queue_recipient *r, enum notice_kind kind)
{
	const char *status = r->status.enhanced;

	switch (kind) {
	case NOTICE_FAILED:
		return *status != '\0' ? status : "5.0.0";
	case NOTICE_DELAYED:
		return *status == '4' ? status : "4.4.7";
	case NOTICE_RELAYED:
	case NOTICE_NONE:
		break;
	}
	return *status == '2' ? status : "2.0.0";
}

/* per-recipient-fields (RFC 3464 section 2.3) */
static void
add_recipient_fields(const struct notice *notice, size_t index,
    bool international, struct str *out)
{
	const struct queue_recipient *r = &notice->entry->recipients[index];
	enum notice_kind kind = notice->kinds[index];

	str_add_char(out, '\n');
	if (r->original != NULL)
		add_address_field(out, "Original-Recipient", r->original);
	add_address_field(out, "Final-Recipient", r->address);
	str_printf(out, "Action: %s\nStatus: %s\n", kinds[kind].action,
	    status_of(r, kind));
	if (r->host != NULL)
		str_printf(out, "Remote-MTA: dns; %s\n", r->host);
	if (r->reason != NULL && r->status.code != 0
	    && !notice_hides_reason(r)) {
		str_add(out, "Diagnostic-Code: smtp; ");
		add_status_text(out, r->reason, international);
		str_add_char(out, '\n');
	}
	add_date_field(out, "Last-Attempt-Date",
	    r->state == QUEUE_WAITING ? notice->entry->last_attempt : r->time);
	if (kind == NOTICE_DELAYED)
		add_date_field(out, "Will-Retry-Until", notice->retry_until);
}

/* per-message-fields (RFC 3464 section 2.2), and those of the recipients */
static void
add_delivery_status(const struct notice *notice, bool international,
    struct str *out)
{
	const struct queue_entry *entry = notice->entry;

	str_printf(out, "Reporting-MTA: dns; %s\n", notice->host);
	if (entry->dsn.envelope_id != NULL)
		str_printf(out, "Original-Envelope-Id: %s\n",
		    entry->dsn.envelope_id);
	add_date_field(out, "Arrival-Date", entry->arrival);
	for (size_t i = 0; i < entry->count; i++)
		if (notice->kinds[i] != NOTICE_NONE)
			add_recipient_fields(notice, i, international, out);
}

/* ---- the whole ---- */

/* The body that is being written, and what is known of it. */
struct writer {
	struct message *out;
	struct scan scan;
	bool long_lines;
};

static bool
append(struct writer *w, const char *data, size_t len, struct error *err)
{
	scan_octets(&w->scan, data, len);
	return buffer_file_add(&w->out->body, data, len, err);
}

/* Appends whole lines; those of a header section may be long. */
static bool
append_lines(struct writer *w, const struct str *lines, struct error *err)
{
	w->long_lines |= fold_is_needed(lines->data, lines->len);
	return append(w, lines->data, lines->len, err);
}

static void
add_part(struct str *out, const char *boundary, const char *type, bool is_8bit)
{
	str_printf(out, "\n--%s\nContent-Type: %s\n", boundary, type);
	if (is_8bit)
		str_add(out, "Content-Transfer-Encoding: 8bit\n");
	str_add_char(out, '\n');
}

static bool
append_body(struct writer *w, const struct message *m, struct error *err)
{
	char block[BLOCK];
	size_t got = 1;

	for (uint64_t at = 0; at < m->body.size && got > 0; at += got)
		if (!buffer_file_read(&m->body, at, block, sizeof(block), &got,
			err)
		    || !append(w, block, got, err))
			return false;
	return true;
}

/* The first two parts. */
static bool
append_report(const struct notice *notice, const char *boundary,
    struct writer *w, struct error *err)
{
	bool international = is_international(notice);
	struct str text = { 0 };
	struct str all = { 0 };
	bool ok;

	add_text(notice, &text);
	add_part(&all, boundary, "text/plain; charset=utf-8",
	    !text_is_ascii(text.data, text.len));
	str_append(&all, text.data, text.len);
	add_part(&all, boundary,
	    international ? "message/global-delivery-status"
			  : "message/delivery-status",
	    international);
	add_delivery_status(notice, international, &all);
	ok = append_lines(w, &all, err);
	str_free(&text);
	str_free(&all);
	return ok;
}

/* The last part: the message, or its header section. */
static bool
append_original(const struct notice *notice, const char *boundary,
    struct writer *w, struct error *err)
{
	static const char *const types[2][2] = {
		{ "text/rfc822-headers", "message/global-headers" },
		{ "message/rfc822", "message/global" },
	};
	const struct message *m = notice->message;
	bool whole = returns_whole(notice);
	struct str text = { 0 };
	bool ok;

	add_part(&text, boundary,
	    types[whole][is_international(notice) || m->has_8bit_header],
	    m->has_8bit_header || (whole && m->has_8bit_body));
	str_append(&text, m->header.data, m->header.len);
	if (whole)
		str_add_char(&text, '\n');
	w->long_lines |= whole && m->has_long_lines;
	ok = append_lines(w, &text, err) && (!whole || append_body(w, m, err));
	str_truncate(&text, 0);
	str_printf(&text, "\n--%s--\n", boundary);
	ok = ok && append_lines(w, &text, err);
	str_free(&text);
	return ok;
}

static void
add_content_fields(const struct notice *notice, const char *boundary,
    struct str *header)
{
	char *type =
	    alloc_printf("multipart/report; report-type=%s;\n\tboundary=\"%s\"",
		is_international(notice) ? "global-delivery-status"
					 : "delivery-status",
		boundary);

	header_add(header, "MIME-Version", "1.0");
	header_add(header, "Content-Type", type);
	free(type);
}

static void
add_header(const struct notice *notice, struct str *header)
{
	char *from = alloc_printf("Mail Delivery System <MAILER-DAEMON@%s>",
	    notice->host);
	char *loop = loop_value(notice->host);
	struct str id = { 0 };

	header_add(header, "From", from);
	header_add(header, "To", notice->reader);
	header_add(header, "Subject", kinds[worst_kind(notice)].subject);
	header_add(header, "Auto-Submitted", "auto-replied");
	header_add(header, LOOP_FIELD, loop);
	if (header_value(&notice->message->header, "Message-ID", &id)
	    && id.len > 0) {
		header_add(header, "In-Reply-To", id.data);
		header_add(header, "References", id.data);
	}
	str_free(&id);
	free(loop);
	free(from);
}

bool
notice_build(const struct notice *notice, struct message *out,
    struct error *err)
{
	struct writer w = { .out = out };
	char *boundary = alloc_printf("=_%s_report", notice->entry->id.text);
	bool ok;

	add_header(notice, &out->header);
	add_content_fields(notice, boundary, &out->header);
	ok = append_report(notice, boundary, &w, err)
	    && append_original(notice, boundary, &w, err);
	out->has_8bit_header =
	    !text_is_ascii(out->header.data, out->header.len);
	out->has_8bit_body = w.scan.has_8bit;
	out->body_lines = w.scan.lines;
	out->has_long_lines = w.long_lines;
	out->broken_lines =
	    returns_whole(notice) && notice->message->broken_lines;
	free(boundary);
	return ok;
}
