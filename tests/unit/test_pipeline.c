/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A pipeline with a server that sends a reply too many or too few, or whose
 * connection is cut: every place where that can happen is tried, with every
 * combination of rejections.
 */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "client/pipeline.h"

#define MESSAGES 3
#define REPLIES_EACH 4 /* to MAIL, RCPT, BDAT and RSET */
#define REPLIES (MESSAGES * REPLIES_EACH)
#define NEVER ((size_t)1000)

enum decision {
	ACCEPT,
	REJECT_SENDER,
	REJECT_RECIPIENT,
	REJECT_DATA,
	DECISIONS
};

/* What the server does, apart from its decisions. */
struct disturbance {
	size_t extra;      /* replies that nobody asked for */
	const char *reply; /* which */
	bool is_missing;   /* a reply is left out */
	size_t at;         /* before the reply with that number */
	size_t cut;        /* the connection ends after so many replies */
};

struct server {
	enum decision decisions[MESSAGES];
	struct disturbance disturbance;
	bool has_accepted[MESSAGES];
	struct str in, out;
	size_t in_start, out_start;
	size_t message; /* that the last MAIL was for, + 1 */
	size_t replies; /* that were due */
	size_t sent;    /* that left */
	bool has_sender, has_recipient;
	unsigned reads; /* in a row without data */
};

static void
send_reply(struct server *server, const char *text)
{
	if (server->sent++ < server->disturbance.cut) {
		str_add(&server->out, text);
		str_add(&server->out, "\r\n");
	}
}

static void
reply(struct server *server, const char *text)
{
	const struct disturbance *d = &server->disturbance;
	bool here = server->replies++ == d->at;

	for (size_t i = 0; here && i < d->extra; i++)
		send_reply(server, d->reply);
	if (!here || !d->is_missing)
		send_reply(server, text);
}

static bool
decides(const struct server *server, enum decision decision)
{
	return server->message >= 1 && server->message <= MESSAGES
	    && server->decisions[server->message - 1] == decision;
}

static void
handle_mail(struct server *server)
{
	server->message++;
	if (server->has_sender) {
		reply(server, "503 5.5.1 nested MAIL");
	} else if (decides(server, REJECT_SENDER)) {
		reply(server, "550 5.7.1 no");
	} else {
		server->has_sender = true;
		reply(server, "250 2.1.0 ok");
	}
}

static void
handle_rcpt(struct server *server)
{
	if (!server->has_sender) {
		reply(server, "503 5.5.1 MAIL first");
	} else if (decides(server, REJECT_RECIPIENT)) {
		reply(server, "550 5.1.1 no such user");
	} else {
		server->has_recipient = true;
		reply(server, "250 2.1.5 ok");
	}
}

/* The transaction stays open if there is no recipient. */
static void
handle_bdat(struct server *server)
{
	if (!server->has_recipient) {
		reply(server, "554 5.5.1 no valid recipients");
		return;
	}
	server->has_sender = server->has_recipient = false;
	if (decides(server, REJECT_DATA)) {
		reply(server, "554 5.7.1 spam");
		return;
	}
	server->has_accepted[server->message - 1] = true;
	reply(server, "250 2.6.0 accepted");
}

/* Handles a line, and returns the number of octets that follow it. */
static size_t
handle_line(struct server *server, const char *line)
{
	size_t size = 0;

	if (strncmp(line, "MAIL", 4) == 0)
		handle_mail(server);
	else if (strncmp(line, "RCPT", 4) == 0)
		handle_rcpt(server);
	else if (sscanf(line, "BDAT %zu", &size) == 1)
		handle_bdat(server);
	else if (strncmp(line, "DATA", 4) == 0)
		reply(server, "354 go on");
	else if (strncmp(line, "QUIT", 4) == 0)
		reply(server, "221 2.0.0 bye");
	else
		reply(server, "250 2.0.0 reset");
	if (strncmp(line, "RSET", 4) == 0)
		server->has_sender = server->has_recipient = false;
	return size;
}

