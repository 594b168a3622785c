/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds out who the client is and what it may do, and serves it. */
#include "relay/service.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/peer.h"
#include "base/text.h"
#include "base/user.h"
#include "queue/clients.h"
#include "queue/folder.h"
#include "relay/policy.h"
#include "relay/serve.h"

static void
log_text(int priority, const char *text)
{
	char *clean = text_printable(text);

	log_line(priority, clean);
	free(clean);
}

/* The errors of the file are for the administrator alone. */
static void
log_config_errors(const struct context *context, const struct error *err)
{
	const struct strv *errors = &context->config.errors;
	char *message;

	for (size_t i = 0; i < errors->count; i++)
		log_text(LOG_ERR, errors->items[i]);
	if (errors->count > 0)
		return;
	message = error_describe(err);
	log_text(LOG_ERR, message);
	free(message);
}

static void
read_policy(struct policy *policy, struct context *context)
{
	if (policy_read(policy, context, &policy->obstacle))
		return;
	log_config_errors(context, &policy->obstacle);
	policy_hide_error(&policy->obstacle);
}

/*
 * Counts the session among those of the client, in the folder of the queue; the
 * descriptor stays open as long as the process lives.  Without the folder there
 * is no limit.
 */
static void
count_session(struct policy *policy)
{
	struct queue_folder folder = { 0 };
	struct error err = { 0 };
	char *message;
	int fd;

	if (queue_folder_open(&folder, policy->queue_folder, true, &err)
	    && queue_folder_check_access(&folder, &err)) {
		policy->is_crowded = !queue_client_begin(&folder,
		    policy->peer.uid, policy->sessions_user, &fd);
	} else {
		error_prefix(&err, "sessions_user has no effect");
		message = error_describe(&err);
		log_text(LOG_WARNING, message);
		free(message);
	}
	error_free(&err);
	queue_folder_close(&folder);
}

static void
log_crowd(const struct policy *policy)
{
	char *text = alloc_printf(
	    "uid=%lu login=%s: rejected, because the user has %u sessions "
	    "(sessions_user)",
	    (unsigned long)policy->peer.uid, policy->peer.login,
	    policy->sessions_user);

	log_text(LOG_WARNING, text);
	free(text);
}

bool
service_run(struct context *context,
    bool (*attempt)(struct context *context, struct error *err),
    struct error *err)
{
	struct policy policy = { 0 };
	bool ok;

	ok = peer_read(STDIN_FILENO, &policy.peer, err);
	if (ok) {
		user_init_service(&context->user, policy.peer.uid,
		    policy.peer.login);
		context->user.label = alloc_string(policy.peer.label);
		read_policy(&policy, context);
		if (!error_is_set(&policy.obstacle))
			count_session(&policy);
		if (policy.is_crowded)
			log_crowd(&policy);
		ok = serve(context, &policy, attempt, err);
	}
	/* The client, or the log if it has gone, knows of all other errors. */
	if (!ok && err->kind != ERROR_USAGE && err->kind != ERROR_SYSTEM) {
		error_free(err);
		ok = true;
	}
	policy_free(&policy);
	return ok;
}
