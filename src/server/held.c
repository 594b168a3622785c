/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps the replies to the commands of a group, in their order. */
#include "server/held.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "server/io.h"

/* A client could send commands for ever. */
#define HELD_MAX (SERVER_RECIPIENTS_MAX + 1)

struct held_reply {
	struct server_reply reply; /* code 0: the action has left it open */
	enum mail_command command;
	bool keep_count; /* as in struct server */
};

/* Until its reply is known, MAIL counts as accepted. */
void
server_end_mail(struct server *s, const struct server_reply *reply)
{
	int code = reply->status.code;

	s->has_sender = code == 0 || server_reply_is_positive(reply);
	s->transaction_failed = !s->has_sender;
	s->keep_count = false;
	if (!s->has_sender)
		s->recipients = s->recipients_rejected = 0;
}

void
server_end_rcpt(struct server *s, struct server_reply *reply)
{
	s->keep_count = true;
	if (!s->has_sender)
		server_reply_set(reply, 503, "5.5.1", "send MAIL first");
	else if (server_reply_is_positive(reply))
		s->recipients++;
	else
		s->recipients_rejected++;
}

static bool
is_open(const struct held_reply *h)
{
	return h->reply.status.code == 0;
}

static void
hold(struct server *s, const struct held_reply *h)
{
	struct held_replies *held = &s->held;

	held->items = alloc_grow(held->items, held->count, &held->size,
	    sizeof(*held->items));
	held->items[held->count++] = *h;
	if (!is_open(h))
		return;
	held->open++;
	held->recipients += h->command == COMMAND_RCPT;
}

bool
server_hold_reply(struct server *s, enum mail_command command,
    struct server_reply *reply, struct error *err)
{
	const struct held_reply h = { .reply = *reply,
		.command = command,
		.keep_count = s->keep_count };

	if (s->held.count == 0 && !is_open(&h))
		return server_send_reply(s, reply, err);
	hold(s, &h);
	*reply = (struct server_reply){ 0 };
	return true;
}

bool
server_holds_recipient(const struct server *s)
{
	return s->held.recipients > 0;
}

/* Gets the open replies from the actions. */
static void
ask(struct server *s)
{
	struct held_replies *held = &s->held;
	struct server_reply *open = alloc_zeroed(held->open, sizeof(*open));
	size_t next = 0;

	s->actions->group(s->ctx, open, held->open);
	for (size_t i = 0; i < held->count; i++) {
		struct held_reply *h = &held->items[i];

		if (!is_open(h))
			continue;
		h->reply = open[next++];
		if (h->command == COMMAND_MAIL)
			server_end_mail(s, &h->reply);
		else
			server_end_rcpt(s, &h->reply);
		h->keep_count = s->keep_count;
	}
	free(open);
}

static bool
put(struct server *s, struct held_reply *h, struct error *err)
{
	int code = h->reply.status.code;

	s->rejected += code >= 400 && !h->keep_count;
	return server_put_reply(s, &h->reply, err);
}

bool
server_put_held(struct server *s, struct error *err)
{
	struct held_replies *held = &s->held;
	bool ok = true;

	if (held->open > 0)
		ask(s);
	for (size_t i = 0; ok && i < held->count; i++)
		ok = put(s, &held->items[i], err);
	server_free_held(s);
	s->keep_count = false;
	s->last_code = 0;
	return ok;
}

bool
server_end_group(struct server *s, struct error *err)
{
	return s->held.count == 0
	    || (server_put_held(s, err) && server_flush(s, err));
}

bool
server_check_group(struct server *s, struct error *err)
{
	return (s->held.count < HELD_MAX && stream_has_line(&s->stream))
	    || server_end_group(s, err);
}

void
server_free_held(struct server *s)
{
	for (size_t i = 0; i < s->held.count; i++)
		server_reply_free(&s->held.items[i].reply);
	free(s->held.items);
	s->held = (struct held_replies){ 0 };
}