static ssize_t
server_write(struct transport *t, const void *buf, size_t len,
    struct error *err)
{
	struct server *server = t->ctx;

	(void)err;
	str_append(&server->in, buf, len);
	while (server->in_start < server->in.len) {
		char *line = server->in.data + server->in_start;
		char *end = strchr(line, '\n');

		assert_non_null(end);
		*end = '\0';
		server->in_start += (size_t)(end - line) + 1;
		server->in_start += handle_line(server, line);
	}
	server->reads = 0;
	return (ssize_t)len;
}

/* Without further data the server waits once, and then closes. */
static ssize_t
server_read(struct transport *t, void *buf, size_t len, struct error *err)
{
	struct server *server = t->ctx;
	size_t count = server->out.len - server->out_start;

	(void)err;
	if (count == 0)
		return server->reads++ == 0 ? TRANSPORT_WANT_READ : 0;
	count = count < len ? count : len;
	memcpy(buf, server->out.data + server->out_start, count);
	server->out_start += count;
	return (ssize_t)count;
}

static void
server_close(struct transport *t)
{
	(void)t;
}

/* The sessions of all cases have the same parameters and messages. */
static struct session_params params = { .timeout = 1,
	.partial = true,
	.chunking = true,
	.pipelining = true };
static struct message message;
static int always_ready;

static void
open_session(struct session *s, struct server *server)
{
	*s = (struct session){ .params = &params,
		.state = SESSION_READY,
		.esmtp = true,
		.keep_open = true,
		.host = alloc_string("mx.example") };
	s->stream.transport = (struct transport){ .fd_plus_1 = always_ready + 1,
		.ctx = server,
		.read = server_read,
		.write = server_write,
		.close = server_close };
	s->capabilities.set = CAP_PIPELINING | CAP_CHUNKING;
}

static void
send_messages(struct pipeline *p, struct envelope *envelopes, bool quit)
{
	assert_true(pipeline_begin(p));
	for (size_t i = 0; i < MESSAGES; i++)
		assert_int_equal(pipeline_add(p, &envelopes[i], &message,
				     false),
		    PIPELINE_ADDED);
	if (!quit)
		assert_int_equal(pipeline_add(p, &envelopes[MESSAGES], &message,
				     true),
		    PIPELINE_LAST);
	if (pipeline_send(p, quit))
		pipeline_receive(p);
	/* The proof may have to come from QUIT. */
	if (!pipeline_is_settled(p) && pipeline_begin(p)
	    && pipeline_send(p, true))
		pipeline_receive(p);
	assert_true(pipeline_is_settled(p));
}

/* Whether the final reply to the message arrived, and that to RSET. */
static bool
is_answered(const struct server *server, size_t i)
{
	return server->disturbance.cut >= (i + 1) * REPLIES_EACH;
}

static void
check_message(const struct server *server, const struct pipeline_message *m,
    size_t i)
{
	const struct disturbance *d = &server->disturbance;
	const struct recipient *r = &m->transaction.envelope->recipients[0];
	bool is_disturbed = d->extra > 0 || d->is_missing;

	/* If the connection is closed there, a success stands. */
	if (is_disturbed && d->cut == i * REPLIES_EACH + 3)
		return;
	/* Nothing is lost. */
	if (m->state == PIPELINE_ANSWERED && r->state == RECIPIENT_DELIVERED
	    && !server->has_accepted[i])
		fail_msg("message %zu: a success, but the server has not "
			 "accepted it: %zu extra (%s), missing %d, at %zu, cut "
			 "%zu, decisions %d %d %d",
		    i, d->extra, d->reply, d->is_missing, d->at, d->cut,
		    server->decisions[0], server->decisions[1],
		    server->decisions[2]);
	if (is_disturbed)
		return;
	/* Nothing is sent twice if its reply came. */
	if (server->has_accepted[i] && is_answered(server, i))
		assert_int_equal(r->state, RECIPIENT_DELIVERED);
	if (m->state == PIPELINE_UNSENT)
		assert_false(server->has_accepted[i]);
	if (d->cut == NEVER && !server->has_accepted[i])
		assert_false(r->outcome.uncertain);
}

