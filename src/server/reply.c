/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes replies of our SMTP server from texts, errors and received replies. */
#include "server/reply.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

void
server_reply_set(struct server_reply *reply, int code, const char *status,
    const char *format, ...)
{
	struct str text = { 0 };
	va_list args;

	va_start(args, format);
	str_vprintf(&text, format, args);
	va_end(args);
	server_reply_free(reply);
	reply->status.code = code;
	smtp_status_set_enhanced(&reply->status, status);
	reply->text = str_steal(&text);
}

/* Returns the text after the codes: "no such user" of "550 5.1.1 no such
 * user".  Also skips an enhanced status code of another class than the code. */
static const char *
skip_codes(const char *line)
{
	char status[STATUS_SIZE];
	const char *text = line + strcspn(line, " ");

	text += strspn(text, " ");
	text += status_parse(text, status);
	return text + strspn(text, " ");
}

void
server_reply_from_reply(struct server_reply *reply,
    const struct reply *received, const struct stream *from)
{
	const struct smtp_status *status = &received->status;
	char *line = reply_text(received, from);

	server_reply_set(reply, status->code,
	    status->enhanced[0] != '\0'
		? status->enhanced
		: status_of_code(status->code, STAGE_NONE),
	    "%s", skip_codes(line));
	free(line);
}

/* The errors whose code is not 451 (temporary) or 554 (permanent). */
static const struct {
	enum error_kind kind;
	enum smtp_stage stage; /* of ERROR_REJECTED */
	int code;              /* of a permanent error */
	int temporary;
} codes[] = {
	{ ERROR_REJECTED, STAGE_MAIL, 550, 451 },
	{ ERROR_REJECTED, STAGE_RCPT, 550, 451 },
	{ ERROR_REJECTED, STAGE_DATA, 554, 451 },
	{ ERROR_REJECTED, STAGE_END_OF_DATA, 554, 451 },
	{ ERROR_ADDRESS, STAGE_NONE, 553, 451 },
	{ ERROR_TOO_BIG, STAGE_NONE, 552, 452 },
	{ ERROR_SPACE, STAGE_NONE, 552, 452 },
};

/*
 * If the next hop rejected the client's command or message, returns the next
 * hop's code.  Not a 421: that would end the client's session as well.
 */
static int
code_of_error(const struct error *err)
{
	for (size_t i = 0; i < COUNT_OF(codes); i++) {
		if (codes[i].kind != err->kind || codes[i].stage != err->stage)
			continue;
		if (err->kind == ERROR_REJECTED && err->status.code != 421
		    && err->status.code / 100 == (err->temporary ? 4 : 5))
			return err->status.code;
		return err->temporary ? codes[i].temporary : codes[i].code;
	}
	return err->temporary ? 451 : 554;
}

void
server_reply_from_error(struct server_reply *reply, const struct error *err)
{
	int code = code_of_error(err);
	const char *status = err->status.enhanced[0] - '0' == code / 100
	    ? err->status.enhanced
	    : status_of_code(code, STAGE_NONE);
	bool several = err->causes != NULL;
	bool has_reply =
	    err->said != NULL && err->kind != ERROR_PROTOCOL && !several;
	char *message = error_describe(err);
	const char *text = has_reply ? skip_codes(err->said) : message;

	if (err->host != NULL && !several)
		server_reply_set(reply, code, status, "%s%s: %s", err->host,
		    has_reply ? " said" : "", text);
	else
		server_reply_set(reply, code, status, "%s", text);
	free(message);
}

bool
server_reply_is_positive(const struct server_reply *reply)
{
	return reply->status.code / 100 == 2;
}

/* A client that has not used SMTPUTF8 gets ASCII (RFC 6531 section 3.7.4). */
void
server_reply_print(const struct server_reply *reply, struct str *out)
{
	size_t start = out->len;

	str_printf(out, "%d", reply->status.code);
	if (reply->status.enhanced[0] != '\0')
		str_printf(out, " %s", reply->status.enhanced);
	if (reply->text != NULL && reply->text[0] != '\0') {
		str_add_char(out, ' ');
		text_clean(out, reply->text, strlen(reply->text),
		    SERVER_REPLY_LINE_MAX);
	}
	for (size_t i = start; i < out->len; i++)
		if ((unsigned char)out->data[i] > '~')
			out->data[i] = '?';
	str_truncate(out, start + SERVER_REPLY_LINE_MAX - strlen("\r\n"));
}

void
server_reply_free(struct server_reply *reply)
{
	free(reply->text);
	*reply = (struct server_reply){ 0 };
}
