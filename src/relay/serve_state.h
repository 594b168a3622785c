/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The state of the SMTP server of -bs and --service, and what all of its actions
 * do: log a result, and reply with it.
 */
#ifndef VEREDUS_RELAY_SERVE_STATE_H
#define VEREDUS_RELAY_SERVE_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/stage.h"
#include "config/cmdline.h"
#include "config/queue.h"
#include "mail/mail_params.h"
#include "modes/context.h"
#include "relay/policy.h"
#include "relay/relay.h"
#include "server/reply.h"

/* A RCPT of the client that has no reply yet, and the recipients that it has
 * become. */
struct open_rcpt {
	size_t *positions; /* in the envelope */
	size_t count;
};

/* The session with the client. */
struct service {
	struct context *context;
	const struct policy *policy; /* of --service, or NULL */
	struct cmdline cmdline; /* the options that apply to every message */
	struct relay relay;
	struct mail_params params; /* of the client's MAIL and the account */
	bool (*attempt)(struct context *context, struct error *err);
	enum queue_mode queue; /* of the transaction */
	bool queue_is_usable;  /* QUEUE_MODE_ON: as can_queue() has found */
	struct error unable;   /* why no message can be sent in this session */
	struct error obstacle; /* no server can be told of the transaction now,
				* but the queue keeps it */
	bool mail_is_open;     /* MAIL has no reply yet */
	bool is_asked; /* the server was told of the open commands with the
	                * message */
	struct error mail_error; /* the result of MAIL then, if it failed */
	struct open_rcpt *open;
	size_t open_count, open_size;
	size_t recipients; /* RCPT commands that were accepted */
	bool logged;       /* the result of the transaction is in the log */
	bool untold;       /* and the client does not know it */
};

/* Writes the result of the transaction to the log. */
void serve_log_result(struct service *v, const struct error *err);
/* What only the administrator of --service can mend may pass later. */
void serve_own_fault(const struct service *v, struct error *err);
/* A client of --service hears nothing of the files of the service.  An error that
 * no other line of the log has is logged here. */
void serve_hide_problem(struct service *v, enum smtp_stage stage,
    struct error *err);
/*
 * Sets the reply to the command of that stage: made of the error, else the
 * server's reply, which it moves, else a fixed one.  `server` may be NULL.  Frees
 * the error.
 */
void serve_reply(struct service *v, struct server_reply *a,
    enum smtp_stage stage, struct server_reply *server, struct error *err);
/* Whether no server is asked before the message is queued. */
bool serve_is_queued_first(const struct service *v);
/* Frees the commands that are open. */
void serve_free_open(struct service *v);

#endif
