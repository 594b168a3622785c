/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The actions of the SMTP server of -bs and --service: each one goes to the
 * relay, if the policy allows it.
 */
#include "relay/serve.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/host.h"
#include "base/log.h"
#include "base/process.h"
#include "base/text.h"
#include "modes/enter_sandbox.h"
#include "modes/session_accounts.h"
#include "relay/relay.h"
#include "relay/show_queue.h"
#include "report/result.h"
#include "runner/alert.h"
#include "runner/archive.h"
#include "runner/client.h"
#include "runner/handover.h"
#include "runner/keep.h"
#include "runner/rate_limit.h"
#include "runner/submit.h"
#include "server/io.h"
#include "server/session.h"
#include "server/transaction.h"
#include "submission/envelope.h"
#include "submission/message.h"

/* The session with the client. */
struct service {
	struct context *context;
	const struct policy *policy; /* of --service, or NULL */
	struct cmdline cmdline; /* the options that apply to every message */
	struct relay relay;
	struct mail_params params; /* of the client's MAIL and the account */
	bool (*attempt)(struct context *context, struct error *err);
	enum queue_mode queue; /* of the transaction */
	struct error unable;   /* why no message can be sent in this session */
	struct error obstacle; /* no server can be told of the transaction now,
				* but the queue keeps it */
	size_t recipients;     /* RCPT commands that were accepted */
	bool logged;           /* the result of the transaction is in the log */
	bool untold;           /* and the client does not know it */
};

/* Seconds in which the client must send or read something (RFC 5321 section
 * 4.5.3.2.7). */
#define CLIENT_TIMEOUT 300

static void
log_result(struct service *v, const struct error *err)
{
	struct context *context = v->context;
	const struct report report = context_report(context);

	report_result_log(&report, err);
	v->logged = true;
	/* Notes on the whole session are logged once. */
	v->cmdline.notes = (struct strv){ 0 };
	strv_free(&context->config.notes);
	strv_free(&context->submission.notes);
	strv_free(&context->submission.warnings);
	strv_free(&context->notes);
}

/* A rejection is logged even if no message follows. */
static void
reset_transaction(void *ctx)
{
	struct service *v = ctx;
	struct context *context = v->context;
	const struct error *worst =
	    envelope_result(&context->submission.envelope);

	if (!v->logged && worst != NULL)
		log_result(v, worst);
	v->recipients = 0;
	context_next_submission(context);
}

/* The client's MAIL replaces the options that describe one message. */
static void
copy_mail_args(struct cmdline *cmdline, const struct mail_args *r)
{
	cmdline->sender = r->address;
	cmdline->dsn = r->dsn;
	cmdline->body = r->seven_bit ? BODY_7BIT : BODY_8BITMIME;
}

static void
clear_mail_args(struct cmdline *cmdline)
{
	cmdline->sender = NULL;
	cmdline->dsn = (struct dsn){ 0 };
}

/* The reply to an accepted command of which no server was told. */
static const struct {
	const char *status, *text;
} accepted[STAGES] = {
	[STAGE_MAIL] = { "2.1.0",
	    "accepted; the recipients determine the server" },
	[STAGE_RCPT] = { "2.1.5", "accepted" },
	[STAGE_END_OF_DATA] = { "2.0.0", "accepted" },
};

/* What only the administrator of --service can mend may pass later. */
static void
judge_problem(const struct service *v, struct error *err)
{
	if (v->policy != NULL)
		policy_own_fault(err);
}

/* A client of --service hears nothing of the files of the service.  An error that
 * no other line of the log has is logged here. */
static void
hide_problem(struct service *v, enum smtp_stage stage, struct error *err)
{
	struct error whole = { 0 };

	if (v->policy == NULL || !error_is_set(err))
		return;
	judge_problem(v, err);
	error_copy(&whole, err);
	if (policy_hide_problem(err) && stage == STAGE_RCPT)
		log_result(v, &whole);
	error_free(&whole);
}

