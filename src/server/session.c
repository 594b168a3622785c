/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a session of the SMTP server from the greeting to the end of input. */
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
send_greeting(struct server *s, struct error *err)
{
	struct server_reply reply = { 0 };

	server_reply_set(&reply, 220, "", "%s ESMTP veredus", s->name);
	return server_send_reply(s, &reply, err);
}

static bool
serve_line(struct server *s, struct str *line, struct error *err)
{
	bool too_long;

	if (!server_read_line(s, line, &too_long, err))
		return false;
	if (too_long)
		return server_send_text(s, 500, "5.5.2",
		    "the command line is too long", err);
	if (!text_is_wire_safe(str_text(line), line->len))
		return server_send_text(s, 500, "5.5.2",
		    "the command line contains a control character", err);
	return server_command(s, str_text(line), err);
}

/* Handles the error that ended the session: a signal, an input that cannot be
 * read, or a client that has disconnected. */
static bool
end_session(struct server *s, struct error *end, struct error *err)
{
	struct server_reply reply = { 0 };

	if (end->kind == ERROR_INTERRUPTED) {
		server_reply_set(&reply, 421, "4.3.2", "%s: %s", s->name,
		    end->text);
		server_send_reply(s, &reply, NULL);
	}
	if (end->kind == ERROR_INTERRUPTED || end->kind == ERROR_INPUT) {
		error_move(err, end);
		return false;
	}
	error_free(end);
	if (!s->has_sender)
		return true;
	return error_set(err, ERROR_NETWORK,
	    "the client disconnected during a transaction; its message was not "
	    "sent");
}

bool
server_run(struct server *s, struct error *err)
{
	struct error end = { 0 };
	struct str line = { 0 };
	bool ok;

	s->stream.serves = true;
	ok = send_greeting(s, &end);
	while (ok && !s->quit)
		ok = transport_check_signal(&end) && serve_line(s, &line, &end);
	ok = (ok && s->quit) || end_session(s, &end, err);
	str_free(&line);
	return ok;
}

void
server_free(struct server *s)
{
	stream_close(&s->stream);
	*s = (struct server){ 0 };
}
