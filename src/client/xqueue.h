/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * XQUEUE, an extension of --service: lists the messages of the client that wait in
 * the queue of the service.
 *
 *   xqueue-cmd   = "XQUEUE"
 *   xqueue-reply = *( "250-2.0.0 " line CRLF ) "250 2.0.0 " line CRLF
 *
 * The lines are those of queue/listing.h.
 */
#ifndef VEREDUS_CLIENT_XQUEUE_H
#define VEREDUS_CLIENT_XQUEUE_H

#include <stdbool.h>

#include "base/error.h"
#include "client/session.h"
#include "smtp/reply.h"

/*
 * Sends the command, and calls `visit` for each line.  Errors: ERROR_REJECTED if
 * the server does not offer XQUEUE (5.3.3) or rejects it; those of the visitor and
 * of session_exchange().
 */
bool xqueue_read(struct session *s, reply_visitor *visit, void *ctx,
    struct error *err);

#endif
