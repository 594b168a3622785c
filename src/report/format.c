/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Formats errors and results for standard error and for the log. */
#include "report/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text.h"

/* The most recipients in one log line, and about their octets; further ones are
 * counted.  With them, a line has fewer octets than any logger takes (8000). */
#define LOGGED_RECIPIENTS 50
#define LOGGED_OCTETS 2500

void
report_error(const struct error *err, const char *recipient, struct str *out)
{
	struct str address = { 0 };

	if (recipient != NULL) {
		str_add_char(&address, '<');
		text_clean(&address, recipient, strlen(recipient), TEXT_MAX);
		str_add_char(&address, '>');
		if (err->subject == NULL || !str_equal(&address, err->subject))
			str_printf(out, "%s: ", str_text(&address));
	}
	error_print(err, recipient == NULL, out);
	str_free(&address);
}

static bool
same_reason(const struct error *a, const struct error *b)
{
	struct str first = { 0 }, second = { 0 };
	bool same;

	if (a->kind != b->kind || a->stage != b->stage)
		return false;
	error_print(a, false, &first);
	error_print(b, false, &second);
	same = strcmp(str_text(&first), str_text(&second)) == 0;
	str_free(&first);
	str_free(&second);
	return same;
}

/* Whether all recipients failed for the same reason. */
static bool
has_common_failure(const struct envelope *e)
{
	const struct error *first = &e->recipients[0].outcome;

	if (envelope_count(e, RECIPIENT_FAILED) != e->count
	    || error_is_rejection(first, STAGE_RCPT))
		return false;
	for (size_t i = 1; i < e->count; i++)
		if (!same_reason(first, &e->recipients[i].outcome))
			return false;
	return true;
}

static void
add_line(struct strv *lines, const struct error *err, const char *recipient)
{
	struct str line = { 0 };

	report_error(err, recipient, &line);
	strv_take(lines, str_steal(&line));
}

void
report_envelope(const struct envelope *e, struct strv *lines)
{
	size_t delivered = envelope_count(e, RECIPIENT_DELIVERED);
	size_t queued = envelope_count(e, RECIPIENT_QUEUED);

	if (delivered + queued == e->count)
		return;
	if (has_common_failure(e)) {
		add_line(lines, &e->recipients[0].outcome, NULL);
		return;
	}
	for (size_t i = 0; i < e->count; i++)
		if (e->recipients[i].state == RECIPIENT_FAILED)
			add_line(lines, &e->recipients[i].outcome,
			    e->recipients[i].address);
	if (queued > 0)
		strv_take(lines,
		    alloc_printf("the message was queued for %zu of %zu "
				 "recipients",
			queued, e->count));
	if (delivered > 0)
		strv_take(lines,
		    alloc_printf("the message was accepted for %zu of %zu "
				 "recipients",
			delivered, e->count));
}

/* A line of the log, and the same as fields of the journal, unless that is NULL. */
struct line {
	struct str *text;
	struct str *fields;
};

/* Adds VEREDUS_NAME=VALUE; the value has no line end. */
static void
add_to_journal(struct str *fields, const char *name, const char *value)
{
	if (fields == NULL)
		return;
	str_add(fields, "VEREDUS_");
	for (const char *p = name; *p != '\0'; p++)
		str_add_char(fields,
		    (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p));
	str_add_char(fields, '=');
	str_add(fields, value);
	str_add_char(fields, '\n');
}

/* Adds NAME=VALUE as it is. */
static void
add_plain(struct line *out, const char *name, const char *value)
{
	str_add(out->text, out->text->len > 0 ? " " : "");
	str_add(out->text, name);
	str_add_char(out->text, '=');
	str_add(out->text, value);
	add_to_journal(out->fields, name, value);
}

/* Adds NAME=VALUE; a value with a space, quote or "=" is quoted. */
static void
add_field(struct line *out, const char *name, const char *value)
{
	char *clean = text_printable(value == NULL ? "" : value);
	bool quoted = strpbrk(clean, " \"=") != NULL;

	str_add(out->text, out->text->len > 0 ? " " : "");
	str_add(out->text, name);
	str_add(out->text, quoted ? "=\"" : "=");
	add_to_journal(out->fields, name, clean);
	for (char *p = clean; quoted && (p = strchr(p, '"')) != NULL;)
		*p = '\'';
	str_add(out->text, clean);
	str_add(out->text, quoted ? "\"" : "");
	free(clean);
}

static void
add_number(struct line *out, const char *name, uint64_t value)
{
	char number[24];

	snprintf(number, sizeof(number), "%" PRIu64, value);
	add_plain(out, name, number);
}

/* Adds a number of which 0 means that it is unknown. */
static void
add_known(struct line *out, const char *name, uint64_t value)
{
	if (value != 0)
		add_number(out, name, value);
	else
		add_plain(out, name, "");
}

