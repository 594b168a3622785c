/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "client/session.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/text.h"
#include "client/body.h"

/* Seconds that the server may take: RFC 5321 section 4.5.3.2. */
static const unsigned timeouts[STAGES] = {
	[STAGE_GREETING] = 300,
	[STAGE_EHLO] = 300,
	[STAGE_TLS] = 300,
	[STAGE_AUTH] = 300,
	[STAGE_MAIL] = 300,
	[STAGE_RCPT] = 300,
	[STAGE_DATA] = 120,
	[STAGE_BODY] = 180,
	[STAGE_END_OF_DATA] = 600,
	[STAGE_RSET] = 300,
	[STAGE_ETRN] = 300,
};

static void
tell_sent(const void *observers, size_t octets)
{
	observer_sent(observers, octets);
}

void
session_set_observer(struct session *s, const struct observer *observers)
{
	s->observers = observers;
	s->stream.on_sent = observers != NULL ? tell_sent : NULL;
	s->stream.on_sent_ctx = observers;
}

void
session_begin_stage(const struct session *s, enum smtp_stage stage)
{
	observer_stage(s->observers, stage);
}

unsigned
session_timeout(const struct session *s, enum smtp_stage stage)
{
	unsigned timeout = s->params->timeout;

	if (timeout == 0)
		timeout = timeouts[stage];
	if (stage <= STAGE_TLS && s->patience != 0 && s->patience < timeout)
		timeout = s->patience;
	return timeout;
}

int64_t
session_reply_deadline(const struct session *s, enum smtp_stage stage)
{
	int64_t total =
	    s->stream.deadline == 0 ? CLOCK_NEVER : s->stream.deadline;

	return clock_earlier(clock_after_seconds(session_timeout(s, stage)),
	    total);
}

bool
session_is_chunking(const struct session *s)
{
	return s->params->chunking && s->params->protocol == PROTOCOL_SMTP
	    && capabilities_have(&s->capabilities, CAP_CHUNKING);
}

char *
session_format(struct error *err, const char *format, ...)
{
	struct str line = { 0 };
	va_list args;

	va_start(args, format);
	str_vprintf(&line, format, args);
	va_end(args);
	if (!text_is_wire_safe(str_text(&line), line.len)) {
		error_set(err, ERROR_ADDRESS,
		    "a line end or control character in \"%s\"",
		    str_text(&line));
		str_free(&line);
		return NULL;
	}
	return str_steal(&line);
}

bool
session_failed(struct session *s, struct error *err)
{
	if (err != NULL && err->host == NULL)
		err->host = alloc_string(s->host);
	return false;
}

bool
session_rejected(struct session *s, const struct reply *reply,
    enum smtp_stage stage, const char *command, struct error *err)
{
	reply_rejected(reply, &s->stream, stage, err);
	if (err != NULL)
		alloc_replace(&err->command, command);
	if (reply->status.code == 421)
		s->broken = true;
	return session_failed(s, err);
}

/*
 * Before a flight the server must have said nothing: a reply that is there
 * before its command was sent answers something else, or was injected.  Only
 * 421 may come at any time (RFC 5321 section 3.8).
 */
static bool
check_no_early_reply(struct session *s, struct error *err)
{
	struct reply reply = { 0 };

	if (!stream_poll_input(&s->stream))
		return true;
	if (!reply_read(&s->stream, &reply, clock_now(), err)) {
		if (err != NULL && err->kind == ERROR_TIMEOUT)
			error_set(err, ERROR_PROTOCOL,
			    "the server sent something unasked");
		return session_failed(s, err);
	}
	if (reply.status.code == 421) {
		session_rejected(s, &reply, STAGE_NONE, NULL, err);
	} else {
		char *text = reply_text(&reply, &s->stream);

		error_set(err, ERROR_PROTOCOL,
		    "the server sent a reply before it was asked: %s", text);
		free(text);
	}
	reply_free(&reply);
	return session_failed(s, err);
}

static bool
put_body(struct stream *s, const struct message *message, struct error *err)
{
	struct body_reader reader = { .message = message };
	bool more = true, ok = true;

	while (ok && more)
		ok = body_read(&reader, &s->out, &more, err);
	body_reader_free(&reader);
	return ok;
}

static bool
put_command(struct session *s, const struct command *c, struct error *err)
{
	size_t before;

	if (!stream_put_line(&s->stream, c->line, c->shown, err))
		return false;
	if (c->body == NULL)
		return true;
	s->body_begun = true;
	before = s->stream.out.len;
	if (!put_body(&s->stream, c->body, err))
		return false;
	if (s->stream.out.len - before != c->body_size)
		return error_set(err, ERROR_INTERNAL,
		    "the message has another size than was told");
	s->quit_said = c->then_quit;
	return !c->then_quit || stream_put_line(&s->stream, "QUIT", NULL, err);
}

