/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session of the SMTP server (server/session.h, -bs).  Input: a line with
 * letters (see wire.h), and what the client sends.
 *
 *   - The server sends the greeting first, and only complete replies with
 *     printable text.
 *   - A message is accepted only with a sender and an accepted recipient, and
 *     at most once for each 354.
 *   - The message is normalized: no CR and no NUL, LF at the end.
 *   - Addresses cannot end a command of the upstream session.
 *   - On success no transaction is left open.
 */
#include "base/text.h"
#include "server/session.h"
#include "wire.h"

struct upstream {
	bool has_sender;
	size_t recipients;
	size_t messages;
};

static void
on_sender(void *ctx, const struct mail_args *args, struct server_reply *reply)
{
	struct upstream *u = ctx;

	fuzz_assert(text_is_wire_safe(args->address, strlen(args->address)));
	u->has_sender = args->address[0] != 'n';
	u->recipients = 0;
	if (u->has_sender)
		server_reply_set(reply, 250, "2.1.0", "sender ok");
	else
		server_reply_set(reply, 550, "5.7.1", "no such sender");
}

static void
on_recipient(void *ctx, const struct mail_args *args,
    struct server_reply *reply)
{
	struct upstream *u = ctx;

	fuzz_assert(u->has_sender);
	fuzz_assert(text_is_wire_safe(args->address, strlen(args->address)));
	if (args->address[0] == 'n') {
		server_reply_set(reply, 550, "5.1.1", "no such user");
		return;
	}
	u->recipients++;
	server_reply_set(reply, 250, "2.1.5", "recipient ok");
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
on_reset(void *ctx)
{
	struct upstream *u = ctx;

	u->has_sender = false;
	u->recipients = 0;
}

/* Checks the replies; returns the number of 354 replies. */
static size_t
check_replies(const struct str *sent)
{
	struct input in = { str_text(sent), sent->len };
	size_t data_replies = 0;

	while (in.left > 0) {
		struct input line = input_split(&in, '\n');

		fuzz_assert(line.left >= 5);
		fuzz_assert(line.at[line.left - 1] == '\r');
		fuzz_assert(line.at[0] >= '2' && line.at[0] <= '5');
		fuzz_assert(line.at[3] == ' ' || line.at[3] == '-');
		fuzz_assert(text_is_wire_safe(line.at, line.left - 1));
		if (memcmp(line.at, "354", 3) == 0)
			data_replies++;
	}
	return data_replies;
}

static void
fuzz_one(const char *data, size_t size)
{
	static const struct server_actions actions = { on_sender, on_recipient,
		on_message, on_reset };
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
	fuzz_assert(upstream.messages <= check_replies(&w.sent));
	server_reset(&s);
	server_free(&s);
	error_free(&err);
	wire_free(&w);
}
