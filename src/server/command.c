/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/command.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"
#include "server/args.h"
#include "server/io.h"
#include "smtp/capability.h"

/* SMTPUTF8 is not among them before addresses and replies can hold UTF-8. */
#define OFFERED \
	(CAP_PIPELINING | CAP_8BITMIME | CAP_SIZE | CAP_ENHANCEDSTATUSCODES \
	    | CAP_DSN)

enum argument_rule { ARGUMENT_NONE, ARGUMENT_ANY, ARGUMENT_NEEDED };

struct verb_row {
	const char *name;
	enum argument_rule argument;
	bool (*run)(struct server *s, const char *argument, struct error *err);
	/* The answer, for verbs that do nothing. */
	int code;
	const char *status;
	const char *text;
};

static bool
say(struct server *s, struct server_reply *a, struct error *err)
{
	bool ok = server_say(s, a, err);

	server_reply_free(a);
	return ok;
}

static bool
say_text(struct server *s, int code, const char *status, const char *text,
    struct error *err)
{
	struct server_reply a = { 0 };

	server_reply_set(&a, code, status, "%s", text);
	return say(s, &a, err);
}

/* RFC 5321 section 4.1.4: it ends a transaction, too. */
static bool
run_helo(struct server *s, const char *argument, struct error *err)
{
	(void)argument;
	server_reset(s);
	return say_text(s, 250, "", s->name, err);
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
	ok = server_say_lines(s, 250, &lines, err);
	strv_free(&lines);
	return ok;
}

static bool
run_mail(struct server *s, const char *argument, struct error *err)
{
	struct mail_args r = { 0 };
	struct server_reply a = { 0 };

	if (s->has_sender)
		server_reply_set(&a, 503, "5.5.1",
		    "there is a sender already: RSET comes first");
	else if (mail_args_parse(&r, REQUEST_MAIL, argument, &a))
		s->actions->sender(s->ctx, &r, &a);
	s->has_sender = s->has_sender || server_reply_is_positive(&a);
	mail_args_free(&r);
	return say(s, &a, err);
}

static bool
run_rcpt(struct server *s, const char *argument, struct error *err)
{
	struct mail_args r = { 0 };
	struct server_reply a = { 0 };

	if (!s->has_sender)
		server_reply_set(&a, 503, "5.5.1", "MAIL comes first");
	else if (mail_args_parse(&r, REQUEST_RCPT, argument, &a))
		s->actions->recipient(s->ctx, &r, &a);
	if (server_reply_is_positive(&a))
		s->recipients++;
	mail_args_free(&r);
	return say(s, &a, err);
}

/* Until its end was heard, the message is nobody's. */
static bool
take_message(struct server *s, struct message *m, struct error *err)
{
	struct error problem = { 0 };
	struct server_reply a = { 0 };
	bool ok = server_read_message(s, m, &problem, err), taken;

	if (!ok) {
		error_free(&problem);
		return false;
	}
	if (error_is_set(&problem))
		server_reply_from_error(&a, &problem);
	else
		s->actions->message(s->ctx, m, &a);
	error_free(&problem);
	taken = server_reply_is_positive(&a);
	ok = say(s, &a, err);
	/* A refusal that was not heard leaves the transaction open. */
	if (ok || taken)
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
		return say_text(s, 503, "5.5.1", "MAIL comes first", err);
	if (s->recipients == 0)
		return say_text(s, 554, "5.5.1", "no valid recipients", err);
	ok = say_text(s, 354, "", "end with a line that is a lone dot", err)
	    && take_message(s, &m, err);
	message_free(&m);
	return ok;
}

static bool
run_rset(struct server *s, const char *argument, struct error *err)
{
	(void)argument;
	server_reset(s);
	return say_text(s, 250, "2.0.0", "forgotten", err);
}

/* The client need not wait until we have said goodbye elsewhere. */
static bool
run_quit(struct server *s, const char *argument, struct error *err)
{
	(void)argument;
	(void)err;
	s->over = true;
	say_text(s, 221, "2.0.0", "bye", NULL);
	return true;
}

