/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A model of an SMTP session (RFC 5321).  It reads what both sides sent, checks
 * the commands of the client, and finds the expected result of each recipient.
 */
#ifndef VEREDUS_TESTS_SESSION_MODEL_H
#define VEREDUS_TESTS_SESSION_MODEL_H

#include "base/text.h"
#include "wire.h"

#define RECIPIENTS_MAX 9
#define COMMANDS_MAX 24

/* A command and its reply. */
struct model_command {
	struct input line;
	size_t start;
	struct wire_reply reply;
	bool is_last; /* BDAT with LAST */
};

struct session_model {
	/* Set by the target: */
	const struct wire *w;
	bool lmtp, partial, starttls, chunking;
	size_t recipients;
	const struct str *message; /* as sent with DATA, with the final dot */
	const struct str *plain;   /* as sent with BDAT */
	/* Set when TLS starts: */
	bool encrypted;
	size_t sent_plain;
	/* Found by the model: */
	struct wire_reply greeting;
	struct model_command commands[COMMANDS_MAX];
	size_t count;
	size_t mail;    /* the index of the MAIL command */
	size_t offered; /* recipients in this transaction */
	bool accepted[RECIPIENTS_MAX];
	int rcpt_code[RECIPIENTS_MAX];
	struct input rest;  /* octets sent after DATA */
	size_t chunked;     /* octets sent with BDAT */
	size_t last;        /* the index of the command that ends the message */
	size_t last_octet;  /* the offset of the last octet of the message */
	bool is_complete;   /* the message was sent completely */
	bool quit_confirms; /* the reply to QUIT confirms that to the message */
	int final_code[RECIPIENTS_MAX];
	bool contradicted; /* the reply to QUIT contradicts the final reply */
};

static inline bool
model_is_command(const struct input *line, const char *verb)
{
	size_t len = strlen(verb);

	return line->left >= len && memcmp(line->at, verb, len) == 0
	    && (line->left == len || line->at[len] == ' ');
}

/* Whether the reply to EHLO has the keyword in a line after the first. */
static inline bool
model_offers(const struct session_model *m, const struct model_command *c,
    const char *keyword)
{
	struct input in = { str_text(&m->w->received) + c->reply.start,
		c->reply.end - c->reply.start };
	size_t len = strlen(keyword);

	if (c->reply.code != 250)
		return false;
	input_split(&in, '\n');
	while (in.left > 0) {
		struct input line = input_split(&in, '\n');

		if (line.left > 0 && line.at[line.left - 1] == '\r')
			line.left--;
		for (line.at += 4, line.left -= line.left < 4 ? line.left : 4;
		     line.left > 0 && strchr(" \t", *line.at) != NULL;
		     line.at++)
			line.left--;
		if (line.left >= len && strncasecmp(line.at, keyword, len) == 0
		    && (line.left == len || line.at[len] == ' '
			|| line.at[len] == '\t'))
			return true;
	}
	return false;
}

/* Returns the last EHLO, LHLO or HELO before the command. */
static inline const struct model_command *
model_find_ehlo(const struct session_model *m, size_t i)
{
	while (i-- > 0)
		if (model_is_command(&m->commands[i].line,
			m->lmtp ? "LHLO" : "EHLO")
		    || model_is_command(&m->commands[i].line, "HELO"))
			return &m->commands[i];
	fuzz_fail(__FILE__, __LINE__, "EHLO comes first", NULL);
	return NULL;
}

/* Reads a chunk, which must continue the message after the previous chunk. */
static inline void
model_read_chunk(struct session_model *m, struct input *in)
{
	struct model_command *c = &m->commands[m->count - 1];
	char *line = input_text(&c->line), *end;
	size_t size = strtoul(line + strlen("BDAT "), &end, 10);
	size_t sent = size < in->left ? size : in->left;

	c->is_last = strcmp(end, " LAST") == 0;
	fuzz_assert(c->is_last || *end == '\0');
	fuzz_assert(size <= m->plain->len - m->chunked);
	fuzz_assert(memcmp(in->at, m->plain->data + m->chunked, sent) == 0);
	m->chunked += sent;
	in->at += sent;
	in->left -= sent;
	if (c->is_last) {
		fuzz_assert(sent < size || m->chunked == m->plain->len);
		m->is_complete = sent == size;
		m->last = m->count - 1;
		m->last_octet = m->w->sent.len - in->left - 1;
	}
	free(line);
}

