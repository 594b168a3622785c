/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds out who the client is and what it may do, and serves it. */
#include "relay/service.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/peer.h"
#include "base/text.h"
#include "base/user.h"
#include "relay/policy.h"
#include "relay/serve.h"

static void
log_text(const char *text)
{
	char *clean = text_printable(text);

	log_line(LOG_ERR, clean);
	free(clean);
}

/* The errors of the file are for the administrator alone. */
static void
log_config_errors(const struct context *context, const struct error *err)
{
	const struct strv *errors = &context->config.errors;
	char *message;

	for (size_t i = 0; i < errors->count; i++)
		log_text(errors->items[i]);
	if (errors->count > 0)
		return;
	message = error_describe(err);
	log_text(message);
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
		read_policy(&policy, context);
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