static bool run_help(struct server *s, const char *argument, struct error *err);

/*
 * Each verb is told here and nowhere else.  VERB and ONEX are of Sendmail,
 * XVRB of Zmailer; nmh says them, and wants no more than to be heard.
 */
/* clang-format off */
static const struct verb_row verbs[] = {
	{ "EHLO", ARGUMENT_NEEDED, .run = run_ehlo },
	{ "HELO", ARGUMENT_NEEDED, .run = run_helo },
	{ "MAIL", ARGUMENT_NEEDED, .run = run_mail },
	{ "RCPT", ARGUMENT_NEEDED, .run = run_rcpt },
	{ "DATA", ARGUMENT_NONE, .run = run_data },
	{ "RSET", ARGUMENT_NONE, .run = run_rset },
	{ "NOOP", ARGUMENT_ANY, NULL, 250, "2.0.0", "ok" },
	{ "VRFY", ARGUMENT_NEEDED, NULL, 252, "2.0.0",
	    "not known here: RCPT will tell" },
	{ "HELP", ARGUMENT_ANY, .run = run_help },
	{ "QUIT", ARGUMENT_NONE, .run = run_quit },
	{ "VERB", ARGUMENT_ANY, NULL, 250, "2.0.0", "ok" },
	{ "XVRB", ARGUMENT_ANY, NULL, 250, "2.0.0", "ok" },
	{ "ONEX", ARGUMENT_ANY, NULL, 250, "2.0.0", "ok" },
	{ "AUTH", ARGUMENT_ANY, NULL, 502, "5.5.1", "no login is needed here" },
	{ "STARTTLS", ARGUMENT_ANY, NULL, 502, "5.5.1",
	    "no TLS is needed here" },
	{ "EXPN", ARGUMENT_ANY, NULL, 502, "5.5.1", "not implemented" },
	{ "ETRN", ARGUMENT_ANY, NULL, 502, "5.5.1", "not implemented" },
	{ "TURN", ARGUMENT_ANY, NULL, 502, "5.5.1", "not implemented" },
	{ "BDAT", ARGUMENT_ANY, NULL, 502, "5.5.1", "CHUNKING was not offered" },
};
/* clang-format on */

static bool
run_help(struct server *s, const char *argument, struct error *err)
{
	struct server_reply a = { 0 };
	struct str list = { 0 };

	(void)argument;
	for (size_t i = 0; i < COUNT_OF(verbs); i++)
		if (verbs[i].run != NULL || verbs[i].code < 500)
			str_printf(&list, " %s", verbs[i].name);
	server_reply_set(&a, 214, "2.0.0", "commands:%s", str_text(&list));
	str_free(&list);
	return say(s, &a, err);
}

static const struct verb_row *
find_verb(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(verbs); i++)
		if (text_equal_nocase(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

static bool
run_verb(struct server *s, const struct verb_row *row, const char *argument,
    struct error *err)
{
	if (row == NULL)
		return say_text(s, 500, "5.5.1", "there is no such command",
		    err);
	if (row->argument == ARGUMENT_NONE && *argument != '\0')
		return say_text(s, 501, "5.5.4", "it takes no argument", err);
	if (row->argument == ARGUMENT_NEEDED && *argument == '\0')
		return say_text(s, 501, "5.5.4", "an argument is missing", err);
	if (row->run != NULL)
		return row->run(s, argument, err);
	return say_text(s, row->code, row->status, row->text, err);
}

/* Verb, blank, argument (RFC 5321 section 4.1.1); blanks at the end mean
 * nothing. */
bool
server_command(struct server *s, const char *line, struct error *err)
{
	size_t len = strlen(line);
	char *verb, *argument;
	bool ok;

	while (len > 0 && line[len - 1] == ' ')
		len--;
	verb = alloc_string_n(line, len);
	argument = verb + strcspn(verb, " ");
	if (*argument != '\0')
		*argument++ = '\0';
	argument += strspn(argument, " ");
	ok = run_verb(s, find_verb(verb), argument, err);
	free(verb);
	return ok;
}