static bool
fits(const struct session *s, const struct command *c)
{
	return stream_fits(&s->stream,
	    strlen(c->line) + 2 + c->body_size
		+ (c->then_quit ? strlen("QUIT\r\n") : 0));
}

/* Gathers the next flight and returns how many commands are in it. */
static bool
put_flight(struct session *s, struct command *commands, size_t count,
    size_t *sent, struct error *err)
{
	bool pipelining = capabilities_have(&s->capabilities, CAP_PIPELINING);

	*sent = 0;
	do {
		if (!put_command(s, &commands[*sent], err))
			return false;
		(*sent)++;
	} while (pipelining && *sent < count && fits(s, &commands[*sent]));
	return true;
}

static bool
flush(struct session *s, enum smtp_stage stage, struct error *err)
{
	return stream_flush(&s->stream, session_timeout(s, stage),
	    session_reply_deadline(s, stage), err);
}

/*
 * A server that refuses and closes in one go makes our write fail; what it
 * said is already here and is the better answer.  Hence the reading goes on.
 */
static bool
read_replies(struct session *s, struct command *commands, size_t count,
    bool flushed, struct error *err)
{
	struct error lost = { 0 };

	for (size_t i = 0; i < count; i++) {
		struct command *c = &commands[i];
		int64_t deadline =
		    flushed ? session_reply_deadline(s, c->stage) : clock_now();

		session_begin_stage(s, c->stage);
		if (!reply_read(&s->stream, &c->reply, deadline,
			flushed ? err : &lost)) {
			error_free(&lost);
			if (i == 0 || commands[i - 1].reply.status.code != 421)
				return false;
			if (err != NULL)
				error_free(err);
			s->broken = true;
			return true;
		}
		c->answered = true;
	}
	return true;
}

/* Whether the exchange has come to an early end. */
static bool
is_over(const struct command *commands, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct reply *reply = &commands[i].reply;

		if (commands[i].answered
		    && (reply->status.code == 421
			|| (commands[i].essential && !reply_is(reply, 2))))
			return true;
	}
	return false;
}

static bool
exchange_flight(struct session *s, struct command *commands, size_t count,
    size_t *sent, struct error *err)
{
	bool flushed;

	session_begin_stage(s, commands[0].stage);
	s->flushed = false;
	if (!check_no_early_reply(s, err)
	    || !put_flight(s, commands, count, sent, err)) {
		s->broken = true;
		return false;
	}
	flushed = flush(s, commands[0].stage, err);
	s->flushed = flushed;
	if (read_replies(s, commands, *sent, flushed, err)) {
		if (err != NULL && !flushed)
			error_free(err);
		s->broken = s->broken || !flushed;
		return true;
	}
	s->broken = true;
	return false;
}

bool
session_exchange(struct session *s, struct command *commands, size_t count,
    struct error *err)
{
	if (s->broken) {
		error_set(err, ERROR_NETWORK, "the session has broken off");
		return session_failed(s, err);
	}
	for (size_t done = 0; done < count;) {
		size_t sent;

		if (!exchange_flight(s, commands + done, count - done, &sent,
			err))
			return session_failed(s, err);
		if (is_over(commands + done, sent))
			break;
		done += sent;
	}
	return true;
}

void
commands_free(struct command *commands, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(commands[i].line);
		reply_free(&commands[i].reply);
	}
	free(commands);
}

bool
session_command(struct session *s, enum smtp_stage stage, const char *line,
    const char *shown, struct reply *reply, struct error *err)
{
	struct command command = { .shown = shown, .stage = stage };
	bool ok;

	command.line = alloc_string(line);
	ok = session_exchange(s, &command, 1, err);
	reply_free(reply);
	*reply = command.reply;
	secret_wipe(command.line, strlen(command.line));
	free(command.line);
	return ok;
}

/* QUIT only where a command is expected: never in the middle of a body. */
void
session_close(struct session *s)
{
	if (s->greeted && !s->broken && !s->quit_said)
		stream_send_and_close(&s->stream, "QUIT");
	s->broken = true;
	stream_close(&s->stream);
	session_begin_stage(s, STAGE_NONE);
}

void
session_free(struct session *s)
{
	stream_close(&s->stream);
	capabilities_free(&s->capabilities);
	connection_free(&s->connection);
	free(s->host);
	*s = (struct session){ 0 };
}
