/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Replies and capabilities (smtp/reply.h, smtp/capability.h, net/stream.h).
 * Input: a line with letters (see wire.h), and what the server sends.
 *
 *   - A reply is read if and only if an independent parser finds one: complete,
 *     valid, with the same code on all lines.
 *   - Nothing after an invalid reply is read as a reply.
 *   - Reading single octets and reading all at once have the same result.
 *   - The enhanced status code has the class of the reply.
 *   - The text is one printable line, never with a registered secret.  The
 *     error is temporary if and only if the reply is 4yz.
 *   - The capabilities are those of the lines after the first.
 */
#include "base/clock.h"
#include "smtp/capability.h"
#include "smtp/reply.h"
#include "wire.h"

static const char secret[] = "Tr0ub4dor&3";

static void
check_shown(const struct reply *reply, const struct stream *s)
{
	struct error err = { 0 };
	char *text = reply_text(reply, s);
	bool is_rejection = reply->status.code >= 400;

	fuzz_assert(!reply_rejected(reply, s, STAGE_RCPT, &err));
	fuzz_check_error(&err);
	fuzz_check_shown(text);
	fuzz_assert(strlen(text) <= 1024);
	fuzz_assert(strstr(text, secret) == NULL && !fuzz_shows(&err, secret));
	fuzz_assert(err.status.code == reply->status.code);
	fuzz_assert(is_rejection ? error_is_rejection(&err, STAGE_RCPT)
				 : err.kind == ERROR_PROTOCOL);
	if (is_rejection) {
		fuzz_assert(err.temporary == (reply->status.code < 500));
		fuzz_assert(
		    err.status.enhanced[0] == '0' + reply->status.code / 100);
		fuzz_assert((error_exit_status(&err) == 75) == err.temporary);
	}
	error_free(&err);
	free(text);
}

static void
check_reply(const struct reply *reply, const struct wire_reply *expected)
{
	fuzz_assert(
	    reply->status.code == expected->code && reply->lines.count > 0);
	fuzz_assert(reply_is(reply, reply->status.code / 100));
	fuzz_assert(reply->status.enhanced[0] == '\0'
	    || reply->status.enhanced[0] - '0' == reply->status.code / 100);
	fuzz_assert(strncmp(reply->lines.items[0], reply->status.enhanced,
			strlen(reply->status.enhanced))
	    == 0);
}

static bool
has_keyword(const struct reply *reply, const char *keyword)
{
	size_t len = strlen(keyword);

	for (size_t i = 1; i < reply->lines.count; i++) {
		const char *line = reply->lines.items[i];

		line += strspn(line, " \t");
		if (strncasecmp(line, keyword, len) == 0
		    && strchr(" \t", line[len]) != NULL)
			return true;
	}
	return false;
}

static void
check_capabilities(const struct reply *reply)
{
	static const struct {
		const char *name;
		enum capability bit;
	} rows[] = { { "PIPELINING", CAP_PIPELINING }, { "SIZE", CAP_SIZE },
		{ "STARTTLS", CAP_STARTTLS }, { "8BITMIME", CAP_8BITMIME },
		{ "SMTPUTF8", CAP_SMTPUTF8 }, { "DSN", CAP_DSN },
		{ "CHUNKING", CAP_CHUNKING } };
	struct capabilities c = { 0 };

	capabilities_parse(&c, reply);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		fuzz_assert(capabilities_have(&c, rows[i].bit)
		    == has_keyword(reply, rows[i].name));
	fuzz_assert(c.keywords.count == reply->lines.count - 1);
	fuzz_assert(capabilities_have(&c, CAP_SIZE) || c.size_limit == 0);
	fuzz_assert(capabilities_have(&c, CAP_AUTH) || c.mechanisms.count == 0);
	for (size_t i = 0; i < c.mechanisms.count; i++)
		fuzz_assert(strpbrk(c.mechanisms.items[i], " \t") == NULL);
	capabilities_free(&c);
}

/* Reads all replies and adds them to a text. */
static void
read_replies(struct stream *s, const struct str *all, struct str *read)
{
	struct reply reply = { 0 };
	struct error err = { 0 };
	size_t at = 0;
	bool ok = true;

	while (ok) {
		struct wire_reply expected = wire_read_reply(all, at);

		ok = reply_read(s, &reply, CLOCK_NEVER, &err);
		fuzz_check_result(ok, &err);
		fuzz_assert(ok == (expected.code != 0));
		if (!ok)
			break;
		check_reply(&reply, &expected);
		check_shown(&reply, s);
		check_capabilities(&reply);
		for (size_t i = 0; i < reply.lines.count; i++)
			str_printf(read, "%d %s %s\n", reply.status.code,
			    reply.status.enhanced, reply.lines.items[i]);
		at = expected.end;
	}
	fuzz_assert(reply.status.code == 0 && reply.lines.count == 0);
	fuzz_assert(!fuzz_shows(&err, secret));
	str_printf(read, "%s\n", err.text);
	error_free(&err);
	reply_free(&reply);
}

/* The script without the pauses. */
static void
remove_pauses(const struct input *script, struct str *all)
{
	struct input rest = *script;

	while (rest.left > 0) {
		struct input before = rest, line = input_split(&rest, '\n');

		if (!wire_is_pause(&line))
			str_append(all, before.at, before.left - rest.left);
	}
}

static void
check_trace(void *ctx, enum stream_direction direction, const char *line)
{
	fuzz_assert(ctx == NULL && direction == STREAM_RECEIVED);
	fuzz_check_shown(line);
	fuzz_assert(strstr(line, secret) == NULL);
}

static void
play(const struct input *script, struct wire *w, struct str *read)
{
	struct stream s = { .deadline = 1, .trace = check_trace };
	struct str all = { 0 };

	remove_pauses(script, &all);
	wire_open(w, script, &s.transport);
	stream_hide(&s, secret);
	read_replies(&s, &all, read);
	stream_close(&s);
	str_free(&all);
	wire_free(w);
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { data, size }, letters = input_split(&in, '\n');
	struct wire w = { 0 }, single = { .piece = 1 };
	struct str read = { 0 }, again = { 0 };

	wire_set(&w, &letters);
	single.end = w.end;
	play(&in, &w, &read);
	play(&in, &single, &again);
	fuzz_assert_text(str_equal(&read, str_text(&again)), str_text(&read));
	str_free(&read);
	str_free(&again);
}