/* Replies to the command of that stage with the error, else with the server's
 * reply, else as in the table; frees error and reply. */
static void
finish(struct service *v, struct server_reply *a, enum smtp_stage stage,
    struct error *err)
{
	struct reply *reply = &v->relay.reply;

	hide_problem(v, stage, err);
	if (error_is_set(err))
		server_reply_from_error(a, err, stage);
	else if (reply->status.code != 0)
		server_reply_from_reply(a, reply, &v->relay.session.stream);
	else
		server_reply_set(a, 250, accepted[stage].status, "%s",
		    accepted[stage].text);
	reply_free(reply);
	error_free(err);
}

/* Whether no server is asked before the message is queued. */
static bool
is_queued_first(const struct service *v)
{
	return v->queue == QUEUE_MODE_ALWAYS || v->queue == QUEUE_MODE_LATER;
}

/* The client's parameters of MAIL replace those of the account. */
static void
set_mail_params(struct service *v, const struct mail_args *r)
{
	mail_params_free(&v->params);
	mail_params_override(&v->params, &v->context->account.mail_params);
	mail_params_override(&v->params, &r->params);
	v->context->submission.envelope.mail_params = &v->params;
}

/* Whether the queue keeps the message instead; then no error is left. */
static bool
is_kept(struct service *v, struct error *err)
{
	if (v->queue != QUEUE_MODE_ON || !queue_keeps(err))
		return false;
	error_move(&v->obstacle, err);
	reply_free(&v->relay.reply);
	return true;
}

/* Selects the account and sets the sender, if the client may use them. */
static bool
choose_sender(struct service *v, const struct mail_args *r, struct error *err)
{
	struct context *context = v->context;

	if (error_is_set(&v->unable)) {
		error_copy(err, &v->unable);
		return false;
	}
	if (v->policy == NULL)
		return relay_select_account(&v->relay, err)
		    && submission_set_sender(&context->submission, err);
	return policy_check_account(v->policy, context, r->address, err)
	    && relay_select_account(&v->relay, err)
	    && submission_set_sender(&context->submission, err)
	    && policy_check_sender(v->policy, context, r->size, err);
}

/* Sends MAIL to the server of the account. */
static bool
send_mail(struct service *v, const struct mail_args *r, struct error *err)
{
	const struct declared_message declared = { .size = r->size,
		.smtputf8 = r->smtputf8,
		.binarymime = r->binarymime };

	error_free(&v->obstacle);
	if (!choose_sender(v, r, err))
		return false;
	set_mail_params(v, r);
	v->context->submission.envelope.dsn.notify =
	    v->context->account.dsn_notify;
	v->queue = context_queue_mode(v->context);
	v->relay.patience =
	    v->queue == QUEUE_MODE_ON ? v->context->account.queue.wait : 0;
	if (!rate_limit_check(v->context, v->queue, err))
		return false;
	if (is_queued_first(v))
		return true;
	return (relay_prepare(&v->relay, err)
		   && relay_sender(&v->relay, &declared, err))
	    || is_kept(v, err);
}

static void
handle_mail(void *ctx, const struct mail_args *r, struct server_reply *a)
{
	struct service *v = ctx;
	struct error err = { 0 };

	reset_transaction(v);
	v->logged = false;
	copy_mail_args(&v->cmdline, r);
	if (!send_mail(v, r, &err)) {
		alert_of_failure(v->context, &err);
		judge_problem(v, &err);
		log_result(v, &err);
	}
	clear_mail_args(&v->cmdline);
	finish(v, a, STAGE_MAIL, &err);
}

/* Adds a recipient without asking a server. */
static void
keep_recipient(struct service *v, const struct recipient *wanted)
{
	struct envelope *e = &v->context->submission.envelope;
	struct error obstacle = { 0 };
	struct recipient *to;

	if (!envelope_add(e, wanted->address, wanted->original))
		return;
	to = envelope_find(e, wanted->address);
	to->notify = wanted->notify;
	if (!error_is_set(&v->obstacle))
		return;
	error_copy(&obstacle, &v->obstacle);
	recipient_fail(to, &obstacle);
}

