/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs a session of the SMTP server from the greeting to the end of input:
 * checks the arguments and the order of commands, calls the actions, and sends
 * the replies.
 */
#include "server/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/str.h"
#include "base/text.h"
#include "server/args.h"
#include "server/io.h"
#include "smtp/capability.h"

/* Commands */

/* Not SMTPUTF8: addresses and replies are limited to ASCII. */
#define OFFERED \
	(CAP_PIPELINING | CAP_8BITMIME | CAP_SIZE | CAP_ENHANCEDSTATUSCODES \
	    | CAP_DSN)

enum argument_rule { ARGUMENT_NONE, ARGUMENT_ANY, ARGUMENT_NEEDED };

struct command_row {
	const char *name;
	enum argument_rule argument;
	bool (*run)(struct server *s, const char *argument, struct error *err);
	/* The fixed reply to a command without run(). */
	int code;
	const char *status;
	const char *text;
};

/* RFC 5321 section 4.1.4: HELO and EHLO also end a transaction. */
static bool
run_helo(struct server *s, const char *argument, struct error *err)
{
	(void)argument;
	server_reset(s);
	return server_send_text(s, 250, "", s->name, err);
}

static bool
run_ehlo(struct server *s, const char *argument, struct error *err)
{
	struct strv lines = { 0 };
	bool ok;

	(void)argument;
	server_reset(s);
	strv_add(&lines, s->name);
	capabilities_names(OFFERED, &lines);
	ok = server_send_lines(s, 250, &lines, err);
	strv_free(&lines);
	return ok;
}

static bool
run_mail(struct server *s, const char *argument, struct error *err)
{
	struct mail_args args = { 0 };
	struct server_reply reply = { 0 };

	if (s->has_sender)
		server_reply_set(&reply, 503, "5.5.1",
		    "a transaction is in progress: send RSET first");
	else if (mail_args_parse(&args, COMMAND_MAIL, argument, &reply))
		s->actions->sender(s->ctx, &args, &reply);
	s->has_sender = s->has_sender || server_reply_is_positive(&reply);
	mail_args_free(&args);
	return server_send_reply(s, &reply, err);
}

static bool
run_rcpt(struct server *s, const char *argument, struct error *err)
{
	struct mail_args args = { 0 };
	struct server_reply reply = { 0 };

	if (!s->has_sender)
		server_reply_set(&reply, 503, "5.5.1", "send MAIL first");
	else if (mail_args_parse(&args, COMMAND_RCPT, argument, &reply))
		s->actions->recipient(s->ctx, &args, &reply);
	if (server_reply_is_positive(&reply))
		s->recipients++;
	mail_args_free(&args);
	return server_send_reply(s, &reply, err);
}

/* The server takes responsibility for the message only after it has received
 * the end of data. */
static bool
receive_message(struct server *s, struct message *m, struct error *err)
{
	struct error problem = { 0 };
	struct server_reply reply = { 0 };
	bool ok = server_read_message(s, m, &problem, err), accepted;

	if (!ok) {
		error_free(&problem);
		return false;
	}
	if (error_is_set(&problem))
		server_reply_from_error(&reply, &problem);
	else
		s->actions->message(s->ctx, m, &reply);
	error_free(&problem);
	accepted = server_reply_is_positive(&reply);
	ok = server_send_reply(s, &reply, err);
	/* If the client cannot be told about a rejection, the transaction stays
	 * open, so that server_run() reports the message as not sent. */
	if (ok || accepted)
		server_reset(s);
	return ok;
}

static bool
run_data(struct server *s, const char *argument, struct error *err)
{
	struct message m = { 0 };
	bool ok;

	(void)argument;
	if (!s->has_sender)
		return server_send_text(s, 503, "5.5.1", "send MAIL first",
		    err);
	if (s->recipients == 0)
		return server_send_text(s, 554, "5.5.1", "no valid recipients",
		    err);
	ok = server_send_text(s, 354, "",
		 "end the message with a dot alone on a line", err)
	    && receive_message(s, &m, err);
	message_free(&m);
	return ok;
}

