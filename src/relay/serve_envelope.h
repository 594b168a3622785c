/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * MAIL and RCPT of a client of -bs and --service: the policy decides at once, and
 * the server is told of all commands of a group together.
 */
#ifndef VEREDUS_RELAY_SERVE_ENVELOPE_H
#define VEREDUS_RELAY_SERVE_ENVELOPE_H

#include <stddef.h>

#include "server/args.h"
#include "server/reply.h"

/* Actions of the server (server/server.h); the context is a struct service. */
void serve_reset(void *ctx);
void serve_mail(void *ctx, const struct mail_args *r, struct server_reply *a);
bool serve_rcpt(void *ctx, const struct mail_args *r, struct server_reply *a);
void serve_group(void *ctx, struct server_reply *open, size_t count);

struct service;

/* Removes the options of the client's MAIL. */
void serve_clear_mail_args(struct service *v);

#endif