/* Whether the recipient was accepted, by the server or for the queue. */
static bool
accept_recipient(struct service *v, const struct recipient *wanted,
    struct error *err)
{
	if (is_queued_first(v) || error_is_set(&v->obstacle)) {
		keep_recipient(v, wanted);
		return true;
	}
	if (relay_recipient(&v->relay, wanted, err))
		return true;
	if (v->queue != QUEUE_MODE_ON || !queue_keeps(err))
		return false;
	reply_free(&v->relay.reply);
	error_free(err);
	return true;
}

/*
 * Sends RCPT for each recipient that the client's argument expands to.  An
 * alias is rejected if the server rejects one of its recipients; the others
 * still receive the message, as with an alias on the command line.
 */
static void
send_recipients(struct service *v, const struct mail_args *r,
    struct envelope *expanded, struct error *err)
{
	for (size_t i = 0; i < expanded->count; i++) {
		struct error rejection = { 0 };

		expanded->recipients[i].notify = r->dsn.notify;
		if (!accept_recipient(v, &expanded->recipients[i], &rejection)
		    && !error_is_set(err))
			error_move(err, &rejection);
		error_free(&rejection);
	}
}

/* Aliases make more recipients than the client names. */
static bool
check_expanded(const struct envelope *e, struct error *err)
{
	if (e->count < SERVER_RECIPIENTS_MAX)
		return true;
	error_reject(err, STAGE_RCPT,
	    "too many recipients: send to the others in another transaction");
	error_temporary(err, true);
	err->status.code = 452;
	return error_status(err, "4.5.3");
}

/* The client counts what it sends, and knows the limit of that from EHLO. */
static bool
may_add_recipient(const struct service *v, struct error *err)
{
	return check_expanded(&v->context->submission.envelope, err)
	    && (v->policy == NULL
		|| policy_check_recipient(v->policy, v->context, v->recipients,
		    err));
}

static void
handle_rcpt(void *ctx, const struct mail_args *r, struct server_reply *a)
{
	struct service *v = ctx;
	struct envelope expanded = { 0 };
	struct error err = { 0 };

	if (may_add_recipient(v, &err)
	    && submission_expand_recipient(&v->context->submission, r->address,
		&expanded, &err)) {
		if (r->original != NULL && expanded.count == 1)
			alloc_replace(&expanded.recipients[0].original,
			    r->original);
		send_recipients(v, r, &expanded, &err);
	}
	envelope_free(&expanded);
	v->recipients += !error_is_set(&err);
	finish(v, a, STAGE_RCPT, &err);
}

/* Whether a server has accepted a recipient. */
static bool
has_server(const struct service *v)
{
	return v->relay.in_transaction
	    && envelope_count(&v->context->submission.envelope,
		   RECIPIENT_ACCEPTED)
	    > 0;
}

/* Completes the message, if the client may send it. */
static bool
complete_message(struct service *v, struct error *err)
{
	struct context *context = v->context;
	bool ok =
	    (v->policy == NULL || policy_check_message(v->policy, context, err))
	    && submission_complete_message(&context->submission, err)
	    && (v->policy == NULL
		|| policy_check_header(v->policy, context, err));

	if (!ok)
		envelope_fail(&context->submission.envelope, err);
	return ok;
}

static bool
relay_for_client(void *ctx, struct error *err)
{
	struct service *v = ctx;
	bool ok = archive_begin_attempt(v->context, err)
	    && relay_message(&v->relay, err);

	archive_end_attempt(v->context);
	rate_limit_end_attempt(v->context);
	return ok;
}

static void
leave_session(void *ctx, int fd)
{
	struct service *v = ctx;

	relay_leave(&v->relay, fd);
}

static void
close_session(void *ctx)
{
	struct service *v = ctx;

	relay_close(&v->relay);
}