static bool
run_rset(struct server *s, const char *argument, struct error *err)
{
	(void)argument;
	server_reset(s);
	return server_send_text(s, 250, "2.0.0", "ok", err);
}

/* Replies before the caller closes the session with the next hop, so that the
 * client need not wait for that. */
static bool
run_quit(struct server *s, const char *argument, struct error *err)
{
	(void)argument;
	(void)err;
	s->quit = true;
	server_send_text(s, 221, "2.0.0", "bye", NULL);
	return true;
}

/* nmh sends VERB and ONEX of Sendmail and XVRB of ZMailer; a positive reply is
 * enough. */
/* clang-format off */
static const struct command_row commands[] = {
	{ "EHLO", ARGUMENT_NEEDED, .run = run_ehlo },
	{ "HELO", ARGUMENT_NEEDED, .run = run_helo },
	{ "MAIL", ARGUMENT_NEEDED, .run = run_mail },
	{ "RCPT", ARGUMENT_NEEDED, .run = run_rcpt },
	{ "DATA", ARGUMENT_NONE, .run = run_data },
	{ "RSET", ARGUMENT_NONE, .run = run_rset },
	{ "NOOP", ARGUMENT_ANY, NULL, 250, "2.0.0", "ok" },
	{ "VRFY", ARGUMENT_NEEDED, NULL, 252, "2.0.0",
	    "cannot verify the address: send RCPT to test it" },
	{ "HELP", ARGUMENT_ANY, NULL, 214, "2.0.0",
	    "commands: EHLO HELO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT" },
	{ "QUIT", ARGUMENT_NONE, .run = run_quit },
	{ "VERB", ARGUMENT_ANY, NULL, 250, "2.0.0", "ok" },
	{ "XVRB", ARGUMENT_ANY, NULL, 250, "2.0.0", "ok" },
	{ "ONEX", ARGUMENT_ANY, NULL, 250, "2.0.0", "ok" },
	{ "AUTH", ARGUMENT_ANY, NULL, 502, "5.5.1",
	    "authentication is not needed" },
	{ "STARTTLS", ARGUMENT_ANY, NULL, 502, "5.5.1", "TLS is not needed" },
	{ "EXPN", ARGUMENT_ANY, NULL, 502, "5.5.1", "not implemented" },
	{ "ETRN", ARGUMENT_ANY, NULL, 502, "5.5.1", "not implemented" },
	{ "TURN", ARGUMENT_ANY, NULL, 502, "5.5.1", "not implemented" },
	{ "BDAT", ARGUMENT_ANY, NULL, 502, "5.5.1", "CHUNKING is not offered" },
};
/* clang-format on */

static const struct command_row *
find_command(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		if (text_equal_nocase(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static bool
run_command(struct server *s, const struct command_row *row,
    const char *argument, struct error *err)
{
	if (row == NULL)
		return server_send_text(s, 500, "5.5.1", "unknown command",
		    err);
	if (row->argument == ARGUMENT_NONE && *argument != '\0')
		return server_send_text(s, 501, "5.5.4",
		    "the command takes no argument", err);
	if (row->argument == ARGUMENT_NEEDED && *argument == '\0')
		return server_send_text(s, 501, "5.5.4",
		    "the command needs an argument", err);
	if (row->run != NULL)
		return row->run(s, argument, err);
	return server_send_text(s, row->code, row->status, row->text, err);
}

/* Executes a command line, and ignores spaces at its end (RFC 5321 section
 * 4.1.1). */
static bool
run_line(struct server *s, const char *line, struct error *err)
{
	size_t len = strlen(line);
	char *name, *argument;
	bool ok;

	while (len > 0 && line[len - 1] == ' ')
		len--;
	name = alloc_string_n(line, len);
	argument = name + strcspn(name, " ");
	if (*argument != '\0')
		*argument++ = '\0';
	argument += strspn(argument, " ");
	ok = run_command(s, find_command(name), argument, err);
	free(name);
	return ok;
}

/* Sessions */

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
	return run_line(s, str_text(line), err);
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
