/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Formats a result as JSON.  All members are always there, so that a reader need
 * not tell a missing one from an unknown one. */
#include "report/format_json.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/attr.h"
#include "report/recorder.h"

/* The stage of errors that only one stage can have. */
static const enum smtp_stage stages_of_kinds[ERROR_KINDS] = {
	[ERROR_RESOLVE] = STAGE_DNS,
	[ERROR_CONNECT] = STAGE_CONNECT,
	[ERROR_TLS_MISSING] = STAGE_TLS,
	[ERROR_TLS] = STAGE_TLS,
	[ERROR_CERTIFICATE] = STAGE_TLS,
	[ERROR_NO_MECHANISM] = STAGE_AUTH,
};

/* Whether the error came while the program was talking to a server. */
static bool
is_of_session(const struct error *err)
{
	return err->kind >= ERROR_RESOLVE || err->kind == ERROR_INTERRUPTED;
}

/* The last stage says nothing about the failures of several attempts. */
static enum smtp_stage
phase_of(const struct error *err, const struct recorder *recorder)
{
	if (err->stage != STAGE_NONE)
		return err->stage;
	if (stages_of_kinds[err->kind] != STAGE_NONE)
		return stages_of_kinds[err->kind];
	return recorder != NULL && is_of_session(err) && err->cause_count == 0
	    ? recorder->last
	    : STAGE_NONE;
}

static void
add_status(struct json_writer *json, const struct smtp_status *status)
{
	if (status->code != 0)
		json_add_number(json, "code", status->code);
	else
		json_add_null(json, "code");
	json_add_string(json, "status",
	    *status->enhanced != '\0' ? status->enhanced : NULL);
}

/* A rejection has no other text than what the server said. */
static void
add_text(struct json_writer *json, const struct error *err)
{
	char *text = err->text != NULL || err->causes != NULL
	    ? error_describe(err)
	    : NULL;

	json_add_string(json, "error", text);
	free(text);
}

void
report_json_error(struct json_writer *json, const struct error *err)
{
	add_status(json, &err->status);
	json_add_string(json, "said", err->said);
	add_text(json, err);
}

static void
add_failure(struct json_writer *json, const struct error *err,
    const struct recorder *recorder)
{
	report_json_error(json, err);
	json_add_string(json, "phase", stage_word(phase_of(err, recorder)));
}

static void
add_success(struct json_writer *json, const struct smtp_status *status,
    const char *said)
{
	add_status(json, status);
	json_add_string(json, "said", said);
	json_add_null(json, "error");
	json_add_null(json, "phase");
}

/* ---- the recipients ---- */

/* The error of the recipient, or of the message before its recipients had results
 * of their own; NULL: none. */
static const struct error *
error_of(const struct log_entry *entry, const struct recipient *r)
{
	const struct error *err = &r->outcome;

	if (r->state == RECIPIENT_PENDING || r->state == RECIPIENT_ACCEPTED)
		err = entry->err;
	return r->state != RECIPIENT_DELIVERED && err != NULL
		&& error_is_set(err)
	    ? err
	    : NULL;
}

static const char *
word_of_failure(const struct log_entry *entry, const struct error *err)
{
	if (entry->keeps != NULL)
		return entry->keeps(err) ? "deferred" : "failed";
	if (err->uncertain)
		return "uncertain";
	return err->temporary ? "deferred" : "failed";
}

static const char *
word_of(const struct log_entry *entry, const struct recipient *r,
    const struct error *err)
{
	switch (r->state) {
	case RECIPIENT_DELIVERED:
		return "sent";
	case RECIPIENT_QUEUED:
		return "queued";
	case RECIPIENT_PENDING:
	case RECIPIENT_ACCEPTED:
	case RECIPIENT_FAILED:
		break;
	}
	return err != NULL ? word_of_failure(entry, err) : "deferred";
}

static void
add_recipient(struct json_writer *json, const struct log_entry *entry,
    const struct recipient *r)
{
	const struct error *err = error_of(entry, r);

	json_begin_object(json, NULL);
	json_add_string(json, "address", r->address);
	json_add_string(json, "original", r->original);
	json_add_string(json, "result", word_of(entry, r, err));
	json_add_string(json, "host", err != NULL ? err->host : r->host);
	if (err != NULL)
		add_failure(json, err, entry->recorder);
	else
		add_success(json, &r->status, r->said);
	/* The queue is responsible for a recipient whom a server deferred. */
	json_add_number(json, "exit",
	    err != NULL && r->state != RECIPIENT_QUEUED ? error_exit_status(err)
							: 0);
	json_end_object(json);
}

/* ---- the envelope ---- */

static void
add_notify(struct json_writer *json, unsigned notify)
{
	static const struct {
		enum dsn_notify bit;
		const char *word;
	} words[] = {
		{ DSN_NOTIFY_NEVER, "never" },
		{ DSN_NOTIFY_SUCCESS, "success" },
		{ DSN_NOTIFY_FAILURE, "failure" },
		{ DSN_NOTIFY_DELAY, "delay" },
	};

	json_begin_array(json, "notify");
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if ((notify & words[i].bit) != 0)
			json_add_string(json, NULL, words[i].word);
	json_end_array(json);
}

static void
add_mail_params(struct json_writer *json, const struct mail_params *p)
{
	static const struct mail_params none;

	if (p == NULL)
		p = &none;
	json_add_bool(json, "require_tls", p->require_tls);
	json_add_string(json, "deliver_by", p->deliver_by);
	json_add_number(json, "hold_for", p->hold_for);
	json_add_string(json, "hold_until", p->hold_until);
	json_add_string(json, "priority", p->priority);
	json_add_string(json, "mail_auth", p->mail_auth);
}

