/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints who the client is, and which accounts and rules are for it. */
#include "relay/explain.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "modes/explain.h"
#include "relay/policy.h"
#include "runner/rate_limit.h"
#include "submission/envelope.h"

static bool
find_client(struct context *context, struct peer *peer, struct error *err)
{
	char *name = alloc_string(context->cmdline->as);
	bool ok;

	if (name == NULL)
		name = alloc_printf("%lu", (unsigned long)context->user.uid);
	ok = peer_init(peer, name, err);
	if (ok) {
		user_free(&context->user);
		user_init_service(&context->user, peer->uid, peer->login);
	}
	free(name);
	return ok;
}

static void
add_client(const struct peer *peer, struct explanation *x)
{
	struct str text = { 0 };

	str_printf(&text, "%s (uid %lu), groups", peer->login,
	    (unsigned long)peer->uid);
	for (size_t i = 0; i < peer->group_count; i++)
		str_printf(&text, " %lu", (unsigned long)peer->groups[i]);
	explanation_begin(x, EXPLAINED_CLIENT, str_text(&text));
	str_free(&text);
}

static void
add_accounts(const struct policy *p, struct explanation *x)
{
	struct str text = { 0 };

	for (size_t i = 0; i < p->count; i++)
		str_printf(&text, "%s%s", i > 0 ? ", " : "",
		    p->accounts[i].settings->values.name);
	if (p->count == 0)
		str_add(&text, "none");
	if (p->removed > 0)
		str_printf(&text, " (%zu for other users only)", p->removed);
	explanation_begin(x, EXPLAINED_USABLE_ACCOUNTS, str_text(&text));
	str_free(&text);
}

static void
add_rule(const struct policy *p, const struct context *context,
    struct explanation *x)
{
	struct str text = { 0 };

	policy_describe_rule(p, context, &text);
	explanation_begin(x, EXPLAINED_SENDER_RULE, str_text(&text));
	str_free(&text);
}

static void
add_rate(const struct context *context, struct explanation *x)
{
	struct str text = { 0 };

	rate_limit_describe(context, &text);
	if (text.len > 0)
		explanation_begin(x, EXPLAINED_RATE, str_text(&text));
	str_free(&text);
}

/* The decisions about an account that the client may use. */
static bool
explain_account(const struct policy *p, struct context *context,
    struct explanation *x, struct error *err)
{
	struct submission *s = &context->submission;
	bool ok = context_select_account(context, err);

	explain_begin(context, x);
	if (!ok
	    || !(s->cmdline->operands.count > 0
		    ? submission_build_envelope(s, err)
		    : submission_set_sender(s, err)))
		return false;
	add_rule(p, context, x);
	add_rate(context, x);
	return policy_check_sender(p, context, 0, err)
	    && explain(context, x, err);
}

/* Whether this is the user that has the file of the service, or whose first group
 * can read it. */
static bool
owns_file(const struct peer *peer, const char *path)
{
	struct stat st;

	if (path == NULL || stat(path, &st) < 0)
		return false;
	return st.st_uid != 0
	    ? st.st_uid == peer->uid
	    : peer->group_count > 0 && peer->groups[0] == st.st_gid;
}

/* Whether the client is the user of the service, which root seldom is: the queue
 * belongs to that user. */
static bool
is_user_of_service(const struct policy *p, const struct config *config)
{
	struct stat st;

	if (geteuid() != 0)
		return p->is_own;
	if (p->queue_folder != NULL && stat(p->queue_folder, &st) == 0)
		return st.st_uid == p->peer.uid;
	return config->files.count > 0
	    && owns_file(&p->peer, config->files.items[0]);
}

static bool
explain_client(struct policy *p, struct context *context, struct explanation *x,
    struct error *err)
{
	const struct cmdline *given = context->cmdline;
	struct cmdline cmdline = *given;
	bool ok;

	if (cmdline.sender == NULL) {
		cmdline.sender = p->peer.login;
		cmdline.sender_is_login = true;
	}
	context->cmdline = context->submission.cmdline = &cmdline;
	add_client(&p->peer, x);
	ok = policy_read(p, context, err);
	if (ok) {
		p->is_own = is_user_of_service(p, &context->config);
		add_accounts(p, x);
	}
	ok = ok && policy_check_account(p, context, cmdline.sender, err)
	    && explain_account(p, context, x, err);
	context->cmdline = context->submission.cmdline = given;
	return ok;
}

bool
service_explain(struct context *context, struct explanation *x,
    struct error *err)
{
	struct policy policy = { 0 };
	bool ok;

	if (context->cmdline->recipients_from_header
	    || context->cmdline->read_envelope_from)
		return error_set(err, ERROR_USAGE,
		    "--service --explain reads no message: name the sender "
		    "with -f and the recipients as operands");
	context_find_user(context);
	ok = find_client(context, &policy.peer, err)
	    && explain_client(&policy, context, x, err);
	policy_free(&policy);
	return ok;
}