static void
send_message(struct service *v, struct error *err)
{
	const struct client_attempt attempt = { .send = relay_for_client,
		.leave = leave_session,
		.close = close_session,
		.ctx = v };

	if (v->queue == QUEUE_MODE_OFF)
		relay_for_client(v, err);
	else
		client_send(v->context, &attempt, err);
}

/* Without a session, no attempt can be made now. */
static void
keep_message(struct context *context, struct error *err)
{
	rate_limit_end_attempt(context);
	client_keep(context, err);
}

/* Sends the message to the recipients that the server has accepted, and queues
 * it for those that it may accept later. */
static void
send_or_queue(struct service *v, struct error *err)
{
	struct context *context = v->context;

	if (!complete_message(v, err)
	    || rate_limit_take(context, v->queue, err) != RATE_LIMIT_FREE)
		return;
	if (v->queue == QUEUE_MODE_OFF || has_server(v))
		send_message(v, err);
	else if (is_queued_first(v))
		client_queue(context, v->attempt, err);
	else
		keep_message(context, err);
	rate_limit_end(context);
}

static void
reply_queued(struct service *v, struct server_reply *a)
{
	reply_free(&v->relay.reply);
	server_reply_set(a, 250, "2.0.0", "queued as %s",
	    v->context->queue_id.text);
}

static void
handle_message(void *ctx, struct message *m, struct server_reply *a)
{
	struct service *v = ctx;
	struct submission *submission = &v->context->submission;
	const struct error *result;
	struct error err = { 0 };

	submission_set_message(submission, m);
	/* Whoever ends this process shall not make it lose the reply of the
	 * server, after which the message would be sent twice. */
	process_set_grace(HANDOVER_GRACE);
	send_or_queue(v, &err);
	process_set_grace(0);
	judge_problem(v, &err);
	/* Log recipients that were rejected before the message, too. */
	result =
	    error_is_set(&err) ? &err : envelope_result(&submission->envelope);
	log_result(v, result != NULL ? result : &err);
	if (*v->context->queue_id.text != '\0' && !error_is_set(&err))
		reply_queued(v, a);
	else
		finish(v, a, STAGE_END_OF_DATA, &err);
}

/* No line of the log has the message yet, which ends here. */
static void
handle_unstored(void *ctx, struct error *problem)
{
	struct service *v = ctx;

	envelope_fail(&v->context->submission.envelope, problem);
	log_result(v, problem);
	hide_problem(v, STAGE_END_OF_DATA, problem);
}

static void
add_id(struct str *line, const char *name, const char *value)
{
	if (value != NULL && *value != '\0')
		str_printf(line, "%s=%s ", name, value);
}

/* The log has the result, but not that the client may send the message again. */
static void
warn_untold(void *ctx, bool is_accepted, const struct error *why)
{
	struct service *v = ctx;
	const struct submission *s = &v->context->submission;
	const char *queue_id = v->context->queue_id.text;
	const char *fate = *queue_id != '\0' ? "queued" : "sent";
	struct str line = { 0 };
	char *clean;

	add_id(&line, "queue", queue_id);
	add_id(&line, "id", s->trace_id.text);
	add_id(&line, "msgid", s->message_id);
	str_printf(&line,
	    "the message was %s, but the client could not be told, and may "
	    "send it again: %s",
	    is_accepted ? fate : "rejected", why->text);
	clean = text_printable(str_text(&line));
	log_line(LOG_WARNING, clean);
	v->untold = true;
	free(clean);
	str_free(&line);
}

static bool
list_queue(void *ctx, struct server *server, struct error *err)
{
	const struct service *v = ctx;

	return show_queue(v->policy, server, err);
}

/* Only clients of --service can see their queue nowhere else. */
static struct server_actions
actions_for(const struct service *v)
{
	return (struct server_actions){ .sender = handle_mail,
		.recipient = handle_rcpt,
		.message = handle_message,
		.reset = reset_transaction,
		.unstored = handle_unstored,
		.untold = warn_untold,
		.queue = v->policy != NULL ? list_queue : NULL };
}

