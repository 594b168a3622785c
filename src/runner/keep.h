/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which failures of a delivery the queue keeps, and which the caller is told.
 */
#ifndef VEREDUS_RUNNER_KEEP_H
#define VEREDUS_RUNNER_KEEP_H

#include <stdbool.h>

#include "base/error.h"

/*
 * Whether a later attempt may succeed although nobody changes the message: the
 * failure is temporary, or its result is uncertain, or the server was not asked
 * about the message yet, or it wants a login.  What the server said about the
 * message, its sender or its recipient for good is told.
 */
bool queue_keeps(const struct error *failure);
/* The same for a message that has left the queue: no recipient is kept. */
bool queue_keeps_none(const struct error *failure);
/* Whether only an administrator can end the failure: of the login, the
 * certificate or the configuration. */
bool queue_needs_administrator(const struct error *failure);
/* Whether the server has rejected the login for good, or offers none that can be
 * used: until somebody changes something, no message can be sent. */
bool queue_login_is_rejected(const struct error *failure);

#endif
