/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes replies of our SMTP server from texts, errors and received replies. */
#include "server/reply.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/attr.h"
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
	{ ERROR_PERMISSION, STAGE_NONE, 550, 450 },
	{ ERROR_GRANT, STAGE_NONE, 550, 450 },
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

/*
 * The codes for an exit status, for errors whose own codes would mean something
 * else in the reply to a command of the client.
 */
static const struct {
	int exit, code;
	const char *status;
} codes_of_exit[] = {
	{ EX_USAGE, 554, "5.3.5" },
	{ EX_DATAERR, 554, "5.6.0" },
	{ EX_NOUSER, 550, "5.1.1" },
	{ EX_NOHOST, 550, "5.1.2" },
	{ EX_UNAVAILABLE, 554, "5.3.0" },
	{ EX_SOFTWARE, 554, "5.3.0" },
	{ EX_PROTOCOL, 554, "5.5.0" },
	{ EX_NOPERM, 550, "5.7.0" },
	{ EX_CONFIG, 554, "5.3.5" },
};

/* Trouble of this host, such as EX_OSERR, may pass. */
static void
set_codes_of_exit(struct smtp_status *status, int exit)
{
	status->code = 451;
	smtp_status_set_enhanced(status, "4.3.0");
	for (size_t i = 0; i < COUNT_OF(codes_of_exit); i++) {
		if (codes_of_exit[i].exit != exit)
			continue;
		status->code = codes_of_exit[i].code;
		smtp_status_set_enhanced(status, codes_of_exit[i].status);
	}
}

/* Codes by which a client concludes that this server does not know BDAT, and
 * sends the message again with DATA. */
static bool
is_about_command(int code)
{
	return code >= 500 && code <= 504;
}

/*
 * Chooses codes with which the client exits as it would without this server in
 * between.  Returns whether they are those of the error itself.
 */
static bool
choose_codes(struct smtp_status *status, const struct error *err,
    enum smtp_stage stage)
{
	int exit = error_exit_status(err);
	bool same;

	status->code = code_of_error(err);
	same = status->code == err->status.code;
	smtp_status_set_enhanced(status,
	    err->status.enhanced[0] - '0' == status->code / 100
		? err->status.enhanced
		: status_of_code(status->code, STAGE_NONE));
	if (stage == STAGE_END_OF_DATA && is_about_command(status->code)) {
		status->code = 554;
		same = false;
	}
	if (status_exit(status, stage, false) == exit)
		return same;
	set_codes_of_exit(status, exit);
	return false;
}

void
server_reply_from_error(struct server_reply *reply, const struct error *err,
    enum smtp_stage stage)
{
	struct smtp_status status = { 0 };
	bool same = choose_codes(&status, err, stage);
	bool several = err->causes != NULL;
	bool has_reply =
	    err->said != NULL && err->kind != ERROR_PROTOCOL && !several;
	char *message = error_describe(err);
	const char *text = !has_reply ? message
	    : same                    ? skip_codes(err->said)
				      : err->said;

	if (err->host != NULL && !several)
		server_reply_set(reply, status.code, status.enhanced,
		    "%s%s: %s", err->host, has_reply ? " said" : "", text);
	else
		server_reply_set(reply, status.code, status.enhanced, "%s",
		    text);
	free(message);
}

bool
server_reply_is_positive(const struct server_reply *reply)
{
	return reply->status.code / 100 == 2;
}

static void
replace_8bit(struct str *text, size_t start)
{
	for (size_t i = start; i < text->len; i++)
		if ((unsigned char)text->data[i] > '~')
			text->data[i] = '?';
}

/* Cuts the text, but not within a character of UTF-8. */
static void
cut(struct str *text, size_t len)
{
	if (text->len <= len)
		return;
	while (text_is_utf8_tail(text->data[len]))
		len--;
	str_truncate(text, len);
}

void
server_reply_print(const struct server_reply *reply, bool utf8, struct str *out)
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
	if (!utf8)
		replace_8bit(out, start);
	cut(out, start + SERVER_REPLY_LINE_MAX - strlen("\r\n"));
}

void
server_reply_free(struct server_reply *reply)
{
	free(reply->text);
	*reply = (struct server_reply){ 0 };
}
