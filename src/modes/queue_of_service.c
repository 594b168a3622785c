/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens a session with the service, and reads its listing. */
#include "modes/queue_of_service.h"

#include "base/clock.h"
#include "client/xqueue.h"
#include "config/select.h"
#include "modes/enter_sandbox.h"
#include "modes/session.h"

/* The seconds until the service has replied to EHLO. */
#define OPENING_SECONDS 10

bool
queue_of_service_is_used(const struct context *context)
{
	const struct cmdline *cmdline = context->cmdline;
	struct selection selection = { 0 };

	if (cmdline->service || cmdline_sets(cmdline, "queue_dir"))
		return false;
	if (cmdline_has_host(cmdline))
		return cmdline_sets(cmdline, "socket");
	return config_select(&context->config, &context->user, cmdline->account,
		   NULL, &selection, NULL)
	    && selection.settings->values.server.socket != NULL;
}

static bool
read_line(void *ctx, const char *line, struct error *err)
{
	return queue_listing_read(ctx, line, err);
}

static bool
read_listing(struct attempt *a, struct error *err)
{
	return xqueue_read(a->session, read_line, a->ctx, err)
	    && queue_listing_finish(a->ctx, err);
}

static bool
ask_service(const struct delivery_params *params, struct queue_listing *listing,
    struct error *err)
{
	struct lone_session l = { .attempt = { .action = read_listing,
				      .ctx = listing } };
	bool ok = lone_session_open(&l, params, err);

	lone_session_close(&l);
	return ok;
}

bool
queue_of_service_read(struct context *context, queue_item_visitor *visit,
    void *ctx, struct error *err)
{
	struct queue_listing listing = { .visit = visit,
		.ctx = ctx,
		.warnings = &context->submission.warnings };
	struct delivery_params params;
	bool ok = context_prepare_connection(context, err);

	if (ok) {
		context_delivery_params(context, &params);
		params.deadline = clock_earlier(params.deadline,
		    clock_after_seconds(OPENING_SECONDS));
		/* With -v, callers of mailq want a longer list. */
		if (!context->cmdline->debug)
			params.trace = NULL;
		ok = context_enter_sandbox(context, err)
		    && ask_service(&params, &listing, err);
	}
	if (!ok)
		error_prefix(err, "cannot list the queue of the service");
	queue_listing_free(&listing);
	return ok;
}
