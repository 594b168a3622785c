/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The account's server, as a client sees it that says one thing at a time:
 * the session stays open from one message to the next.
 *
 * What is known of the message stands in the run: command line, envelope and
 * message.  Reply and error of a step are those of client/transaction.h, or tell why
 * there is no session.
 */
#ifndef VEREDUS_RELAY_RELAY_H
#define VEREDUS_RELAY_RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "client/session.h"
#include "client/transaction.h"
#include "delivery/deliver.h"
#include "modes/context.h"

struct upstream {
	struct context *context;
	struct session session;
	bool configured;              /* the configuration was read */
	bool chosen;                  /* context->account is ready for use */
	const struct settings *found; /* of which it was made, or NULL */
	bool open;                    /* we are logged in */
	bool begun;     /* it has heard MAIL, and waits for more */
	int64_t used;   /* when it last answered */
	struct way way; /* to where the session leads */
	struct transaction transaction; /* if the server has heard MAIL */
	uint64_t size;                  /* of the message, as MAIL said; or 0 */
	bool waiting; /* `host mx`: MAIL is kept for the first recipient */
	struct strv domains; /* theirs: known to lead here */
};

/* Makes the account ready that the sender of the command line asks for. */
bool relay_choose_account(struct upstream *u, struct error *err);
/*
 * Offers the envelope's sender; opens a session if there is none to use.  With
 * `host mx` that is done for the first recipient: there is no reply yet.
 */
bool relay_sender(struct upstream *u, uint64_t size, struct reply *reply,
    struct error *err);
/*
 * Adds a recipient to the envelope and offers it; one that was accepted
 * before is not offered again, and has no reply.  One for which another server
 * would have to be asked than for those accepted before is refused for now
 * (4.5.3).
 */
bool relay_recipient(struct upstream *u, const struct recipient *wanted,
    struct reply *reply, struct error *err);
/* Completes the run's message and sends it to all who were accepted. */
bool relay_message(struct upstream *u, struct reply *reply, struct error *err);
/* QUIT, and the end of the session. */
void relay_close(struct upstream *u);

#endif
