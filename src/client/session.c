/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sends groups of commands and reads their replies, without knowing what a
 * command means.
 */
#include "client/session.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"
#include "client/body.h"
#include "client/hints.h"

/* Seconds for a reply: RFC 5321 section 4.5.3.2. */
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
	[STAGE_XQUEUE] = 60,
};

const char *
session_state_name(enum session_state state)
{
	static const char *const names[] = {
		[SESSION_CLOSED] = "closed",
		[SESSION_CONNECTED] = "waiting for the greeting",
		[SESSION_GREETED] = "greeted",
		[SESSION_READY] = "ready",
		[SESSION_QUIT_SENT] = "ended by QUIT",
		[SESSION_TLS_FAILED] = "unusable after TLS failed",
		[SESSION_BDAT_REJECTED] = "unusable after BDAT was rejected",
		[SESSION_UNUSABLE] = "unusable after an earlier failure",
	};

	return names[state];
}

bool
session_is_usable(const struct session *s)
{
	return s->state == SESSION_GREETED || s->state == SESSION_READY;
}

void
session_set_observer(struct session *s, const struct observer *observers)
{
	s->observers = observers;
	s->stream.on_sent = observers != NULL ? observer_sent : NULL;
	s->stream.on_sent_ctx = observers;
}

unsigned
session_timeout(const struct session *s, enum smtp_stage stage)
{
	unsigned timeout = s->params->timeout;

	if (timeout == 0)
		timeout = timeouts[stage];
	if (stage <= STAGE_TLS && s->early_timeout != 0
	    && s->early_timeout < timeout)
		timeout = s->early_timeout;
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
	return s->params->chunking && !s->by_data
	    && s->params->protocol == PROTOCOL_SMTP
	    && capabilities_have(&s->capabilities, CAP_CHUNKING);
}

bool
session_is_pipelining(const struct session *s)
{
	return s->params->pipelining
	    && capabilities_have(&s->capabilities, CAP_PIPELINING);
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
		    "\"%s\" contains a line end or control character",
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
session_uncertain(struct session *s, struct error *err)
{
	if (err == NULL)
		return false;
	error_prefix(err,
	    "the message may have been delivered, but the server "
	    "did not confirm it");
	error_temporary(err, true);
	err->uncertain = true;
	return session_failed(s, err);
}

bool
session_rejected(struct session *s, const struct reply *reply,
    enum smtp_stage stage, const char *command, struct error *err)
{
	reply_rejected(reply, &s->stream, stage, err);
	if (err != NULL)
		alloc_replace(&err->command, command);
	if (err != NULL && err->kind == ERROR_REJECTED && !err->temporary)
		hints_add(s, err);
	if (reply->status.code == 421)
		s->state = SESSION_UNUSABLE;
	return session_failed(s, err);
}

bool
session_offers(struct session *s, enum capability extension,
    enum smtp_stage stage, const char *text, struct error *err)
{
	if (capabilities_have(&s->capabilities, extension))
		return true;
	error_reject(err, stage, "the server does not offer %s", text);
	error_status(err, "5.3.3");
	return session_failed(s, err);
}

/*
 * A reply that arrives before its command was sent belongs to something else,
 * or was injected.  Only 421 may arrive at any time (RFC 5321 section 3.8).
 */
bool
session_check_silence(struct session *s, struct error *err)
{
	struct reply reply = { 0 };

	if (!stream_poll_input(&s->stream))
		return true;
	if (!reply_read(&s->stream, &reply, clock_now(), err)) {
		if (err != NULL && err->kind == ERROR_TIMEOUT)
			error_set(err, ERROR_PROTOCOL,
			    "the server sent unexpected data");
		return session_failed(s, err);
	}
	if (reply.status.code == 421) {
		session_rejected(s, &reply, STAGE_NONE, NULL, err);
	} else {
		char *text = reply_text(&reply, &s->stream);

		error_set(err, ERROR_PROTOCOL,
		    "the server sent a reply before the command: %s", text);
		free(text);
	}
	reply_free(&reply);
	return session_failed(s, err);
}

static bool
buffer_body(struct stream *s, const struct message *message, struct error *err)
{
	struct body_reader reader = { .message = message };
	bool more = true, ok = true;

	while (ok && more)
		ok = body_read(&reader, &s->out, &more, err);
	body_reader_free(&reader);
	return ok;
}

static bool
buffer_command(struct session *s, struct command *c, struct error *err)
{
	size_t before;

	if (!stream_put_line(&s->stream, c->line, c->trace_text, err))
		return false;
	c->state = COMMAND_STARTED;
	if (c->body == NULL)
		return true;
	before = s->stream.out.len;
	if (!buffer_body(&s->stream, c->body, err))
		return false;
	if (s->stream.out.len - before != c->body_size)
		return error_set(err, ERROR_INTERNAL,
		    "internal error: message size mismatch");
	if (!c->quit_after)
		return true;
	s->state = SESSION_QUIT_SENT;
	return stream_put_line(&s->stream, "QUIT", NULL, err);
}

bool
session_put(struct session *s, struct command *commands, size_t count,
    struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (!buffer_command(s, &commands[i], err))
			return false;
	return true;
}

static bool
fits(const struct session *s, const struct command *c)
{
	return stream_fits(&s->stream,
	    strlen(c->line) + 2 + c->body_size
		+ (c->quit_after ? strlen("QUIT\r\n") : 0));
}

/* Buffers the commands that are sent at once; *sent is their number. */
static bool
buffer_commands(struct session *s, struct command *commands, size_t count,
    size_t *sent, struct error *err)
{
	bool pipelining = session_is_pipelining(s);

	*sent = 0;
	do {
		if (!buffer_command(s, &commands[*sent], err))
			return false;
		(*sent)++;
	} while (pipelining && *sent < count && fits(s, &commands[*sent]));
	return true;
}

bool
session_flush(struct session *s, enum smtp_stage stage, struct error *err)
{
	return stream_flush(&s->stream, session_timeout(s, stage),
	    session_reply_deadline(s, stage), err);
}

static bool
send_commands(struct session *s, struct command *commands, size_t count,
    struct error *err)
{
	if (!session_flush(s, commands[0].stage, err))
		return false;
	for (size_t i = 0; i < count; i++)
		commands[i].state = COMMAND_SENT;
	return true;
}

/*
 * If the server rejects a command and closes the connection, the client's write
 * fails.  The rejection has arrived already and is the better error, so the
 * client reads what there is.
 */
bool
session_read_replies(struct session *s, struct command *commands, size_t count,
    bool flushed, struct error *err)
{
	struct error lost = { 0 };

	for (size_t i = 0; i < count; i++) {
		struct command *c = &commands[i];
		int64_t deadline =
		    flushed ? session_reply_deadline(s, c->stage) : clock_now();

		observer_stage(s->observers, c->stage);
		if (!reply_read(&s->stream, &c->reply, deadline,
			flushed ? err : &lost)) {
			error_free(&lost);
			if (i == 0 || commands[i - 1].reply.status.code != 421)
				return false;
			if (err != NULL)
				error_free(err);
			s->state = SESSION_UNUSABLE;
			return true;
		}
		if (c->state != COMMAND_SENT && c->body != NULL
		    && !reply_is_rejection(&c->reply))
			return false;
		c->state = COMMAND_ANSWERED;
	}
	return true;
}

/* Whether to stop: the server replied 421, or rejected a command without which
 * the others are pointless. */
static bool
is_over(const struct command *commands, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct reply *reply = &commands[i].reply;

		if (commands[i].state == COMMAND_ANSWERED
		    && (reply->status.code == 421
			|| (commands[i].abort_on_reject
			    && !reply_is(reply, 2))))
			return true;
	}
	return false;
}