static void
play(const enum decision *decisions, const struct disturbance *d, bool quit)
{
	struct server server = { .disturbance = *d };
	struct envelope envelopes[MESSAGES + 1] = { 0 };
	struct session s;
	struct pipeline p = { .session = &s };

	memcpy(server.decisions, decisions, sizeof(server.decisions));
	open_session(&s, &server);
	for (size_t i = 0; i <= MESSAGES; i++) {
		envelope_set_sender(&envelopes[i], "al@x", false);
		envelope_add(&envelopes[i], "bob@x", NULL);
	}
	send_messages(&p, envelopes, quit);
	for (size_t i = 0; i < MESSAGES; i++)
		check_message(&server, p.messages[i], i);
	pipeline_free(&p);
	session_free(&s);
	for (size_t i = 0; i <= MESSAGES; i++)
		envelope_free(&envelopes[i]);
	str_free(&server.in);
	str_free(&server.out);
}

/* Plays all combinations of decisions. */
static void
play_all(const struct disturbance *d)
{
	enum decision decisions[MESSAGES];

	for (unsigned n = 0; n < DECISIONS * DECISIONS * DECISIONS; n++) {
		decisions[0] = n % DECISIONS;
		decisions[1] = n / DECISIONS % DECISIONS;
		decisions[2] = n / DECISIONS / DECISIONS;
		play(decisions, d, false);
		play(decisions, d, true);
	}
}

static int
set_up(void **state)
{
	(void)state;
	params.domain = alloc_string("me.example");
	str_add(&message.header, "Subject: test\n");
	always_ready = open("/dev/null", O_RDWR | O_CLOEXEC);
	return always_ready < 0;
}

static int
tear_down(void **state)
{
	(void)state;
	free(params.domain);
	message_free(&message);
	close(always_ready);
	return 0;
}

static void
results_are_those_of_the_server(void **state)
{
	const struct disturbance none = { .at = NEVER, .cut = NEVER };

	(void)state;
	play_all(&none);
}

static void
a_cut_loses_nothing_and_repeats_only_what_was_not_answered(void **state)
{
	(void)state;
	for (size_t cut = 0; cut <= REPLIES + 3; cut++) {
		const struct disturbance d = { .at = NEVER, .cut = cut };

		play_all(&d);
	}
}

static void
an_extra_reply_makes_no_message_a_success(void **state)
{
	static const char *const replies[] = { "250 2.0.0 ok", "550 5.7.1 no",
		"354 go on", "221 2.0.0 bye" };

	(void)state;
	for (size_t at = 0; at <= REPLIES + 3; at++)
		for (size_t i = 0; i < COUNT_OF(replies); i++)
			for (size_t extra = 1; extra <= 3; extra++) {
				const struct disturbance d = { .extra = extra,
					.reply = replies[i],
					.at = at,
					.cut = NEVER };

				play_all(&d);
			}
}

static void
an_extra_reply_before_a_cut_makes_no_message_a_success(void **state)
{
	(void)state;
	for (size_t at = 0; at <= REPLIES + 3; at++)
		for (size_t cut = 0; cut <= REPLIES + 4; cut++) {
			const struct disturbance d = { .extra = 1,
				.reply = "250 2.0.0 ok",
				.at = at,
				.cut = cut };

			play_all(&d);
		}
}

static void
a_missing_reply_makes_no_message_a_success(void **state)
{
	(void)state;
	for (size_t at = 0; at <= REPLIES + 3; at++) {
		const struct disturbance d = { .is_missing = true,
			.at = at,
			.cut = NEVER };

		play_all(&d);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_are_those_of_the_server),
		cmocka_unit_test(
		    a_cut_loses_nothing_and_repeats_only_what_was_not_answered),
		cmocka_unit_test(an_extra_reply_makes_no_message_a_success),
		cmocka_unit_test(
		    an_extra_reply_before_a_cut_makes_no_message_a_success),
		cmocka_unit_test(a_missing_reply_makes_no_message_a_success),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
