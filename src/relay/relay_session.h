/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The session with the account's server, which stays open from one message to the
 * next.
 */
#ifndef VEREDUS_RELAY_RELAY_SESSION_H
#define VEREDUS_RELAY_RELAY_SESSION_H

#include <stdbool.h>

#include "base/error.h"
#include "mail/envelope.h"
#include "relay/relay_state.h"

/* Selects the account for the sender of the command line. */
bool relay_select_account(struct relay *r, struct error *err);
/* Prepares what a session of the account needs. */
bool relay_prepare(struct relay *r, struct error *err);
/* Opens a session with a host for the envelope `e`, and runs r->action in it. */
bool relay_open_session(struct relay *r, struct envelope *e, struct error *err);
/* Runs the action in the session of the last message, or in a new one. */
bool relay_act(struct relay *r,
    bool (*action)(struct relay *r, struct error *err), struct error *err);
/* Whether the session is of no use for the next command. */
bool relay_is_lost(const struct relay *r);
/* Gives the next command its time, which begins now. */
void relay_extend_deadline(struct relay *r);
/* Puts a descriptor in place of the connection, with which another process goes
 * on.  relay_message() fails then. */
void relay_leave(struct relay *r, int fd);
/* Ends the session. */
void relay_close(struct relay *r);

#endif
