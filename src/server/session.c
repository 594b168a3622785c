/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs a session of the SMTP server from the greeting to the end of input, and
 * executes the commands that belong to no transaction.
 */
#include "server/session.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/str.h"
#include "base/text.h"
#include "server/data.h"
#include "server/held.h"
#include "server/io.h"
#include "server/transaction.h"
#include "smtp/capability.h"

/* Commands */

#define HELP "commands: EHLO HELO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT"

/*
 * The extensions are offered before the next hop is known.  The actions convert
 * a message, or reject a sender whose parameters the next hop does not support.
 */
#define OFFERED \
	(CAP_PIPELINING | CAP_CHUNKING | CAP_8BITMIME | CAP_SMTPUTF8 \
	    | CAP_SIZE | CAP_DSN | CAP_ENHANCEDSTATUSCODES | CAP_BINARYMIME \
	    | CAP_REQUIRETLS | CAP_DELIVERBY | CAP_FUTURERELEASE \
	    | CAP_MT_PRIORITY)

enum argument_rule { ARGUMENT_NONE, ARGUMENT_ANY, ARGUMENT_NEEDED };

struct command_row {
	const char *name;
	enum argument_rule argument;
	bool is_useful; /* for a message, or for the end of the session */
	bool (*run)(struct server *s, const char *argument, struct error *err);
	/* The fixed reply to a command without run(). */
	int code;
	const char *status;
	const char *text;
};

/* HELO, EHLO and RSET end a transaction (RFC 5321 section 4.1.4). */
static void
abort_transaction(struct server *s)
{
	s->transaction_failed = false;
	server_reset(s);
}

static bool
run_helo(struct server *s, const char *argument, struct error *err)
{
	(void)argument;
	abort_transaction(s);
	return server_send_text(s, 250, "", s->name, err);
}

/* Adds the limit to SIZE (RFC 1870 section 4). */
static void
add_keyword(const struct server *s, struct strv *lines, const char *keyword)
{
	uint64_t size = s->size_max > 0 && s->size_max < MESSAGE_INPUT_MAX
	    ? s->size_max
	    : MESSAGE_INPUT_MAX;

	if (strcmp(keyword, "SIZE") == 0)
		strv_take(lines, alloc_printf("SIZE %" PRIu64, size));
	else
		strv_add(lines, keyword);
}

/* RFC 9422 section 3.2. */
static void
add_limits(const struct server *s, struct strv *lines)
{
	if (s->recipients_max > 0)
		strv_take(lines,
		    alloc_printf("LIMITS RCPTMAX=%u", s->recipients_max));
}

static bool
run_ehlo(struct server *s, const char *argument, struct error *err)
{
	struct strv lines = { 0 }, keywords = { 0 };
	bool ok;

	(void)argument;
	abort_transaction(s);
	strv_add(&lines, s->name);
	capabilities_names(OFFERED
		| (s->actions->queue != NULL ? (unsigned)CAP_XQUEUE : 0),
	    &keywords);
	for (size_t i = 0; i < keywords.count; i++)
		add_keyword(s, &lines, keywords.items[i]);
	add_limits(s, &lines);
	ok = server_send_lines(s, 250, &lines, err);
	strv_free(&keywords);
	strv_free(&lines);
	return ok;
}

static bool
run_rset(struct server *s, const char *argument, struct error *err)
{
	(void)argument;
	abort_transaction(s);
	return server_send_text(s, 250, "2.0.0", "ok", err);
}

static bool
run_help(struct server *s, const char *argument, struct error *err)
{
	(void)argument;
	return server_send_text(s, 214, "2.0.0",
	    s->actions->queue != NULL ? HELP " XQUEUE" : HELP, err);
}

static bool
run_xqueue(struct server *s, const char *argument, struct error *err)
{
	(void)argument;
	if (s->actions->queue == NULL)
		return server_send_text(s, 502, "5.5.1", "not implemented",
		    err);
	return s->actions->queue(s->ctx, s, err);
}

/* Replies before the caller closes the session with the next hop, so that the
 * client need not wait for that.  A client may disconnect without the reply. */
static bool
run_quit(struct server *s, const char *argument, struct error *err)
{
	struct error why = { 0 };

	(void)argument;
	s->quit = true;
	server_send_text(s, 221, "2.0.0", "bye", &why);
	if (why.kind == ERROR_INPUT) {
		error_move(err, &why);
		return false;
	}
	error_free(&why);
	return true;
}

/* nmh sends VERB and ONEX of Sendmail and XVRB of ZMailer; a positive reply is
 * enough. */
