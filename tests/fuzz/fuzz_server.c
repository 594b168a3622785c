/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session of the SMTP server (server/session.h, -bs).  Input: a line with
 * letters (see wire.h), and what the client sends.
 *
 *   - The server sends the greeting first, and only complete replies with
 *     printable text.
 *   - A message is accepted only with a sender and an accepted recipient.
 *   - A second parser of what the client has sent finds the same commands: each
 *     one has its reply, no octet of a message is a command, and as many
 *     messages are accepted.
 *   - The message is normalized: no CR and no NUL, LF at the end.
 *   - Addresses and parameters cannot end a command of the upstream session.
 *   - Replies are valid UTF-8, and ASCII if no MAIL had SMTPUTF8.
 *   - On success no transaction is left open.
 *   - Replies that the actions leave open, to addresses with "o", are asked for
 *     in the order of the commands; "on" rejects.
 */
#include <strings.h>

#include "base/text.h"
#include "server/session.h"
#include "server/transaction.h"
#include "wire.h"

struct upstream {
	bool has_sender;
	size_t recipients;
	size_t messages;
	struct str open; /* M and R, or m and r if they will be rejected */
};

/* Whether the action leaves the reply open. */
static bool
leaves_open(struct upstream *u, const char *address, char command)
{
	if (address[0] != 'o')
		return false;
	str_add_char(&u->open,
	    address[1] == 'n' ? (char)text_lower(command) : command);
	return true;
}

static void
check_parameter(const char *value)
{
	fuzz_assert(value == NULL
	    || (text_is_wire_safe(value, strlen(value))
		&& strchr(value, ' ') == NULL
		&& text_is_ascii(value, strlen(value))));
}

static void
on_sender(void *ctx, const struct mail_args *args, struct server_reply *reply)
{
	struct upstream *u = ctx;

	fuzz_assert(text_is_wire_safe(args->address, strlen(args->address)));
	fuzz_assert(text_is_utf8(args->address, strlen(args->address)));
	check_parameter(args->params.deliver_by);
	check_parameter(args->params.hold_until);
	check_parameter(args->params.priority);
	fuzz_assert(
	    args->params.hold_for == 0 || args->params.hold_until == NULL);
	u->has_sender = args->address[0] != 'n';
	u->recipients = 0;
	if (leaves_open(u, args->address, 'M'))
		return;
	if (u->has_sender)
		server_reply_set(reply, 250, "2.1.0", "sender ok");
	else
		server_reply_set(reply, 550, "5.7.1", "no such sender");
}

static bool
on_recipient(void *ctx, const struct mail_args *args,
    struct server_reply *reply)
{
	struct upstream *u = ctx;

	fuzz_assert(u->has_sender);
	fuzz_assert(text_is_wire_safe(args->address, strlen(args->address)));
	if (leaves_open(u, args->address, 'R'))
		return true;
	if (args->address[0] == 'n') {
		server_reply_set(reply, 550, "5.1.1", "no such user");
		return true;
	}
	u->recipients++;
	server_reply_set(reply, 250, "2.1.5", "recipient ok");
	return true;
}

static void
check_body(const struct buffer_file *body)
{
	const struct str *text = &body->memory;

	if (body->fd_plus_1 != 0 || text->len == 0)
		return;
	fuzz_assert(memchr(text->data, '\r', text->len) == NULL);
	fuzz_assert(memchr(text->data, '\0', text->len) == NULL);
	fuzz_assert(text->data[text->len - 1] == '\n');
}

static void
on_message(void *ctx, struct message *m, struct server_reply *reply)
{
	struct upstream *u = ctx;

	fuzz_assert(u->has_sender && u->recipients > 0);
	u->messages++;
	check_body(&m->body);
	fuzz_assert(
	    m->header.len == 0 || m->header.data[m->header.len - 1] == '\n');
	server_reply_set(reply, 250, "2.0.0", "accepted");
}

