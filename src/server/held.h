/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The replies to MAIL and RCPT, and what follows from them.  Replies are held while
 * the client has already sent the next command of the same group (RFC 2920), so
 * that the actions can pass all commands of the group on at once.
 *
 * An action leaves its reply open, and is asked for it when the group ends: at a
 * command that cannot belong to it, or when no further command has arrived.
 * Replies keep the order of the commands.
 */
#ifndef VEREDUS_SERVER_HELD_H
#define VEREDUS_SERVER_HELD_H

#include <stdbool.h>

#include "base/error.h"
#include "server/args.h"
#include "server/reply.h"
#include "server/server.h"

/* The last octets of a message that belong to a group, at most. */
#define SERVER_HELD_CHUNK_MAX 65536

/* What follows from the reply to MAIL, and to RCPT, when the action has set it.
 * Without a transaction the latter becomes a rejection. */
void server_end_mail(struct server *s, const struct server_reply *reply);
void server_end_rcpt(struct server *s, struct server_reply *reply);

/*
 * Takes the reply to MAIL or RCPT.  Holds it if the action has left it open, or
 * if there are replies before it; else sends it.  Errors: those of
 * server_send_reply().
 */
bool server_hold_reply(struct server *s, enum mail_command command,
    struct server_reply *reply, struct error *err);
/* Whether the action has left the reply to a RCPT open. */
bool server_holds_recipient(const struct server *s);

/*
 * Asks the actions for the open replies, and buffers all of them for the client.
 * A rejected MAIL ends the transaction, and rejects each RCPT that was open.
 * Errors: those of stream_put_line().
 */
bool server_put_held(struct server *s, struct error *err);
/* The same, and sends them.  Errors: those of server_send_reply(). */
bool server_end_group(struct server *s, struct error *err);
/* Ends the group, unless the next command is there. */
bool server_check_group(struct server *s, struct error *err);

/* Forgets replies that will not be sent. */
void server_free_held(struct server *s);

#endif
