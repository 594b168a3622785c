/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/answer.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

static void
set_status(struct answer *a, const char *status)
{
	size_t len = strlen(status);

	if (len < sizeof(a->status))
		memcpy(a->status, status, len + 1);
}

void
answer_set(struct answer *a, int code, const char *status, const char *format,
    ...)
{
	struct str text = { 0 };
	va_list args;

	va_start(args, format);
	str_vprintf(&text, format, args);
	va_end(args);
	answer_free(a);
	a->code = code;
	set_status(a, status);
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
answer_of_reply(struct answer *a, const struct reply *reply,
    const struct stream *from)
{
	char *said = reply_text(reply, from);

	answer_set(a, reply->code,
	    reply->status[0] != '\0' ? reply->status
				     : status_of_code(reply->code, STATUS_ANY),
	    "%s", words_of(said));
	free(said);
}

/* Kinds of errors whose code is not simply 451 or 554. */
static const struct {
	enum error_kind kind;
	bool refusal; /* the server's own code is what the client asked for */
	int code;     /* without one, if the error is permanent */
	int temporary;
} kinds[] = {
	{ ERROR_SENDER, true, 550, 451 },
	{ ERROR_SENDER_DERIVED, true, 550, 451 },
	{ ERROR_RECIPIENT, true, 550, 451 },
	{ ERROR_DATA, true, 554, 451 },
	{ ERROR_VERDICT, true, 554, 451 },
	{ ERROR_ADDRESS, false, 553, 451 },
	{ ERROR_TOO_BIG, false, 552, 452 },
	{ ERROR_SPACE, false, 552, 452 },
};

static int
code_of_error(const struct error *err)
{
	int code = err->temporary ? 451 : 554;

	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		if (kinds[i].kind != err->kind)
			continue;
		code = err->temporary ? kinds[i].temporary : kinds[i].code;
		/* 421 is about a session, and ours goes on. */
		if (kinds[i].refusal && err->code != 421
		    && err->code / 100 == (err->temporary ? 4 : 5))
			code = err->code;
	}
	return code;
}

void
answer_of_error(struct answer *a, const struct error *err)
{
	int code = code_of_error(err);
	const char *status = err->status[0] - '0' == code / 100
	    ? err->status
	    : status_of_code(code, STATUS_ANY);
	bool heard = err->said != NULL && err->kind != ERROR_PROTOCOL;
	const char *text = heard ? words_of(err->said)
	    : err->text != NULL  ? err->text
				 : "unknown error";

	if (err->host != NULL)
		answer_set(a, code, status, "%s%s: %s", err->host,
		    heard ? " said" : "", text);
	else
		answer_set(a, code, status, "%s", text);
}

bool
answer_is_positive(const struct answer *a)
{
	return a->code / 100 == 2;
}

/* ASCII alone: the client has not asked for more (RFC 6531 section 3.7.4). */
void
answer_print(const struct answer *a, struct str *out)
{
	size_t start = out->len;

	str_printf(out, "%d", a->code);
	if (a->status[0] != '\0')
		str_printf(out, " %s", a->status);
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
answer_free(struct answer *a)
{
	free(a->text);
	*a = (struct answer){ 0 };
}