/* Reads the commands of the client up to DATA or the end. */
static inline void
model_read_commands(struct session_model *m)
{
	struct input in = { str_text(&m->w->sent), m->w->sent.len };
	size_t received;

	m->greeting = wire_read_reply(&m->w->received, 0);
	received = m->greeting.end;
	while (input_has(&in, '\n')) {
		struct model_command *c = &m->commands[m->count++];

		fuzz_assert(m->count < COMMANDS_MAX);
		c->start = m->w->sent.len - in.left;
		c->line = input_split(&in, '\n');
		fuzz_assert(
		    c->line.left > 1 && c->line.at[--c->line.left] == '\r');
		for (size_t i = 0; i < c->line.left; i++)
			fuzz_assert(c->line.at[i] >= 32 && c->line.at[i] < 127);
		if (model_is_command(&c->line, "BDAT"))
			model_read_chunk(m, &in);
		m->offered += model_is_command(&c->line, "RCPT");
		c->reply = wire_read_reply(&m->w->received, received);
		received = c->reply.end;
		if (model_is_command(&c->line, "DATA"))
			break;
	}
	m->rest = in;
}

/* All earlier replies, and nothing else, arrived before the command. */
static inline void
model_check_turn(const struct session_model *m, size_t i)
{
	const struct wire_reply *before =
	    i == 0 ? &m->greeting : &m->commands[i - 1].reply;
	size_t received = wire_received_before(m->w, m->commands[i].start);

	fuzz_assert(before->code != 0 && received >= before->end);
	/* During a deferred write the server may send more. */
	if (!m->w->defer_writes)
		fuzz_assert(received == before->end);
}

static inline void
model_check_ehlo(const struct session_model *m, size_t i)
{
	const struct model_command *before;

	model_check_turn(m, i);
	if (i == 0)
		return;
	before = &m->commands[i - 1];
	fuzz_assert(model_is_command(&before->line, "STARTTLS"));
	fuzz_assert(before->reply.code == 220 && m->encrypted);
	fuzz_assert(m->sent_plain == m->commands[i].start);
}

static inline void
model_check_helo(const struct session_model *m, size_t i)
{
	model_check_turn(m, i);
	fuzz_assert(i == 1 && !m->lmtp && !m->starttls);
	fuzz_assert(m->commands[0].reply.code >= 500);
}

static inline void
model_check_starttls(const struct session_model *m, size_t i)
{
	model_check_turn(m, i);
	fuzz_assert(m->starttls && i == 1);
	fuzz_assert(model_offers(m, &m->commands[0], "STARTTLS"));
}

static inline void
model_check_mail(const struct session_model *m, size_t i)
{
	fuzz_assert(i > 0);
	model_check_turn(m, i);
	fuzz_assert(model_find_ehlo(m, i) == &m->commands[i - 1]);
	fuzz_assert(m->commands[i - 1].reply.code == 250);
	fuzz_assert(m->encrypted == m->starttls);
	fuzz_assert(
	    strncmp(m->commands[i].line.at, "MAIL FROM:<alice@example.org>", 29)
	    == 0);
}

/* The n-th RCPT must be for the n-th recipient. */
static inline void
model_check_rcpt(struct session_model *m, size_t i, size_t n)
{
	const struct model_command *before;
	int code = m->commands[i].reply.code;
	char expected[64];

	fuzz_assert(i > 0 && n < m->recipients);
	before = &m->commands[i - 1];
	fuzz_assert(model_is_command(&before->line, n == 0 ? "MAIL" : "RCPT"));
	snprintf(expected, sizeof(expected), "RCPT TO:<r%zu@example.org>", n);
	fuzz_assert(
	    strncmp(m->commands[i].line.at, expected, strlen(expected)) == 0);
	m->rcpt_code[n] = code;
	if (model_offers(m, model_find_ehlo(m, i), "PIPELINING"))
		return;
	model_check_turn(m, i);
	fuzz_assert(before->reply.code / 100 == 2 || (n > 0 && m->partial));
}

/* Whether MAIL and enough recipients were accepted to send the message. */
static inline bool
model_accepts(const struct session_model *m, size_t mail)
{
	size_t accepted = 0;

	for (size_t n = 0; n < m->offered; n++)
		accepted += m->rcpt_code[n] / 100 == 2;
	return m->commands[mail].reply.code / 100 == 2 && accepted > 0
	    && (m->partial || accepted == m->offered);
}

static inline bool
model_limits(const struct session_model *m, size_t i)
{
	return model_offers(m, model_find_ehlo(m, i), "LIMITS");
}

