/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/session.h"

#include "base/str.h"
#include "base/text.h"
#include "server/command.h"
#include "server/io.h"

void
server_reset(struct server *s)
{
	s->has_sender = false;
	s->recipients = 0;
	s->actions->reset(s->ctx);
}

static bool
greet(struct server *s, struct error *err)
{
	struct server_reply a = { 0 };
	bool ok;

	server_reply_set(&a, 220, "", "%s ESMTP veredus", s->name);
	ok = server_say(s, &a, err);
	server_reply_free(&a);
	return ok;
}

static bool
refuse_line(struct server *s, const char *why, struct error *err)
{
	struct server_reply a = { 0 };
	bool ok;

	server_reply_set(&a, 500, "5.5.2", "%s", why);
	ok = server_say(s, &a, err);
	server_reply_free(&a);
	return ok;
}

static bool
serve_line(struct server *s, struct str *line, struct error *err)
{
	bool too_long;

	if (!server_read_line(s, line, &too_long, err))
		return false;
	if (too_long)
		return refuse_line(s, "the line is too long", err);
	if (!text_is_wire_safe(str_text(line), line->len))
		return refuse_line(s, "a control character in the line", err);
	return server_command(s, str_text(line), err);
}

/* What it means that the client is not there any more, or that we must go. */
static bool
judge_end(struct server *s, struct error *end, struct error *err)
{
	bool in_transaction = s->has_sender;
	struct server_reply a = { 0 };

	if (end->kind == ERROR_INTERRUPTED) {
		server_reply_set(&a, 421, "4.3.2", "%s: %s", s->name,
		    end->text);
		server_say(s, &a, NULL);
		server_reply_free(&a);
	}
	if (end->kind == ERROR_INTERRUPTED || end->kind == ERROR_INPUT) {
		error_move(err, end);
		return false;
	}
	error_free(end);
	if (!in_transaction)
		return true;
	return error_set(err, ERROR_NETWORK,
	    "the client went away in the middle of a transaction: its message "
	    "was not sent");
}

bool
server_run(struct server *s, struct error *err)
{
	struct error end = { 0 };
	struct str line = { 0 };
	bool ok;

	s->stream.serves = true;
	ok = greet(s, &end);
	while (ok && !s->over)
		ok = transport_check_signal(&end) && serve_line(s, &line, &end);
	ok = (ok && s->over) || judge_end(s, &end, err);
	str_free(&line);
	return ok;
}

void
server_free(struct server *s)
{
	stream_close(&s->stream);
	*s = (struct server){ 0 };
}
