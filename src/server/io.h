/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a server hears and says: lines of commands, messages, answers.  Knows
 * where they end, and no verb.
 */
#ifndef VEREDUS_SERVER_IO_H
#define VEREDUS_SERVER_IO_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "base/strv.h"
#include "mail/message.h"
#include "server/reply.h"
#include "server/session.h"

/*
 * A command and its CRLF: 512 octets (RFC 5321 section 4.5.3.1.4), and what
 * parameters add, 500 of it for ORCPT alone (RFC 3461 section 4.2).
 */
#define SERVER_LINE_MAX 2048

/* Errors, also of the others: those of stream_peek() and stream_flush(). */
bool server_say(struct server *s, const struct server_reply *a,
    struct error *err);
/* A reply of several lines, without a status (RFC 2034 section 4). */
bool server_say_lines(struct server *s, int code, const struct strv *lines,
    struct error *err);

/*
 * Takes one line without its end.  One that is too long is read to its end,
 * and forgotten.
 */
bool server_read_line(struct server *s, struct str *line, bool *too_long,
    struct error *err);

/*
 * Reads a message to its end.  When it cannot be kept (mail/message.h) problem
 * says why, and the rest is read all the same.
 */
bool server_read_message(struct server *s, struct message *m,
    struct error *problem, struct error *err);

#endif
