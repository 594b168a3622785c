/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes a notice about a failed login.  A token bucket, which outlives the process,
 * limits the notices.
 */
#include "runner/alert.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/host.h"
#include "base/log.h"
#include "base/text.h"
#include "mail/header.h"
#include "queue/rate.h"
#include "runner/enqueue.h"
#include "runner/keep.h"
#include "runner/put_notice.h"

#define DAY 86400

/* ---- the message ---- */

/* Returns the account that sends the notice. */
static const char *
sender_of(const struct account *a)
{
	return a->queue.alert_account != NULL ? a->queue.alert_account
					      : a->name;
}

static void
add_header(struct str *header, const char *host, const char *reader,
    const char *account)
{
	char *from =
	    alloc_printf("Mail Delivery System <MAILER-DAEMON@%s>", host);
	char *subject =
	    alloc_printf("Mail account %s on %s cannot log in", account, host);

	header_add(header, "From", from);
	header_add(header, "To", reader);
	header_add(header, "Subject", subject);
	header_add(header, "Auto-Submitted", "auto-generated");
	header_add(header, "MIME-Version", "1.0");
	header_add(header, "Content-Type", "text/plain; charset=utf-8");
	header_add(header, "Content-Transfer-Encoding", "8bit");
	free(from);
	free(subject);
}

static void
add_body(struct str *body, const struct context *context, const char *host,
    const char *reason)
{
	const struct account *a = &context->account;

	str_printf(body,
	    "This is the mail program veredus on %s.  Its account %s cannot "
	    "log in:\n\n    %s\n\n",
	    host, a->name, reason);
	str_printf(body,
	    "Until the login works again, messages of this account %s.\n"
	    "There is at most one such notice a day.\n",
	    a->queue.mode != QUEUE_MODE_OFF ? "wait in the queue"
					    : "are rejected");
	if (strcmp(sender_of(a), a->name) == 0)
		str_add(body,
		    "\nIt was sent when the login worked again, because no other "
		    "account is its\nalert_account.\n");
}

static void
count_body(struct message *m, const struct str *body)
{
	m->has_8bit_header = !text_is_ascii(m->header.data, m->header.len);
	m->has_8bit_body = !text_is_ascii(body->data, body->len);
	for (size_t i = 0; i < body->len; i++)
		m->body_lines += body->data[i] == '\n';
}

/* Queues the notice, and sets its ID. */
static bool
put(const struct context *context, struct queue_folder *folder,
    const char *reason, struct queue_id *id, struct error *err)
{
	const struct account *a = &context->account;
	char *host = host_fqdn_or_name();
	char *configuration = enqueue_configuration(context->cmdline);
	const struct notice_envelope envelope = { .uid = context->user.uid,
		.account = sender_of(a),
		.configuration = configuration,
		.reader = a->queue.alert_to,
		.host = host };
	struct message m = { 0 };
	struct str body = { 0 };
	bool ok;

	add_header(&m.header, host, a->queue.alert_to, a->name);
	add_body(&body, context, host, reason);
	count_body(&m, &body);
	ok = buffer_file_add(&m.body, body.data, body.len, err)
	    && notice_put(folder, &envelope, &m, id, err);
	message_free(&m);
	str_free(&body);
	free(configuration);
	free(host);
	return ok;
}

/* ---- once a day ---- */

/* The only limit of the owner is that of alerts; its other limits are those of
 * messages. */
static void
limit_alerts(struct queue_params *limits, const struct account *a)
{
	*limits = (struct queue_params){ .folder = a->queue.folder };
	limits->rate.limits[RATE_ALERTS] =
	    (struct token_rate){ .count = 1, .period = DAY, .burst = 1 };
}

static void
log_alert(const struct context *context, const char *reason, const char *id,
    const struct error *failure)
{
	const struct account *a = &context->account;
	char *why = failure != NULL ? error_describe(failure) : NULL;
	char *text, *clean;

	if (why != NULL)
		text = alloc_printf(
		    "account %s cannot log in, and no notice to %s can be "
		    "queued (%s): %s",
		    a->name, a->queue.alert_to, why, reason);
	else
		text = alloc_printf(
		    "account %s cannot log in; a notice to %s is queued as %s: "
		    "%s",
		    a->name, a->queue.alert_to, id, reason);
	clean = text_printable(text);
	log_line(LOG_ALERT, clean);
	free(clean);
	free(text);
	free(why);
}

static void
tell(const struct context *context, const struct error *failure)
{
	const char *path = context->account.queue.folder;
	struct queue_folder folder = { 0 };
	struct queue_id id = { "" };
	struct error err = { 0 };
	struct str reason = { 0 };
	bool ok;

	error_print(failure, false, &reason);
	ok = queue_folder_open(&folder, path, true, &err)
	    && put(context, &folder, str_text(&reason), &id, &err);
	log_alert(context, str_text(&reason), id.text, ok ? NULL : &err);
	queue_folder_close(&folder);
	str_free(&reason);
	error_free(&err);
}

void
alert_of_failure(const struct context *context, const struct error *failure)
{
	const struct account *a = &context->account;
	struct queue_params limits;
	struct rate_owner owner = { .queue = &limits, .account = a->name };
	struct rate_tokens tokens = { { 0 } };
	struct rate_excess excess;
	struct error told = { 0 };
	char *configuration;

	if (a->queue.alert_to == NULL || a->queue.folder == NULL
	    || !queue_login_is_rejected(failure))
		return;
	configuration = enqueue_configuration(context->cmdline);
	owner.configuration = configuration;
	limit_alerts(&limits, a);
	if (rate_take(&owner, RATE_BIT(RATE_ALERTS), 1, &tokens, &excess,
		&told))
		tell(context, failure);
	error_free(&told);
	free(configuration);
}

void
alert_after_attempt(const struct context *context,
    const struct envelope *envelope)
{
	for (size_t i = 0; i < envelope->count; i++) {
		const struct recipient *r = &envelope->recipients[i];

		if (r->state != RECIPIENT_FAILED
		    || !queue_login_is_rejected(&r->outcome))
			continue;
		alert_of_failure(context, &r->outcome);
		return;
	}
}