static void
on_group(void *ctx, struct server_reply *open, size_t count)
{
	struct upstream *u = ctx;

	fuzz_assert(count > 0 && count == u->open.len);
	for (size_t i = 0; i < count; i++) {
		char command = u->open.data[i];
		bool is_mail = command == 'M' || command == 'm';
		bool ok = command == 'M' || command == 'R';

		fuzz_assert(i == 0 || !is_mail);
		server_reply_set(&open[i], ok ? 250 : 550, "", "reply");
		if (is_mail)
			u->has_sender = ok;
		else if (u->has_sender && ok)
			u->recipients++;
	}
	if (!u->has_sender)
		u->recipients = 0;
	str_truncate(&u->open, 0);
}

/* Takes some of the messages. */
static bool
on_whole(void *ctx, struct message *m, struct server_reply *reply)
{
	struct upstream *u = ctx;
	const char *open = str_text(&u->open);
	bool ok;

	fuzz_assert(strpbrk(open, "Rr") != NULL);
	if (m->header.len % 2 == 0)
		return false;
	ok = *open != 'm' && (u->recipients > 0 || strchr(open, 'R') != NULL);
	u->messages += ok;
	server_reply_set(reply, ok ? 250 : 554, "", "whole");
	return true;
}

static void
on_reset(void *ctx)
{
	struct upstream *u = ctx;

	str_truncate(&u->open, 0);
	u->has_sender = false;
	u->recipients = 0;
}

/* Whether the client may have used the word. */
static bool
contains(const struct str *text, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i + len <= text->len; i++)
		if (strncasecmp(text->data + i, word, len) == 0)
			return true;
	return false;
}

static void
check_replies(const struct wire *w)
{
	struct input in = { str_text(&w->sent), w->sent.len };

	fuzz_assert(text_is_utf8(in.at, in.left));
	fuzz_assert(contains(&w->received, "SMTPUTF8")
	    || text_is_ascii(in.at, in.left));
	while (in.left > 0) {
		struct input line = input_split(&in, '\n');

		fuzz_assert(line.left >= 5 && line.left < 512);
		fuzz_assert(line.at[line.left - 1] == '\r');
		fuzz_assert(line.at[0] >= '2' && line.at[0] <= '5');
		fuzz_assert(line.at[3] == ' ' || line.at[3] == '-');
		fuzz_assert(text_is_wire_safe(line.at, line.left - 1));
	}
}

/* The second parser */

struct model {
	struct input in;        /* the client's octets that are left */
	const struct str *sent; /* the replies */
	size_t reply_at;        /* the next reply */
	bool crlf;              /* the client has sent a CRLF */
	bool over;              /* the session has ended */
	size_t accepted;
};

/* Returns the code of the next reply; 421 and 0, no reply, end the session. */
static int
next_reply(struct model *m)
{
	struct wire_reply reply = wire_read_reply(m->sent, m->reply_at);

	m->reply_at = reply.end;
	m->over |= reply.code == 0 || reply.code == 421;
	return reply.code;
}

static void
model_final_reply(struct model *m)
{
	m->accepted += next_reply(m) / 100 == 2;
}

/* Skips the message data up to the final dot, octet by octet. */
static void
model_data(struct model *m)
{
	bool line_start = true;
	char last = '\0';

	if (next_reply(m) != 354)
		return;
	while (m->in.left > 0) {
		char c = *m->in.at;
		size_t end = c != '.' || !line_start                      ? 0
		    : m->in.left > 1 && m->in.at[1] == '\n' && !m->crlf   ? 2
		    : m->in.left > 2 && memcmp(m->in.at, ".\r\n", 3) == 0 ? 3
									  : 0;

		if (end > 0) {
			m->crlf |= end == 3;
			m->in.at += end;
			m->in.left -= end;
			model_final_reply(m);
			return;
		}
		m->crlf |= c == '\n' && last == '\r';
		line_start = c == '\n' && (last == '\r' || !m->crlf);
		last = c;
		m->in.at++;
		m->in.left--;
	}
	m->over = true;
}