static inline void
model_check_data(const struct session_model *m, size_t i)
{
	bool together = model_offers(m, model_find_ehlo(m, i), "PIPELINING")
	    && (m->partial || m->offered == 1);

	fuzz_assert(m->commands[i].line.left == 4);
	fuzz_assert(i == m->mail + m->offered + 1);
	fuzz_assert(m->offered == m->recipients || model_limits(m, i));
	if (together)
		return;
	model_check_turn(m, i);
	fuzz_assert(model_accepts(m, m->mail));
}

/*
 * BDAT may be pipelined with the envelope if one accepted recipient is enough,
 * or if it is not the last chunk.  Otherwise it must wait for the replies.
 */
static inline void
model_check_bdat(const struct session_model *m, size_t i)
{
	const struct model_command *before = &m->commands[i - 1];
	const struct model_command *hello = model_find_ehlo(m, i);
	bool first = model_is_command(&before->line, "RCPT");
	bool together = model_offers(m, hello, "PIPELINING");
	bool any = m->partial || m->offered == 1;

	fuzz_assert(m->chunking && !m->lmtp && i > m->mail + m->offered);
	fuzz_assert(m->offered == m->recipients || model_limits(m, i));
	fuzz_assert(model_offers(m, hello, "CHUNKING"));
	fuzz_assert(first || model_is_command(&before->line, "BDAT"));
	fuzz_assert(!before->is_last);
	if (!together && m->commands[i].is_last)
		model_check_turn(m, i);
	if (!first
	    && (!together || model_is_command(&m->commands[i].line, "BDAT 0")))
		fuzz_assert(before->reply.code / 100 == 2);
	if (!(first && together && (any || !m->commands[i].is_last)))
		fuzz_assert(model_accepts(m, m->mail));
}

/* QUIT is the last command, sent in turn or with the end of the message. */
static inline void
model_check_quit(struct session_model *m, size_t i)
{
	const struct wire_reply *before =
	    i == 0 ? &m->greeting : &m->commands[i - 1].reply;

	fuzz_assert(i + 1 == m->count && m->rest.left == 0);
	if (i > 0 && m->commands[i - 1].is_last
	    && (before->code == 0
		|| wire_received_before(m->w, m->commands[i].start)
		    < before->end)) {
		m->quit_confirms = true;
		return;
	}
	/* A client that gives up the transaction, because a recipient was
	 * rejected, does not look at the reply to a chunk.  Another one looks at
	 * the reply to QUIT, too. */
	if (i > 0 && model_is_command(&m->commands[i - 1].line, "BDAT")) {
		m->quit_confirms = true;
		return;
	}
	fuzz_assert(before->code != 0 && before->code != 421);
	fuzz_assert(i == 0
	    || !model_is_command(&m->commands[i - 1].line, "STARTTLS")
	    || before->code != 220);
}

static inline void
model_check_commands(struct session_model *m)
{
	size_t recipients = 0;

	fuzz_assert(m->count == 0 || m->greeting.code == 220
	    || (m->count == 1 && m->greeting.code >= 500
		&& model_is_command(&m->commands[0].line, "QUIT")));
	for (size_t i = 0; i < m->count; i++) {
		const struct input *line = &m->commands[i].line;

		if (model_is_command(line, m->lmtp ? "LHLO" : "EHLO"))
			model_check_ehlo(m, i);
		else if (model_is_command(line, "HELO"))
			model_check_helo(m, i);
		else if (model_is_command(line, "STARTTLS"))
			model_check_starttls(m, i);
		else if (model_is_command(line, "MAIL"))
			model_check_mail(m, m->mail = i);
		else if (model_is_command(line, "RCPT"))
			model_check_rcpt(m, i, recipients++);
		else if (model_is_command(line, "DATA"))
			model_check_data(m, i);
		else if (model_is_command(line, "BDAT"))
			model_check_bdat(m, i);
		else if (model_is_command(line, "QUIT"))
			model_check_quit(m, i);
		else
			fuzz_fail(__FILE__, __LINE__, "a known command", NULL);
	}
}

static inline bool
model_is_beginning(const struct input *in, const char *text)
{
	return in->left <= strlen(text) && memcmp(in->at, text, in->left) == 0;
}

