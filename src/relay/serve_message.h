/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The message of a client of -bs and --service: sent to the server that has
 * accepted its recipients, sent with its envelope in one flight, or queued.
 */
#ifndef VEREDUS_RELAY_SERVE_MESSAGE_H
#define VEREDUS_RELAY_SERVE_MESSAGE_H

#include <stdbool.h>

#include "base/error.h"
#include "mail/message.h"
#include "server/reply.h"

/* Actions of the server (server/server.h); the context is a struct service. */
void serve_message(void *ctx, struct message *m, struct server_reply *a);
bool serve_whole(void *ctx, struct message *m, struct server_reply *a);
void serve_unstored(void *ctx, struct error *problem);
void serve_untold(void *ctx, bool is_accepted, const struct error *why);

#endif
