/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A referee for sessions: listens to both sides of a wire, knows RFC 5321, and
 * says who may be told that the message was delivered.
 */
#ifndef VEREDUS_TESTS_REFEREE_H
#define VEREDUS_TESTS_REFEREE_H

#include "wire.h"

#define RECIPIENTS_MAX 9
#define COMMANDS_MAX 24

/* One command and what the server answered. */
struct referee_command {
	struct input line;
	size_t start;
	struct referee_reply reply;
	bool is_last; /* BDAT with LAST */
};

struct referee {
	/* What is to be: */
	const struct wire *w;
	bool lmtp, partial, starttls, chunking;
	size_t recipients;
	const struct str *message; /* as DATA should have it, with its dot */
	const struct str *plain;   /* as BDAT should have it */
	/* Where TLS began, if it did: */
	bool encrypted;
	size_t said_plain;
	/* What is: */
	struct referee_reply greeting;
	struct referee_command commands[COMMANDS_MAX];
	size_t count;
	size_t mail;    /* the number of that command */
	size_t offered; /* recipients; LIMITS may leave some for later */
	bool accepted[RECIPIENTS_MAX];
	int rcpt_code[RECIPIENTS_MAX];
	struct input rest; /* what was said behind DATA */
	size_t chunked;    /* octets that were said behind BDAT */
	size_t last;       /* the command that ends the message */
	size_t last_octet; /* where that octet was said */
	bool whole;        /* the message, to its last octet */
	bool quit_with_it; /* QUIT stands in the same flight */
	int verdict[RECIPIENTS_MAX];
	bool unconfirmed; /* what stands in the slot of QUIT denies it */
};

static inline bool
referee_is(const struct input *line, const char *verb)
{
	size_t len = strlen(verb);

	return line->left >= len && memcmp(line->at, verb, len) == 0
	    && (line->left == len || line->at[len] == ' ');
}

