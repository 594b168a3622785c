/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the replies of a server, and makes errors of them. */
#include "smtp/reply.h"

#include <string.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/text.h"

#define CODE_LENGTH 3

static bool ATTR_COLD
reject_line(const char *why, const struct stream *s, const struct str *line,
    struct error *err)
{
	struct str shown = { 0 };

	str_append(&shown, str_text(line), line->len);
	stream_redact(s, &shown);
	error_set(err, ERROR_PROTOCOL,
	    "the server sent an invalid reply (%s): \"%s\"", why,
	    str_text(&shown));
	str_free(&shown);
	return false;
}

/*
 *   Reply-line = *( Reply-code "-" [ textstring ] CRLF )
 *                Reply-code [ SP textstring ] CRLF   (RFC 5321 section 4.2)
 *   Reply-code = %x32-35 %x30-35 %x30-39
 *
 * Returns the code of a line, or 0.  Accepts any second digit, because some
 * servers use others.
 */
static int
line_code(const struct str *line)
{
	const char *text = line->data;

	if (line->len < CODE_LENGTH || text[0] < '2' || text[0] > '5'
	    || !text_is_digit((unsigned char)text[1])
	    || !text_is_digit((unsigned char)text[2]))
		return 0;
	if (line->len > CODE_LENGTH && text[CODE_LENGTH] != ' '
	    && text[CODE_LENGTH] != '-')
		return 0;
	return (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
}

/*
 * Adds one line to the reply.  Replaces a NUL, so that the text after it is
 * neither lost nor ignored in comparisons.
 */
static bool
add_line(struct reply *reply, const struct stream *s, struct str *line,
    struct error *err)
{
	int code = line_code(line);

	if (code == 0)
		return reject_line("no reply code", s, line, err);
	if (reply->status.code != 0 && code != reply->status.code)
		return reject_line("the code changes between lines", s, line,
		    err);
	for (size_t i = CODE_LENGTH; i < line->len; i++)
		if (line->data[i] == '\0')
			line->data[i] = '?';
	reply->status.code = code;
	strv_add(&reply->lines,
	    line->len > CODE_LENGTH ? line->data + CODE_LENGTH + 1 : "");
	return true;
}

/* Ignores an enhanced code whose class is not that of the reply (RFC 2034). */
static void
parse_status(struct reply *reply)
{
	status_parse(reply->lines.items[0], reply->status.enhanced);
	if (reply->status.enhanced[0] != '\0'
	    && reply->status.enhanced[0] - '0' != reply->status.code / 100)
		reply->status.enhanced[0] = '\0';
}

static bool
goes_on(const struct str *line)
{
	return line->len > CODE_LENGTH && line->data[CODE_LENGTH] == '-';
}

static bool
read_lines(struct stream *s, struct reply *reply, struct str *line,
    int64_t deadline, struct error *err)
{
	size_t octets = 0;

	do {
		if (!stream_read_line(s, line, deadline, err)
		    || !add_line(reply, s, line, err))
			return false;
		octets += line->len;
		if (octets > REPLY_OCTETS_MAX
		    || reply->lines.count > REPLY_LINES_MAX)
			return error_set(err, ERROR_PROTOCOL,
			    "the server's reply is too long");
	} while (goes_on(line));
	return true;
}

bool
reply_read(struct stream *s, struct reply *reply, int64_t deadline,
    struct error *err)
{
	struct str line = { 0 };
	bool ok;

	reply_free(reply);
	ok = read_lines(s, reply, &line, deadline, err);
	str_free(&line);
	if (ok)
		parse_status(reply);
	else
		reply_free(reply);
	return ok;
}

/* Passes the last line on, if it is of a positive reply. */
static bool
pass_on(struct reply *reply, reply_visitor *visit, void *ctx, struct error *err)
{
	bool ok = true;

	if (reply_is(reply, 2)) {
		ok = visit(ctx, reply->lines.items[0], err);
		strv_free(&reply->lines);
	}
	return ok;
}

bool
reply_read_long(struct stream *s, struct reply *reply, unsigned timeout,
    reply_visitor *visit, void *ctx, struct error *err)
{
	struct str line = { 0 };
	bool ok;

	reply_free(reply);
	do
		ok = stream_read_line(s, &line, clock_after_seconds(timeout),
			 err)
		    && add_line(reply, s, &line, err)
		    && pass_on(reply, visit, ctx, err)
		    && (reply->lines.count <= REPLY_LINES_MAX
			|| error_set(err, ERROR_PROTOCOL,
			    "the server's reply is too long"));
	while (ok && goes_on(&line));
	str_free(&line);
	if (!ok)
		reply_free(reply);
	else if (reply->lines.count > 0)
		parse_status(reply);
	return ok;
}

bool
reply_is(const struct reply *reply, int digit)
{
	return reply->status.code / 100 == digit;
}

bool
reply_is_rejection(const struct reply *reply)
{
	return reply_is(reply, 4) || reply_is(reply, 5);
}

/* Removes the enhanced code, which many servers repeat on each line. */
static const char *
without_status(const struct reply *reply, const char *line)
{
	size_t len = strlen(reply->status.enhanced);

	if (len > 0 && strncmp(line, reply->status.enhanced, len) == 0
	    && text_is_space((unsigned char)line[len]))
		return line + len + 1;
	return line;
}

char *
reply_text(const struct reply *reply, const struct stream *s)
{
	struct str raw = { 0 }, clean = { 0 };

	for (size_t i = 0; i < reply->lines.count && raw.len < TEXT_MAX; i++) {
		const char *line = reply->lines.items[i];

		str_add_char(&raw, ' ');
		str_add(&raw, i == 0 ? line : without_status(reply, line));
	}
	stream_redact(s, &raw);
	str_printf(&clean, "%d ", reply->status.code);
	text_clean(&clean, str_text(&raw), raw.len, TEXT_MAX);
	while (clean.len > 0 && clean.data[clean.len - 1] == ' ')
		str_truncate(&clean, clean.len - 1);
	str_free(&raw);
	return str_steal(&clean);
}

const char *
reply_enhanced(const struct reply *reply, enum smtp_stage stage)
{
	return reply->status.enhanced[0] != '\0'
	    ? reply->status.enhanced
	    : status_of_code(reply->status.code, stage);
}

bool
reply_rejected(const struct reply *reply, const struct stream *s,
    enum smtp_stage stage, struct error *err)
{
	if (err == NULL)
		return false;
	if (reply_is_rejection(reply)) {
		error_reject(err, stage, NULL);
		error_status(err, reply_enhanced(reply, stage));
		err->temporary = reply_is(reply, 4);
	} else {
		error_set(err, ERROR_PROTOCOL,
		    "the server sent an unexpected reply");
	}
	err->status.code = reply->status.code;
	err->said = reply_text(reply, s);
	return false;
}

void
reply_free(struct reply *reply)
{
	strv_free(&reply->lines);
	*reply = (struct reply){ 0 };
}