/* Clears the options for a single message, which some callers pass with -bs. */
static void
copy_cmdline(struct service *v)
{
	struct cmdline *cmdline = &v->cmdline;

	*cmdline = *v->context->cmdline;
	cmdline->operands = (struct strv){ 0 };
	cmdline->full_name = NULL;
	cmdline->recipients_from_header = false;
	cmdline->read_envelope_from = false;
	clear_mail_args(cmdline);
}

/* Reads the configuration, unless there is a policy, which was made from it. */
static bool
read_config(struct service *v, struct error *err)
{
	if (v->policy == NULL)
		return context_read_config(v->context, err);
	if (!error_is_set(&v->policy->obstacle))
		return true;
	error_copy(err, &v->policy->obstacle);
	return false;
}

/*
 * Does all that the sandbox does not allow, and enters it.  A client can be told
 * of an error only when it wants to send a message; another session may succeed
 * then.
 */
static void
leave_system(struct service *v, const char *folder)
{
	struct context *context = v->context;
	struct error *err = &v->unable;
	const char *listed = v->policy != NULL ? v->policy->queue_folder : NULL;

	if (read_config(v, err)) {
		context_find_accounts(context);
		(void)account_monitor_start(&context->monitor, &context->user,
		    err);
	}
	if (!context_enter_sandbox_of_client(context, folder, listed,
		error_is_set(err) ? NULL : err))
		error_temporary(err, true);
}

static bool
serve_client(struct service *v, const char *name, struct error *err)
{
	bool trusts_environment = v->cmdline.personality == PERSONALITY_VEREDUS;
	const struct server_actions actions = actions_for(v);
	struct server server = { .actions = &actions,
		.ctx = v,
		.name = name,
		.folder = trusts_environment ? getenv("TMPDIR") : NULL,
		.timeout = CLIENT_TIMEOUT };
	bool ok;

	if (v->policy != NULL) {
		server.size_max = v->policy->size_max;
		server.recipients_max = v->policy->recipients_max;
		if (v->policy->client_timeout > 0)
			server.timeout = v->policy->client_timeout;
	}
	server_transport_init(&server.stream.transport, STDIN_FILENO,
	    STDOUT_FILENO);
	if (v->policy != NULL && v->policy->is_crowded) {
		ok = server_send_text(&server, 421, "4.7.0",
		    "too many sessions of your user: try again later", err);
	} else {
		leave_system(v, server.folder);
		ok = server_run(&server, err);
	}
	if (!ok && !v->untold
	    && (server.has_sender || err->kind != ERROR_INTERRUPTED))
		log_result(v, err);
	server_reset(&server);
	server_free(&server);
	return ok;
}

/* Reports a wrong option at once, not at the first MAIL. */
static bool
check_options(const struct context *context, struct error *err)
{
	struct settings settings = { 0 };
	struct strv notes = { 0 };
	bool ok;

	settings_init(&settings, "default");
	ok = cmdline_apply(context->cmdline, &settings, context->user.home,
	    &notes, err);
	settings_free(&settings);
	strv_free(&notes);
	return ok;
}

bool
serve(struct context *context, const struct policy *policy,
    bool (*attempt)(struct context *context, struct error *err),
    struct error *err)
{
	const struct cmdline *given = context->cmdline;
	struct service v = { .context = context,
		.policy = policy,
		.attempt = attempt,
		.relay = { .context = context } };
	char *name;
	bool ok;

	if (context->no_input)
		return error_set(err, ERROR_NO_INPUT,
		    "there is no client: standard input is closed");
	if (!check_options(context, err))
		return false;
	copy_cmdline(&v);
	context->cmdline = context->submission.cmdline = &v.cmdline;
	name = host_name();
	ok = serve_client(&v, name, err);
	relay_close(&v.relay);
	mail_params_free(&v.params);
	error_free(&v.obstacle);
	error_free(&v.unable);
	context->cmdline = context->submission.cmdline = given;
	free(name);
	return ok;
}
