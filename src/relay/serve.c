/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs the SMTP server of -bs and --service, with the actions of serve_envelope.h
 * and serve_message.h.
 */
#include "relay/serve.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/host.h"
#include "modes/enter_sandbox.h"
#include "modes/session_accounts.h"
#include "relay/serve_envelope.h"
#include "relay/serve_message.h"
#include "relay/serve_state.h"
#include "relay/show_queue.h"
#include "server/io.h"
#include "server/session.h"
#include "server/transaction.h"

/* Seconds in which the client must send or read something (RFC 5321 section
 * 4.5.3.2.7). */
#define CLIENT_TIMEOUT 300

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
	return (struct server_actions){ .sender = serve_mail,
		.recipient = serve_rcpt,
		.message = serve_message,
		.group = serve_group,
		.whole = serve_whole,
		.reset = serve_reset,
		.unstored = serve_unstored,
		.untold = serve_untold,
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
	serve_clear_mail_args(v);
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
		serve_log_result(v, err);
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
	relay_free(&v.relay);
	serve_free_open(&v);
	free(v.open);
	mail_params_free(&v.params);
	error_free(&v.obstacle);
	error_free(&v.unable);
	context->cmdline = context->submission.cmdline = given;
	free(name);
	return ok;
}
