/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Logs the result of a transaction, and makes replies of errors. */
#include "relay/serve_state.h"

#include <stdlib.h>

#include "report/result.h"

void
serve_log_result(struct service *v, const struct error *err)
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

/* The reply to an accepted command of which no server was told. */
static const struct {
	const char *status, *text;
} accepted[STAGES] = {
	[STAGE_MAIL] = { "2.1.0",
	    "accepted; the recipients determine the server" },
	[STAGE_RCPT] = { "2.1.5", "accepted" },
	[STAGE_END_OF_DATA] = { "2.0.0", "accepted" },
};

void
serve_own_fault(const struct service *v, struct error *err)
{
	if (v->policy != NULL)
		policy_own_fault(err);
}

void
serve_hide_problem(struct service *v, enum smtp_stage stage, struct error *err)
{
	struct error whole = { 0 };

	if (v->policy == NULL || !error_is_set(err))
		return;
	serve_own_fault(v, err);
	error_copy(&whole, err);
	if (policy_hide_problem(err) && stage == STAGE_RCPT && !v->is_asked)
		serve_log_result(v, &whole);
	error_free(&whole);
}

void
serve_reply(struct service *v, struct server_reply *a, enum smtp_stage stage,
    struct server_reply *server, struct error *err)
{
	serve_hide_problem(v, stage, err);
	if (error_is_set(err)) {
		server_reply_from_error(a, err, stage);
	} else if (server != NULL && server->status.code != 0) {
		server_reply_free(a);
		*a = *server;
		*server = (struct server_reply){ 0 };
	} else {
		server_reply_set(a, 250, accepted[stage].status, "%s",
		    accepted[stage].text);
	}
	error_free(err);
}

bool
serve_is_queued_first(const struct service *v)
{
	return v->queue == QUEUE_MODE_ALWAYS || v->queue == QUEUE_MODE_LATER;
}

void
serve_free_open(struct service *v)
{
	for (size_t i = 0; i < v->open_count; i++)
		free(v->open[i].positions);
	v->open_count = 0;
	v->mail_is_open = v->is_asked = false;
	error_free(&v->mail_error);
}