static void
add_envelope(struct json_writer *json, const struct envelope *e)
{
	static const char *const returns[] = {
		[DSN_RETURN_DEFAULT] = NULL,
		[DSN_RETURN_FULL] = "full",
		[DSN_RETURN_HEADERS] = "headers",
	};

	json_begin_object(json, "envelope");
	json_add_string(json, "from", e->sender);
	json_add_bool(json, "from_is_default", e->sender_is_default);
	add_notify(json, e->dsn.notify);
	json_add_string(json, "return", returns[e->dsn.wanted]);
	json_add_string(json, "envelope_id", e->dsn.envelope_id);
	add_mail_params(json, e->mail_params);
	json_end_object(json);
}

/* ---- the session ---- */

void
report_json_tls(struct json_writer *json, const struct tls_summary *tls,
    enum tls_source source)
{
	static const char *const policies[] = {
		[TLS_BY_ACCOUNT] = NULL,
		[TLS_BY_DANE] = "dane",
		[TLS_BY_MTA_STS] = "mta-sts",
	};

	if (tls->version == NULL) {
		json_add_null(json, "tls");
		return;
	}
	json_begin_object(json, "tls");
	json_add_string(json, "version", tls->version);
	json_add_string(json, "cipher", tls->suite);
	json_add_bool(json, "verified",
	    strcmp(tls->verification, "unverified") != 0);
	json_add_string(json, "how", tls->verification);
	json_add_string(json, "policy", policies[source]);
	json_end_object(json);
}

static const char *
text_or_null(const struct str *text)
{
	return text->len > 0 ? text->data : NULL;
}

/* The log names the host of the account all the same. */
static bool
knows_host(const struct log_entry *entry, const struct session_log *session)
{
	const struct recorder *recorder = entry->recorder;
	const struct error *err = report_shown_error(entry);

	return session->host.len > 0 || (err != NULL && err->host != NULL)
	    || (recorder != NULL && recorder->last != STAGE_NONE);
}

static void
add_session(struct json_writer *json, const struct log_entry *entry)
{
	static const struct session_log none;
	const struct session_log *session =
	    entry->session != NULL ? entry->session : &none;

	json_add_string(json, "host",
	    knows_host(entry, session) ? entry->host : NULL);
	json_add_string(json, "address", text_or_null(&session->peer));
	report_json_tls(json, &session->tls_of_last, session->tls_source);
	json_add_string(json, "auth", session->mechanism);
	json_add_string(json, "user", entry->user);
}

static void
add_times(struct json_writer *json, const struct recorder *recorder)
{
	int64_t total = 0;

	json_begin_object(json, "times_ms");
	for (int i = STAGE_NONE + 1; i <= STAGE_RSET; i++) {
		int64_t spent =
		    recorder != NULL ? recorder->timing.spent[i] : 0;

		json_add_number(json, stage_word((enum smtp_stage)i), spent);
		total += spent;
	}
	json_add_number(json, "total", total);
	json_end_object(json);
}

/* ---- the message ---- */

static void
add_client(struct json_writer *json, const struct user *client)
{
	char *name;

	if (client == NULL) {
		json_add_null(json, "client");
		return;
	}
	name = user_name(client);
	json_begin_object(json, "client");
	json_add_number(json, "uid", (int64_t)user_client(client));
	json_add_string(json, "login", name);
	json_add_string(json, "label", client->label);
	json_end_object(json);
	free(name);
}

static void
add_ids(struct json_writer *json, const struct log_entry *entry)
{
	bool traced = entry->trace_id != NULL && *entry->trace_id != '\0';

	json_add_string(json, "message_id", entry->message_id);
	json_add_string(json, "trace_id", traced ? entry->trace_id : NULL);
	json_add_string(json, "queue_id", entry->queue_id);
	json_add_string(json, "account", entry->account);
	add_client(json, entry->client);
}

/* What the server said to the first recipient that it accepted. */
static const char *
accepting_reply(const struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->recipients[i].said != NULL)
			return e->recipients[i].said;
	return NULL;
}

static void
add_result(struct json_writer *json, const struct log_entry *entry)
{
	static const struct smtp_status none;
	const struct error *err = report_shown_error(entry);

	json_add_string(json, "result", report_result_word(entry));
	if (err != NULL)
		add_failure(json, err, entry->recorder);
	else
		add_success(json,
		    entry->session != NULL ? &entry->session->status : &none,
		    accepting_reply(entry->envelope));
	json_begin_array(json, "details");
	for (size_t i = 0; entry->details != NULL && i < entry->details->count;
	     i++)
		json_add_string(json, NULL, entry->details->items[i]);
	json_end_array(json);
	json_add_number(json, "exit", entry->exit_status);
}

void
report_json_begin(struct json_writer *json, const char *type)
{
	json_begin_object(json, NULL);
	json_add_string(json, "type", type);
	json_add_number(json, "schema", JSON_SCHEMA);
	json_add_number(json, "time", (int64_t)time(NULL));
}

void
report_json(const struct log_entry *entry, struct str *out)
{
	const struct envelope *e = entry->envelope;
	struct json_writer json = { .out = out };

	report_json_begin(&json, "report");
	add_ids(&json, entry);
	add_envelope(&json, e);
	json_add_number(&json, "size", (int64_t)entry->size);
	add_result(&json, entry);
	add_session(&json, entry);
	json_add_number(&json, "delay_ms", entry->delay);
	add_times(&json, entry->recorder);
	json_begin_array(&json, "recipients");
	for (size_t i = 0; i < e->count; i++)
		add_recipient(&json, entry, &e->recipients[i]);
	json_end_array(&json);
	json_end_object(&json);
	str_add_char(out, '\n');
}