/* BDAT, spaces, digits, spaces and perhaps LAST. */
static void
model_bdat(struct model *m, const char *argument)
{
	unsigned long long size = 0;
	bool valid = *argument >= '0' && *argument <= '9', last;

	for (; *argument >= '0' && *argument <= '9'; argument++) {
		valid = valid
		    && size <= (UINT64_MAX - (uint64_t)(*argument - '0')) / 10;
		size = size * 10 + (unsigned long long)(*argument - '0');
	}
	valid = valid && (*argument == ' ' || *argument == '\0');
	argument += strspn(argument, " ");
	last = strcasecmp(argument, "LAST") == 0;
	if (!valid || (!last && *argument != '\0')) {
		fuzz_assert(next_reply(m) == 501);
		fuzz_assert(next_reply(m) == 421);
		return;
	}
	m->over = m->in.left < size;
	if (m->over)
		return;
	m->in.at += size;
	m->in.left -= (size_t)size;
	if (last)
		model_final_reply(m);
	else
		next_reply(m);
}

static void
model_command(struct model *m, char *line, size_t len)
{
	size_t name;

	while (len > 0 && line[len - 1] == ' ')
		len--;
	line[len] = '\0';
	name = strcspn(line, " ");
	if (name == 4 && strncasecmp(line, "DATA", 4) == 0)
		model_data(m);
	else if (name == 4 && strncasecmp(line, "BDAT", 4) == 0)
		model_bdat(m, line + 4 + strspn(line + 4, " "));
	else if (next_reply(m) == 221)
		m->over = true;
}

static void
model_line(struct model *m)
{
	struct input line = input_split(&m->in, '\n');
	bool too_long = line.left + 1 > 2048;
	char *copy = malloc(line.left + 1);

	if (copy == NULL)
		abort();
	memcpy(copy, line.at, line.left);
	if (line.left > 0 && copy[line.left - 1] == '\r') {
		m->crlf = true;
		line.left--;
	}
	if (too_long || !text_is_wire_safe(copy, line.left))
		fuzz_assert(next_reply(m) == 500);
	else
		model_command(m, copy, line.left);
	/* 421 may follow any reply. */
	if (!m->over && wire_read_reply(m->sent, m->reply_at).code == 421)
		next_reply(m);
	free(copy);
}

/* Returns how many messages were accepted. */
static size_t
run_model(const struct wire *w)
{
	struct model m = { .in = { str_text(&w->received), w->received.len },
		.sent = &w->sent };
	size_t mark = text_mark_length(m.in.at, m.in.left);

	m.in.at += mark;
	m.in.left -= mark;
	fuzz_assert(next_reply(&m) == 220);
	while (!m.over && input_has(&m.in, '\n'))
		model_line(&m);
	fuzz_assert(m.reply_at == w->sent.len);
	return m.accepted;
}

static void
fuzz_one(const char *data, size_t size)
{
	static const struct server_actions actions = { .sender = on_sender,
		.recipient = on_recipient,
		.message = on_message,
		.group = on_group,
		.whole = on_whole,
		.reset = on_reset };
	struct input in = { data, size };
	struct input letters = input_split(&in, '\n');
	struct upstream upstream = { 0 };
	struct server s = { .actions = &actions,
		.ctx = &upstream,
		.name = "mx.example" };
	struct wire w = { 0 };
	struct error err = { 0 };
	bool ok;

	wire_set(&w, &letters);
	/* Writes do not fail here, and the client always closes its side. */
	w.fail_writes = false;
	w.end = WIRE_CLOSED;
	wire_open(&w, &in, &s.stream.transport);
	s.stream.serves = true;
	ok = server_run(&s, &err);
	fuzz_assert(ok != error_is_set(&err));
	fuzz_assert(!ok || !s.has_sender || s.quit);
	fuzz_assert(w.sent.len >= 4 && memcmp(w.sent.data, "220 ", 4) == 0);
	check_replies(&w);
	fuzz_assert(upstream.messages == run_model(&w));
	server_reset(&s);
	server_free(&s);
	str_free(&upstream.open);
	error_free(&err);
	wire_free(&w);
}