/* Names the setting that helps if the server loses commands of a group, as none
 * at a socket of this host does. */
static void
add_pipelining_hint(struct error *err)
{
	char *text;

	if (err == NULL
	    || (err->kind != ERROR_TIMEOUT && err->kind != ERROR_NETWORK))
		return;
	text = alloc_printf("%s (\"pipelining off\" helps if the server loses "
			    "commands that are sent together)",
	    err->text);
	free(err->text);
	err->text = text;
}

/* Sends the commands that fit into one write, and reads their replies. */
static bool
exchange_round(struct session *s, struct command *commands, size_t count,
    size_t *sent, struct error *err)
{
	bool flushed, ok;

	observer_stage(s->observers, commands[0].stage);
	if (!session_check_silence(s, err)
	    || !buffer_commands(s, commands, count, sent, err)) {
		s->state = SESSION_UNUSABLE;
		return false;
	}
	flushed = send_commands(s, commands, *sent, err);
	ok = session_read_replies(s, commands, *sent, flushed, err);
	if (!ok || !flushed)
		s->state = SESSION_UNUSABLE;
	if (!ok && flushed && *sent > 1 && !s->connection.unix_socket)
		add_pipelining_hint(err);
	if (ok && !flushed && err != NULL)
		error_free(err);
	return ok;
}

bool
session_exchange(struct session *s, struct command *commands, size_t count,
    struct error *err)
{
	if (!session_is_usable(s)) {
		error_set(err, ERROR_NETWORK,
		    "the session is %s, so nothing more was sent; try again "
		    "later",
		    session_state_name(s->state));
		return session_failed(s, err);
	}
	for (size_t done = 0; done < count;) {
		size_t sent;

		if (!exchange_round(s, commands + done, count - done, &sent,
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
    const char *trace_text, struct reply *reply, struct error *err)
{
	struct command command = { .trace_text = trace_text, .stage = stage };
	bool ok;

	command.line = alloc_string(line);
	ok = session_exchange(s, &command, 1, err);
	reply_free(reply);
	*reply = command.reply;
	secret_wipe(command.line, strlen(command.line));
	free(command.line);
	return ok;
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

bool
session_send_quit(struct session *s, struct error *err)
{
	unsigned timeout = session_timeout(s, STAGE_BODY);

	s->state = SESSION_QUIT_SENT;
	return stream_put_line(&s->stream, "QUIT", NULL, err)
	    && stream_flush(&s->stream, timeout, clock_after_seconds(timeout),
		err);
}

void
session_close(struct session *s)
{
	const struct observer *observers = s->observers;

	if (session_is_usable(s))
		stream_send_and_close(&s->stream, "QUIT");
	session_free(s);
	observer_stage(observers, STAGE_NONE);
}
