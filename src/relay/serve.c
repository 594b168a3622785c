/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/serve.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/host.h"
#include "base/process.h"
#include "relay/relay.h"
#include "report/result.h"
#include "server/fdpair.h"
#include "server/session.h"
#include "submission/envelope.h"
#include "submission/message.h"

/* All that lives longer than one transaction. */
struct service {
	struct context *context;
	struct cmdline cmdline; /* the options that hold for every message */
	struct upstream upstream;
	bool told; /* the log knows how the transaction has ended */
};

static void
tell(struct service *v, const struct error *err)
{
	struct context *context = v->context;
	const struct report report = context_report(context);

	report_result_log(&report, err);
	v->told = true;
	/* What concerns all of the session is said once. */
	v->cmdline.notes = (struct strv){ 0 };
	strv_free(&context->config.notes);
	strv_free(&context->submission.notes);
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

	if (!v->told && worst != NULL)
		tell(v, worst);
	context_next_submission(context);
}

/* What the command line says of one message comes from the client here. */
static void
take_wishes(struct cmdline *cmdline, const struct mail_args *r)
{
	cmdline->sender = r->address;
	cmdline->dsn = r->dsn;
	cmdline->body = r->seven_bit ? BODY_7BIT : BODY_8BITMIME;
}

static void
forget_wishes(struct cmdline *cmdline)
{
	cmdline->sender = NULL;
	cmdline->dsn = (struct dsn){ 0 };
}

static void
take_sender(void *ctx, const struct mail_args *r, struct server_reply *a)
{
	struct service *v = ctx;
	struct context *context = v->context;
	struct reply reply = { 0 };
	struct error err = { 0 };

	reset_transaction(v);
	v->told = false;
	take_wishes(&v->cmdline, r);
	if (relay_choose_account(&v->upstream, &err)
	    && submission_set_sender(&context->submission, &err)
	    && relay_sender(&v->upstream, r->size, &reply, &err)) {
		if (reply.status.code != 0)
			server_reply_from_reply(a, &reply,
			    &v->upstream.session.stream);
		else
			server_reply_set(a, 250, "2.1.0",
			    "its server depends on the recipient");
	} else {
		server_reply_from_error(a, &err);
		tell(v, &err);
	}
	forget_wishes(&v->cmdline);
	reply_free(&reply);
	error_free(&err);
}

/*
 * Offers the recipients that the argument of RCPT stands for.  An alias is
 * rejected if the server rejects one of its recipients; the others receive the
 * message nevertheless, as with an alias on the command line.
 */
static void
offer_recipients(struct service *v, const struct mail_args *r,
    const struct envelope *meant, struct reply *reply, struct error *err)
{
	struct dsn *dsn = &v->context->submission.envelope.dsn;

	dsn->notify = r->dsn.notify != DSN_NOTIFY_DEFAULT
	    ? r->dsn.notify
	    : v->context->account.dsn_notify;
	for (size_t i = 0; i < meant->count; i++) {
		struct error refusal = { 0 };

		if (!relay_recipient(&v->upstream, &meant->recipients[i], reply,
			&refusal)
		    && !error_is_set(err))
			error_move(err, &refusal);
		error_free(&refusal);
	}
}

static void
take_recipient(void *ctx, const struct mail_args *r, struct server_reply *a)
{
	struct service *v = ctx;
	struct envelope meant = { 0 };
	struct reply reply = { 0 };
	struct error err = { 0 };

	if (submission_expand_recipient(&v->context->submission, r->address,
		&meant, &err)) {
		if (r->original != NULL && meant.count == 1)
			alloc_replace(&meant.recipients[0].original,
			    r->original);
		offer_recipients(v, r, &meant, &reply, &err);
	}
	if (error_is_set(&err))
		server_reply_from_error(a, &err);
	else if (reply.status.code != 0)
		server_reply_from_reply(a, &reply, &v->upstream.session.stream);
	else
		server_reply_set(a, 250, "2.1.5",
		    "is among the recipients already");
	envelope_free(&meant);
	reply_free(&reply);
	error_free(&err);
}

static void
take_message(void *ctx, struct message *m, struct server_reply *a)
{
	struct service *v = ctx;
	struct context *context = v->context;
	struct reply reply = { 0 };
	struct error err = { 0 };

	submission_set_message(&context->submission, m);
	if (relay_message(&v->upstream, &reply, &err))
		server_reply_from_reply(a, &reply, &v->upstream.session.stream);
	else
		server_reply_from_error(a, &err);
	/* The log wants to know of those who were refused before, too. */
	if (!error_is_set(&err)
	    && envelope_result(&context->submission.envelope) != NULL)
		error_copy(&err,
		    envelope_result(&context->submission.envelope));
	tell(v, &err);
	reply_free(&reply);
	error_free(&err);
}

static const struct server_actions actions = {
	.sender = take_sender,
	.recipient = take_recipient,
	.message = take_message,
	.reset = reset_transaction,
};

/* Callers pass switches that belong to a single message; the client says all
 * that itself. */
static void
take_command_line(struct service *v)
{
	struct cmdline *cmdline = &v->cmdline;

	*cmdline = *v->context->cmdline;
	cmdline->operands = (struct strv){ 0 };
	cmdline->full_name = NULL;
	cmdline->recipients_from_header = false;
	cmdline->read_envelope_from = false;
	forget_wishes(cmdline);
}

static bool
serve_client(struct service *v, const char *name, struct error *err)
{
	bool trusts_environment = v->cmdline.personality == PERSONALITY_VEREDUS;
	struct server server = { .actions = &actions,
		.ctx = v,
		.name = name,
		.folder = trusts_environment ? getenv("TMPDIR") : NULL };
	bool ok;

	fdpair_init(&server.stream.transport, STDIN_FILENO, STDOUT_FILENO);
	ok = server_run(&server, err);
	if (!ok)
		tell(v, err);
	server_reset(&server);
	server_free(&server);
	return ok;
}

bool
serve(struct context *context, struct error *err)
{
	const struct cmdline *given = context->cmdline;
	struct service v = { .context = context,
		.upstream = { .context = context } };
	char *name;
	bool ok;

	if (context->no_input)
		return error_set(err, ERROR_NO_INPUT,
		    "there is no client: standard input is closed");
	process_catch_signals();
	take_command_line(&v);
	context->cmdline = context->submission.cmdline = &v.cmdline;
	name = host_name();
	ok = serve_client(&v, name, err);
	relay_close(&v.upstream);
	context->cmdline = context->submission.cmdline = given;
	free(name);
	return ok;
}
