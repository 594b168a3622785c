/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/reply.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

void
server_reply_set(struct server_reply *a, int code, const char *status,
    const char *format, ...)
{
	struct str text = { 0 };
	va_list args;

	va_start(args, format);
	str_vprintf(&text, format, args);
	va_end(args);
	server_reply_free(a);
	a->status.code = code;
	smtp_status_set_enhanced(&a->status, status);
	a->text = str_steal(&text);
}

/*
 * The text of "550 5.1.1 no such user".  A status of another class than the
 * code's is no status; it is not repeated, either.
 */
static const char *
words_of(const char *said)
{
	char status[STATUS_SIZE];
	const char *text = said + strcspn(said, " ");
	size_t len;

	text += strspn(text, " ");
	len = status_parse(text, status);
	text += len;
	return text + strspn(text, " ");
}

void
server_reply_from_reply(struct server_reply *a, const struct reply *reply,
    const struct stream *from)
{
	char *said = reply_text(reply, from);

	server_reply_set(a, reply->status.code,
	    reply->status.enhanced[0] != '\0'
		? reply->status.enhanced
		: status_of_code(reply->status.code, STAGE_NONE),
	    "%s", words_of(said));
	free(said);
}

/* Errors whose code is not simply 451 or 554. */
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
 * The code of the server that rejected the command or the message of the
 * client, but for 421, which ends a session, and that of the client goes on.
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
server_reply_from_error(struct server_reply *a, const struct error *err)
{
	int code = code_of_error(err);
	const char *status = err->status.enhanced[0] - '0' == code / 100
	    ? err->status.enhanced
	    : status_of_code(code, STAGE_NONE);
	bool heard = err->said != NULL && err->kind != ERROR_PROTOCOL;
	char *message = error_describe(err);
	const char *text = heard ? words_of(err->said) : message;

	if (err->host != NULL)
		server_reply_set(a, code, status, "%s%s: %s", err->host,
		    heard ? " said" : "", text);
	else
		server_reply_set(a, code, status, "%s", text);
	free(message);
}

bool
server_reply_is_positive(const struct server_reply *a)
{
	return a->status.code / 100 == 2;
}

/* ASCII alone: the client has not asked for more (RFC 6531 section 3.7.4). */
void
server_reply_print(const struct server_reply *a, struct str *out)
{
	size_t start = out->len;

	str_printf(out, "%d", a->status.code);
	if (a->status.enhanced[0] != '\0')
		str_printf(out, " %s", a->status.enhanced);
	if (a->text != NULL && a->text[0] != '\0') {
		str_add_char(out, ' ');
		text_clean(out, a->text, strlen(a->text), ANSWER_LINE_MAX);
	}
	for (size_t i = start; i < out->len; i++)
		if ((unsigned char)out->data[i] > '~')
			out->data[i] = '?';
	str_truncate(out, start + ANSWER_LINE_MAX - strlen("\r\n"));
}

void
server_reply_free(struct server_reply *a)
{
	free(a->text);
	*a = (struct server_reply){ 0 };
}