/* Whether EHLO was answered with that keyword, in any line but the first. */
static inline bool
referee_offers(const struct referee *r, const struct referee_command *c,
    const char *keyword)
{
	struct input in = { str_text(&r->w->heard) + c->reply.start,
		c->reply.end - c->reply.start };
	size_t len = strlen(keyword);

	if (c->reply.code != 250)
		return false;
	input_take(&in, '\n');
	while (in.left > 0) {
		struct input line = input_take(&in, '\n');

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

/* The last EHLO, LHLO or HELO before a command. */
static inline const struct referee_command *
referee_hello(const struct referee *r, size_t i)
{
	while (i-- > 0)
		if (referee_is(&r->commands[i].line, r->lmtp ? "LHLO" : "EHLO")
		    || referee_is(&r->commands[i].line, "HELO"))
			return &r->commands[i];
	fuzz_fail(__FILE__, __LINE__, "a greeting comes first", NULL);
	return NULL;
}

/* Octets of the message behind BDAT, which go on where the last ones ended. */
static inline void
referee_read_chunk(struct referee *r, struct input *in)
{
	struct referee_command *c = &r->commands[r->count - 1];
	char *line = input_text(&c->line), *end;
	size_t size = strtoul(line + strlen("BDAT "), &end, 10);
	size_t said = size < in->left ? size : in->left;

	c->is_last = strcmp(end, " LAST") == 0;
	fuzz_assert(c->is_last || *end == '\0');
	fuzz_assert(size <= r->plain->len - r->chunked);
	fuzz_assert(memcmp(in->at, r->plain->data + r->chunked, said) == 0);
	r->chunked += said;
	in->at += said;
	in->left -= said;
	if (c->is_last) {
		fuzz_assert(said < size || r->chunked == r->plain->len);
		r->whole = said == size;
		r->last = r->count - 1;
		r->last_octet = r->w->said.len - in->left - 1;
	}
	free(line);
}

/* Takes what we said apart, up to DATA or the end. */
static inline void
referee_read_commands(struct referee *r)
{
	struct input in = { str_text(&r->w->said), r->w->said.len };
	size_t heard;

	r->greeting = referee_read(&r->w->heard, 0);
	heard = r->greeting.end;
	while (input_has(&in, '\n')) {
		struct referee_command *c = &r->commands[r->count++];

		fuzz_assert(r->count < COMMANDS_MAX);
		c->start = r->w->said.len - in.left;
		c->line = input_take(&in, '\n');
		fuzz_assert(
		    c->line.left > 1 && c->line.at[--c->line.left] == '\r');
		for (size_t i = 0; i < c->line.left; i++)
			fuzz_assert(c->line.at[i] >= 32 && c->line.at[i] < 127);
		if (referee_is(&c->line, "BDAT"))
			referee_read_chunk(r, &in);
		r->offered += referee_is(&c->line, "RCPT");
		c->reply = referee_read(&r->w->heard, heard);
		heard = c->reply.end;
		if (referee_is(&c->line, "DATA"))
			break;
	}
	r->rest = in;
}

/* All before this was answered when it was said, and nothing more came. */
static inline void
referee_check_turn(const struct referee *r, size_t i)
{
	const struct referee_reply *before =
	    i == 0 ? &r->greeting : &r->commands[i - 1].reply;
	size_t heard = wire_heard_before(r->w, r->commands[i].start);

	fuzz_assert(before->code != 0 && heard >= before->end);
	/* While a write waits the server may speak. */
	if (!r->w->reluctant)
		fuzz_assert(heard == before->end);
}

static inline void
referee_check_hello(const struct referee *r, size_t i)
{
	const struct referee_command *before;

	referee_check_turn(r, i);
	if (i == 0)
		return;
	before = &r->commands[i - 1];
	fuzz_assert(referee_is(&before->line, "STARTTLS"));
	fuzz_assert(before->reply.code == 220 && r->encrypted);
	fuzz_assert(r->said_plain == r->commands[i].start);
}

static inline void
referee_check_helo(const struct referee *r, size_t i)
{
	referee_check_turn(r, i);
	fuzz_assert(i == 1 && !r->lmtp && !r->starttls);
	fuzz_assert(r->commands[0].reply.code >= 500);
}

static inline void
referee_check_starttls(const struct referee *r, size_t i)
{
	referee_check_turn(r, i);
	fuzz_assert(r->starttls && i == 1);
	fuzz_assert(referee_offers(r, &r->commands[0], "STARTTLS"));
}

static inline void
referee_check_mail(const struct referee *r, size_t i)
{
	fuzz_assert(i > 0);
	referee_check_turn(r, i);
	fuzz_assert(referee_hello(r, i) == &r->commands[i - 1]);
	fuzz_assert(r->commands[i - 1].reply.code == 250);
	fuzz_assert(r->encrypted == r->starttls);
	fuzz_assert(
	    strncmp(r->commands[i].line.at, "MAIL FROM:<alice@example.org>", 29)
	    == 0);
}

/* The n-th RCPT is for the n-th recipient. */
static inline void
referee_check_rcpt(struct referee *r, size_t i, size_t n)
{
	const struct referee_command *before;
	int code = r->commands[i].reply.code;
	char expected[64];

	fuzz_assert(i > 0 && n < r->recipients);
	before = &r->commands[i - 1];
	fuzz_assert(referee_is(&before->line, n == 0 ? "MAIL" : "RCPT"));
	snprintf(expected, sizeof(expected), "RCPT TO:<r%zu@example.org>", n);
	fuzz_assert(
	    strncmp(r->commands[i].line.at, expected, strlen(expected)) == 0);
	r->rcpt_code[n] = code;
	if (referee_offers(r, referee_hello(r, i), "PIPELINING"))
		return;
	referee_check_turn(r, i);
	fuzz_assert(before->reply.code / 100 == 2 || (n > 0 && r->partial));
}

/* Whether MAIL and RCPT leave somebody to send the message to. */
static inline bool
referee_accepts(const struct referee *r, size_t mail)
{
	size_t accepted = 0;

	for (size_t n = 0; n < r->offered; n++)
		accepted += r->rcpt_code[n] / 100 == 2;
	return r->commands[mail].reply.code / 100 == 2 && accepted > 0
	    && (r->partial || accepted == r->offered);
}

static inline bool
referee_limits(const struct referee *r, size_t i)
{
	return referee_offers(r, referee_hello(r, i), "LIMITS");
}

static inline void
referee_check_data(const struct referee *r, size_t i)
{
	bool together = referee_offers(r, referee_hello(r, i), "PIPELINING")
	    && (r->partial || r->offered == 1);

	fuzz_assert(r->commands[i].line.left == 4);
	fuzz_assert(i == r->mail + r->offered + 1);
	fuzz_assert(r->offered == r->recipients || referee_limits(r, i));
	if (together)
		return;
	referee_check_turn(r, i);
	fuzz_assert(referee_accepts(r, r->mail));
}

/*
 * BDAT goes along with the envelope if whoever is accepted will do, or without
 * its LAST; else it waits for the replies.
 */
static inline void
referee_check_bdat(const struct referee *r, size_t i)
{
	const struct referee_command *before = &r->commands[i - 1];
	const struct referee_command *hello = referee_hello(r, i);
	bool first = referee_is(&before->line, "RCPT");
	bool together = referee_offers(r, hello, "PIPELINING");
	bool any = r->partial || r->offered == 1;

	fuzz_assert(r->chunking && !r->lmtp && i > r->mail + r->offered);
	fuzz_assert(r->offered == r->recipients || referee_limits(r, i));
	fuzz_assert(referee_offers(r, hello, "CHUNKING"));
	fuzz_assert(first || referee_is(&before->line, "BDAT"));
	fuzz_assert(!before->is_last);
	if (!together && r->commands[i].is_last)
		referee_check_turn(r, i);
	if (!first && (!together || referee_is(&r->commands[i].line, "BDAT 0")))
		fuzz_assert(before->reply.code / 100 == 2);
	if (!(first && together && (any || !r->commands[i].is_last)))
		fuzz_assert(referee_accepts(r, r->mail));
}

/* Only in step, and as the last word; or behind the end of the message. */
static inline void
referee_check_quit(struct referee *r, size_t i)
{
	const struct referee_reply *before =
	    i == 0 ? &r->greeting : &r->commands[i - 1].reply;

	fuzz_assert(i + 1 == r->count && r->rest.left == 0);
	if (i > 0 && r->commands[i - 1].is_last
	    && (before->code == 0
		|| wire_heard_before(r->w, r->commands[i].start)
		    < before->end)) {
		r->quit_with_it = true;
		return;
	}
	fuzz_assert(before->code != 0 && before->code != 421);
	fuzz_assert(i == 0 || !referee_is(&r->commands[i - 1].line, "STARTTLS")
	    || before->code != 220);
}

static inline void
referee_check_commands(struct referee *r)
{
	size_t recipients = 0;

	fuzz_assert(r->count == 0 || r->greeting.code == 220
	    || (r->count == 1 && r->greeting.code >= 500
		&& referee_is(&r->commands[0].line, "QUIT")));
	for (size_t i = 0; i < r->count; i++) {
		const struct input *line = &r->commands[i].line;

		if (referee_is(line, r->lmtp ? "LHLO" : "EHLO"))
			referee_check_hello(r, i);
		else if (referee_is(line, "HELO"))
			referee_check_helo(r, i);
		else if (referee_is(line, "STARTTLS"))
			referee_check_starttls(r, i);
		else if (referee_is(line, "MAIL"))
			referee_check_mail(r, r->mail = i);
		else if (referee_is(line, "RCPT"))
			referee_check_rcpt(r, i, recipients++);
		else if (referee_is(line, "DATA"))
			referee_check_data(r, i);
		else if (referee_is(line, "BDAT"))
			referee_check_bdat(r, i);
		else if (referee_is(line, "QUIT"))
			referee_check_quit(r, i);
		else
			fuzz_fail(__FILE__, __LINE__, "a known command", NULL);
	}
}

static inline bool
referee_is_beginning(const struct input *in, const char *text)
{
	return in->left <= strlen(text) && memcmp(in->at, text, in->left) == 0;
}

/* What stands behind DATA: nothing, QUIT, or the message or its beginning. */
static inline void
referee_check_message(struct referee *r)
{
	const struct referee_command *data = &r->commands[r->count - 1];
	size_t start = r->w->said.len - r->rest.left, shared;
	struct input behind = r->rest;

	if (referee_is_beginning(&r->rest, "QUIT\r\n")) {
		fuzz_assert(r->rest.left == 0
		    || (data->reply.code != 354 && data->reply.code != 0));
		return;
	}
	fuzz_assert(data->reply.code == 354);
	fuzz_assert(referee_accepts(r, r->mail));
	fuzz_assert(wire_heard_before(r->w, start) == data->reply.end);
	shared =
	    r->rest.left < r->message->len ? r->rest.left : r->message->len;
	fuzz_assert(memcmp(r->rest.at, r->message->data, shared) == 0);
	r->whole = shared == r->message->len;
	r->last = r->count - 1;
	r->last_octet = start + shared - 1;
	behind.at += shared;
	behind.left -= shared;
	fuzz_assert(referee_is_beginning(&behind, "QUIT\r\n"));
	fuzz_assert(wire_heard_before(r->w, r->last_octet) == data->reply.end);
}

/*
 * Behind a QUIT that went along only 221, or nothing at all, leaves the reply
 * before it what it seems to be.
 */
static inline bool
referee_is_confirmed(const struct referee *r, const struct referee_reply *reply)
{
	struct input in = { str_text(&r->w->heard) + reply->end,
		r->w->heard.len - reply->end };

	if (!r->quit_with_it)
		return true;
	if (in.left == 0)
		return r->w->end != WIRE_RESET;
	return in.left > 3 && memcmp(in.at, "221", 3) == 0
	    && input_has(&in, '\n');
}

/* The replies to the whole message, for each who waits for one. */
static inline void
referee_read_verdict(struct referee *r)
{
	const struct referee_command *last = &r->commands[r->last];
	size_t heard = last->is_last ? last->reply.start : last->reply.end;
	struct referee_reply reply = { 0 };
	size_t waiting = 0;
	bool early;

	for (size_t n = 0; n < r->recipients; n++) {
		r->accepted[n] = r->rcpt_code[n] / 100 == 2
		    && r->commands[r->mail].reply.code / 100 == 2;
		if (!r->whole || !r->accepted[n])
			continue;
		if (r->lmtp || waiting++ == 0) {
			reply = referee_read(&r->w->heard, heard);
			heard = reply.end;
			r->unconfirmed = reply.code / 100 == 2
			    && !referee_is_confirmed(r, &reply);
		}
		/* What came before the last octet is no answer to it. */
		early = !r->w->reluctant
		    && reply.start < wire_heard_before(r->w, r->last_octet);
		r->verdict[n] = r->unconfirmed || early ? 0 : reply.code;
	}
}

/* Whether the server has said in the middle that it goes, or refused a part. */
static inline bool
referee_has_gone(const struct referee *r)
{
	for (size_t i = 0; i < r->last; i++)
		if (r->commands[i].reply.code == 421
		    || (referee_is(&r->commands[i].line, "BDAT")
			&& r->commands[i].reply.code >= 300))
			return true;
	return false;
}

/* Whether the server may have the message, for all that we know. */
static inline bool
referee_is_in_doubt(const struct referee *r, size_t n)
{
	int mail = r->commands[r->mail].reply.code;
	bool together = r->commands[r->last].is_last;

	if (!r->whole || r->verdict[n] >= 400)
		return false;
	return r->accepted[n]
	    || (together && (r->rcpt_code[n] == 0 || r->rcpt_code[n] / 100 == 2)
		&& (mail == 0 || mail / 100 == 2));
}

/* Whether a recipient waits for another transaction, as one too many. */
static inline bool
referee_postpones(const struct referee *r, size_t n)
{
	const struct referee_reply *reply;

	if (n >= r->offered)
		return r->offered > 0;
	reply = &r->commands[r->mail + 1 + n].reply;
	return r->partial && reply->code >= 400
	    && memmem(r->w->heard.data + reply->start,
		   reply->end - reply->start, ".5.3", 4)
	    != NULL;
}

static inline void
referee_judge(struct referee *r)
{
	referee_read_commands(r);
	referee_check_commands(r);
	if (r->count > 0 && referee_is(&r->commands[r->count - 1].line, "DATA"))
		referee_check_message(r);
	if (r->count > 0)
		referee_read_verdict(r);
}

#endif