/* clang-format off */
static const struct command_row commands[] = {
	{ "EHLO", ARGUMENT_NEEDED, .run = run_ehlo },
	{ "HELO", ARGUMENT_NEEDED, .run = run_helo },
	{ "MAIL", ARGUMENT_NEEDED, .run = server_mail, .is_useful = true },
	{ "RCPT", ARGUMENT_NEEDED, .run = server_rcpt, .is_useful = true },
	{ "DATA", ARGUMENT_NONE, .run = server_data, .is_useful = true },
	{ "BDAT", ARGUMENT_ANY, .run = server_bdat, .is_useful = true },
	{ "RSET", ARGUMENT_NONE, .run = run_rset },
	{ "NOOP", ARGUMENT_ANY, false, NULL, 250, "2.0.0", "ok" },
	{ "VRFY", ARGUMENT_NEEDED, false, NULL, 252, "2.0.0",
	    "cannot verify the address: send RCPT to test it" },
	{ "HELP", ARGUMENT_ANY, .run = run_help },
	{ "QUIT", ARGUMENT_NONE, .run = run_quit, .is_useful = true },
	{ "XQUEUE", ARGUMENT_NONE, .run = run_xqueue },
	{ "VERB", ARGUMENT_ANY, false, NULL, 250, "2.0.0", "ok" },
	{ "XVRB", ARGUMENT_ANY, false, NULL, 250, "2.0.0", "ok" },
	{ "ONEX", ARGUMENT_ANY, false, NULL, 250, "2.0.0", "ok" },
	{ "AUTH", ARGUMENT_ANY, false, NULL, 502, "5.5.1",
	    "authentication is not needed" },
	{ "STARTTLS", ARGUMENT_ANY, false, NULL, 502, "5.5.1", "TLS is not needed" },
	{ "EXPN", ARGUMENT_ANY, false, NULL, 502, "5.5.1", "not implemented" },
	{ "ETRN", ARGUMENT_ANY, false, NULL, 502, "5.5.1", "not implemented" },
	{ "TURN", ARGUMENT_ANY, false, NULL, 502, "5.5.1", "not implemented" },
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

/* Whether a group of commands goes on with this one. */
static bool
is_of_group(const struct command_row *row, const char *argument)
{
	return row != NULL && *argument != '\0'
	    && (row->run == server_rcpt
		|| (row->run == server_bdat
		    && server_bdat_is_of_group(argument)));
}

static bool
run_command(struct server *s, const struct command_row *row,
    const char *argument, struct error *err)
{
	if (!is_of_group(row, argument) && !server_end_group(s, err))
		return false;
	if (row == NULL)
		return server_send_text(s, 500, "5.5.1", "unknown command",
		    err);
	s->idle += !row->is_useful;
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

static bool
send_greeting(struct server *s, struct error *err)
{
	struct server_reply reply = { 0 };

	server_reply_set(&reply, 220, "", "%s ESMTP veredus", s->name);
	return server_send_reply(s, &reply, err);
}

static bool
execute_line(struct server *s, struct str *line, struct error *err)
{
	const char *problem = NULL;
	bool too_long;

	if (!server_check_group(s, err)
	    || !server_read_line(s, line, &too_long, err))
		return false;
	if (too_long)
		problem = "the command line is too long";
	else if (!text_is_wire_safe(str_text(line), line->len))
		problem = "the command line contains a control character";
	if (problem == NULL)
		return run_line(s, str_text(line), err);
	return server_end_group(s, err)
	    && server_send_text(s, 500, "5.5.2", problem, err);
}

static bool
check_commands(const struct server *s, struct error *err)
{
	if (s->rejected >= SERVER_REJECTED_MAX)
		return error_set(err, ERROR_PROTOCOL,
		    "the client sent %d commands that were rejected",
		    SERVER_REJECTED_MAX);
	if (s->idle >= SERVER_IDLE_MAX)
		return error_set(err, ERROR_PROTOCOL,
		    "the client sent %d commands that do nothing for a message",
		    SERVER_IDLE_MAX);
	return true;
}

/* Executes the next command, and counts those that are rejected. */
static bool
serve_line(struct server *s, struct str *line, struct error *err)
{
	s->keep_count = false;
	s->last_code = 0;
	if (!transport_check_signal(err) || !execute_line(s, line, err))
		return false;
	if (s->last_code >= 400 && !s->keep_count)
		s->rejected++;
	return check_commands(s, err);
}

/* Closes the session with 421, if the client can still read that. */
static void
send_closing(struct server *s, const struct error *end)
{
	static const struct {
		enum error_kind kind;
		const char *status;
	} reasons[] = {
		{ ERROR_INTERRUPTED, "4.3.2" },
		{ ERROR_TIMEOUT, "4.4.2" },
		{ ERROR_PROTOCOL, "4.7.0" },
	};
	struct server_reply reply = { 0 };

	for (size_t i = 0; i < COUNT_OF(reasons); i++) {
		if (reasons[i].kind != end->kind)
			continue;
		server_reply_set(&reply, 421, reasons[i].status, "%s: %s",
		    s->name, end->text);
		server_send_reply(s, &reply, NULL);
	}
}

/*
 * Handles the error that ended the session: a signal, a descriptor that does
 * not work, or a client that has disconnected, is silent, or does not know
 * SMTP.  Without a transaction such a client loses no message.
 */
static bool
end_session(struct server *s, struct error *end, struct error *err)
{
	enum error_kind kind =
	    end->kind == ERROR_INPUT ? ERROR_INPUT : ERROR_NETWORK;

	send_closing(s, end);
	if (!s->has_sender && kind == ERROR_NETWORK
	    && end->kind != ERROR_INTERRUPTED) {
		error_free(end);
		return true;
	}
	if (!s->has_sender || end->kind == ERROR_INTERRUPTED)
		error_move(err, end);
	else
		error_set(err, kind,
		    "%s during a transaction; its message was not sent",
		    end->kind == ERROR_NETWORK ? "the client disconnected"
					       : end->text);
	error_free(end);
	return false;
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
		ok = serve_line(s, &line, &end);
	ok = ok || end_session(s, &end, err);
	str_free(&line);
	return ok;
}

void
server_free(struct server *s)
{
	stream_close(&s->stream);
	server_free_held(s);
	server_free_chunks(s);
	*s = (struct server){ 0 };
}