static void
add_recipients(struct line *out, const struct envelope *e)
{
	size_t count = e == NULL ? 0 : e->count;
	struct str list = { 0 };
	size_t i;

	for (i = 0;
	     i < count && i < LOGGED_RECIPIENTS && list.len < LOGGED_OCTETS;
	     i++) {
		char *clean = text_printable(e->recipients[i].address);

		/* A space in an address would end the field. */
		for (char *p = clean; *p != '\0'; p++)
			if (*p == ' ')
				*p = '_';
		str_printf(&list, "%s%s", i > 0 ? "," : "", clean);
		free(clean);
	}
	if (i < count)
		str_printf(&list, ",+%zu", count - i);
	add_plain(out, "recipients", str_text(&list));
	str_free(&list);
}

const char *
report_result_word(const struct log_entry *entry)
{
	const struct envelope *e = entry->envelope;

	if (entry->result != NULL)
		return entry->result;
	if (entry->err == NULL || !error_is_set(entry->err))
		return "sent";
	if (entry->err->uncertain)
		return "uncertain";
	if (e != NULL
	    && (envelope_count(e, RECIPIENT_DELIVERED) > 0
		|| envelope_count(e, RECIPIENT_QUEUED) > 0))
		return "partial";
	return entry->err->temporary ? "deferred" : "failed";
}

static void
add_session(struct line *out, const struct session_log *session)
{
	static const struct session_log none;

	if (session == NULL)
		session = &none;
	add_field(out, "tls", str_text(&session->tls));
	add_field(out, "auth", session->mechanism);
}

static void
add_failure(struct line *out, const struct error *err)
{
	char *message = error_describe(err);

	if (err->said != NULL && *err->said != '\0')
		add_field(out, "said", err->said);
	if (err->text != NULL || err->causes != NULL)
		add_field(out, "error", message);
	free(message);
}

static bool
is_set(const struct error *err)
{
	return err != NULL && error_is_set(err);
}

const struct error *
report_shown_error(const struct log_entry *entry)
{
	if (is_set(entry->err))
		return entry->err;
	return is_set(entry->reason) ? entry->reason : NULL;
}

static void
add_delay(struct line *out, int64_t milliseconds)
{
	char seconds[32];

	snprintf(seconds, sizeof(seconds), "%" PRId64 ".%03" PRId64,
	    milliseconds / 1000, milliseconds % 1000);
	add_plain(out, "delay", seconds);
}

static void
add_result(struct line *out, const struct log_entry *entry)
{
	const struct error *err = report_shown_error(entry);
	static const struct smtp_status none;
	const struct smtp_status *status = err != NULL ? &err->status
	    : entry->session != NULL                   ? &entry->session->status
						       : &none;

	add_known(out, "code", (uint64_t)status->code);
	add_field(out, "status", status->enhanced);
	add_field(out, "result", report_result_word(entry));
	add_delay(out, entry->delay);
	if (err != NULL)
		add_failure(out, err);
	add_number(out, "exit", (uint64_t)entry->exit_status);
}

/* Whose message it is. */
static void
add_client(struct line *out, const struct log_entry *entry)
{
	char *name;

	if (entry->client == NULL)
		return;
	name = user_name(entry->client);
	add_number(out, "uid", user_client(entry->client));
	add_field(out, "login", name);
	if (entry->client->label != NULL
	    && strcmp(entry->client->label, "unconfined") != 0)
		add_field(out, "label", entry->client->label);
	add_field(out, "account", entry->account);
	free(name);
}

static void
add_all(struct line *out, const struct log_entry *entry)
{
	const struct envelope *e = entry->envelope;

	if (entry->queue_id != NULL)
		add_field(out, "queue", entry->queue_id);
	if (entry->trace_id != NULL && *entry->trace_id != '\0')
		add_field(out, "id", entry->trace_id);
	add_client(out, entry);
	add_field(out, "host", entry->host);
	add_session(out, entry->session);
	add_field(out, "user", entry->user);
	add_field(out, "from", e == NULL ? NULL : e->sender);
	add_recipients(out, e);
	add_known(out, "size", entry->size);
	add_field(out, "msgid", entry->message_id);
	add_result(out, entry);
}

void
report_log(const struct log_entry *entry, struct str *out)
{
	add_all(&(struct line){ .text = out }, entry);
}

void
report_log_fields(const struct log_entry *entry, struct str *out)
{
	struct str text = { 0 };

	add_all(&(struct line){ .text = &text, .fields = out }, entry);
	str_free(&text);
}

int
report_log_priority(const struct error *err)
{
	if (err == NULL || !error_is_set(err))
		return LOG_INFO;
	return err->temporary ? LOG_WARNING : LOG_ERR;
}