/* DATA is followed by nothing, QUIT, the message, or its beginning. */
static inline void
model_check_message(struct session_model *m)
{
	const struct model_command *data = &m->commands[m->count - 1];
	size_t start = m->w->sent.len - m->rest.left, shared;
	struct input behind = m->rest;

	if (model_is_beginning(&m->rest, "QUIT\r\n")) {
		fuzz_assert(m->rest.left == 0
		    || (data->reply.code != 354 && data->reply.code != 0));
		return;
	}
	fuzz_assert(data->reply.code == 354);
	fuzz_assert(model_accepts(m, m->mail));
	fuzz_assert(wire_received_before(m->w, start) == data->reply.end);
	shared =
	    m->rest.left < m->message->len ? m->rest.left : m->message->len;
	fuzz_assert(memcmp(m->rest.at, m->message->data, shared) == 0);
	m->is_complete = shared == m->message->len;
	m->last = m->count - 1;
	m->last_octet = start + shared - 1;
	behind.at += shared;
	behind.left -= shared;
	fuzz_assert(model_is_beginning(&behind, "QUIT\r\n"));
	fuzz_assert(
	    wire_received_before(m->w, m->last_octet) == data->reply.end);
}

/*
 * If QUIT was sent with the end of the message, the final reply counts only if
 * it is followed by a positive reply, by 421 alone, or by the end of the
 * connection.
 */
static inline bool
model_is_confirmed(const struct session_model *m,
    const struct wire_reply *reply)
{
	struct input in = { str_text(&m->w->received) + reply->end,
		m->w->received.len - reply->end };
	bool is_closing = false;

	if (!m->quit_confirms)
		return true;
	while (in.left > 3 && memcmp(in.at, "421", 3) == 0
	    && input_has(&in, '\n')) {
		input_split(&in, '\n');
		is_closing = true;
	}
	if (in.left == 0)
		return m->w->end != WIRE_RESET;
	return !is_closing && in.left > 3 && *in.at == '2'
	    && text_is_digit((unsigned char)in.at[1])
	    && text_is_digit((unsigned char)in.at[2]) && input_has(&in, '\n');
}

/* Reads the final replies: one, or with LMTP one for each recipient. */
static inline void
model_read_final_replies(struct session_model *m)
{
	const struct model_command *last = &m->commands[m->last];
	size_t received = last->is_last ? last->reply.start : last->reply.end;
	struct wire_reply reply = { 0 };
	size_t waiting = 0;
	bool early, unclear;

	for (size_t n = 0; n < m->recipients; n++) {
		m->accepted[n] = m->rcpt_code[n] / 100 == 2
		    && m->commands[m->mail].reply.code / 100 == 2;
		if (!m->is_complete || !m->accepted[n])
			continue;
		if (m->lmtp || waiting++ == 0) {
			reply = wire_read_reply(&m->w->received, received);
			received = reply.end;
			m->contradicted = reply.code / 100 == 2
			    && !model_is_confirmed(m, &reply);
		}
		/* An earlier reply is not the final reply. */
		early = !m->w->defer_writes
		    && reply.start < wire_received_before(m->w, m->last_octet);
		/* Of the 2yz only 25z accepts the message. */
		unclear = reply.code / 100 == 2 && reply.code / 10 != 25;
		m->final_code[n] =
		    m->contradicted || early || unclear ? 0 : reply.code;
	}
}

/* Whether the server sent 421 or rejected a chunk before the last command. */
static inline bool
model_server_left(const struct session_model *m)
{
	for (size_t i = 0; i < m->last; i++)
		if (m->commands[i].reply.code == 421
		    || (model_is_command(&m->commands[i].line, "BDAT")
			&& m->commands[i].reply.code >= 300))
			return true;
	return false;
}

/* Whether the client cannot know if the server accepted the message. */
static inline bool
model_is_in_doubt(const struct session_model *m, size_t n)
{
	int mail = m->commands[m->mail].reply.code;
	bool together = m->commands[m->last].is_last;

	if (!m->is_complete || m->final_code[n] >= 400)
		return false;
	return m->accepted[n]
	    || (together && (m->rcpt_code[n] == 0 || m->rcpt_code[n] / 100 == 2)
		&& (mail == 0 || mail / 100 == 2));
}

/* Whether a recipient over the limit waits for the next transaction. */
static inline bool
model_is_postponed(const struct session_model *m, size_t n)
{
	const struct wire_reply *reply;

	if (n >= m->offered)
		return m->offered > 0;
	reply = &m->commands[m->mail + 1 + n].reply;
	return m->partial && reply->code >= 400
	    && memmem(m->w->received.data + reply->start,
		   reply->end - reply->start, ".5.3", 4)
	    != NULL;
}

static inline void
model_check(struct session_model *m)
{
	model_read_commands(m);
	model_check_commands(m);
	if (m->count > 0
	    && model_is_command(&m->commands[m->count - 1].line, "DATA"))
		model_check_message(m);
	if (m->count > 0)
		model_read_final_replies(m);
}

#endif
