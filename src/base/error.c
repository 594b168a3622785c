/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Sets errors, merges those of several attempts, and describes them. */
#include "base/error.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/status.h"
#include "base/str.h"
#include "base/text.h"

/* Longer texts are cut. */
#define TEXT_OF_ERROR_MAX 4096

/* A status of class 4 makes the error temporary. */
static const struct {
	int exit; /* unless the status of a rejection decides */
	const char *status;
} kinds[ERROR_KINDS] = {
	[ERROR_NONE] = { EX_OK, "2.0.0" },
	[ERROR_USAGE] = { EX_USAGE, "5.5.4" },
	[ERROR_ADDRESS] = { EX_DATAERR, "5.1.3" },
	[ERROR_MESSAGE] = { EX_DATAERR, "5.6.0" },
	[ERROR_TOO_BIG] = { EX_DATAERR, "5.3.4" },
	[ERROR_LOOP] = { EX_CONFIG, "5.4.6" },
	[ERROR_NO_INPUT] = { EX_NOINPUT, "5.6.0" },
	[ERROR_INPUT] = { EX_IOERR, "5.6.0" },
	[ERROR_SYSTEM] = { EX_OSERR, "5.3.0" },
	[ERROR_FILE] = { EX_TEMPFAIL, "4.3.0" },
	[ERROR_SPACE] = { EX_TEMPFAIL, "4.3.1" },
	[ERROR_CREATE] = { EX_CANTCREAT, "5.3.0" },
	[ERROR_INTERNAL] = { EX_SOFTWARE, "5.3.0" },
	[ERROR_CONFIG] = { EX_CONFIG, "5.3.5" },
	[ERROR_PERMISSION] = { EX_NOPERM, "5.7.0" },
	[ERROR_GRANT] = { EX_NOPERM, "5.7.0" },
	[ERROR_SECRET] = { EX_TEMPFAIL, "4.7.0" },
	[ERROR_FILTER] = { EX_TEMPFAIL, "4.3.0" },
	[ERROR_INTERRUPTED] = { EX_TEMPFAIL, "4.3.2" },
	[ERROR_RESOLVE] = { EX_TEMPFAIL, "4.4.3" },
	[ERROR_CONNECT] = { EX_TEMPFAIL, "4.4.1" },
	[ERROR_NETWORK] = { EX_TEMPFAIL, "4.4.2" },
	[ERROR_TIMEOUT] = { EX_TEMPFAIL, "4.4.2" },
	[ERROR_TLS_MISSING] = { EX_TEMPFAIL, "4.7.4" },
	[ERROR_TLS] = { EX_TEMPFAIL, "4.7.5" },
	[ERROR_CERTIFICATE] = { EX_TEMPFAIL, "4.7.5" },
	[ERROR_NO_MECHANISM] = { EX_CONFIG, "5.7.9" },
	[ERROR_PROTOCOL] = { EX_PROTOCOL, "5.5.0" },
	[ERROR_UNSUPPORTED] = { EX_DATAERR, "5.6.3" },
	[ERROR_REJECTED] = { EX_UNAVAILABLE, "5.0.0" },
};

/* The default status of a rejection, by stage. */
static const char *const rejection_status[STAGES] = {
	[STAGE_GREETING] = "5.3.2",
	[STAGE_EHLO] = "5.5.0",
	[STAGE_TLS] = "5.7.4",
	[STAGE_AUTH] = "5.7.8",
	[STAGE_MAIL] = "5.1.0",
	[STAGE_RCPT] = "5.1.0",
};

static char *clean_format(const char *format, va_list args) ATTR_PRINTF(1, 0);

static char *
clean_format(const char *format, va_list args)
{
	struct str raw = { 0 }, clean = { 0 };

	str_vprintf(&raw, format, args);
	text_clean(&clean, str_text(&raw), raw.len, TEXT_OF_ERROR_MAX);
	str_free(&raw);
	return str_steal(&clean);
}

bool
error_vset(struct error *err, enum error_kind kind, const char *format,
    va_list args)
{
	char *text;

	if (err == NULL)
		return false;
	text = format != NULL ? clean_format(format, args) : NULL;
	error_free(err);
	err->kind = kind;
	err->temporary = kinds[kind].status[0] == '4';
	err->text = text;
	return error_status(err, kinds[kind].status);
}

bool
error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	error_vset(err, kind, format, args);
	va_end(args);
	return false;
}

bool
error_reject(struct error *err, enum smtp_stage stage, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	error_vset(err, ERROR_REJECTED, format, args);
	va_end(args);
	if (err != NULL)
		err->stage = stage;
	if (rejection_status[stage] != NULL)
		error_status(err, rejection_status[stage]);
	return false;
}

bool
error_status(struct error *err, const char *status)
{
	if (err != NULL)
		smtp_status_set_enhanced(&err->status, status);
	return false;
}

bool
error_temporary(struct error *err, bool temporary)
{
	if (err == NULL)
		return false;
	err->temporary = temporary;
	/* The first digit of the status tells the same. */
	if (err->status.enhanced[0] == '4' || err->status.enhanced[0] == '5')
		err->status.enhanced[0] = temporary ? '4' : '5';
	return false;
}

/* Moves the subject to the front of the text. */
static void
join_subject(struct error *err)
{
	if (err->subject == NULL)
		return;
	if (err->text != NULL) {
		char *text = alloc_printf("%s: %s", err->subject, err->text);

		free(err->text);
		err->text = text;
		free(err->subject);
	} else {
		err->text = err->subject;
	}
	err->subject = NULL;
}

ATTR_PRINTF(2, 0)
static void
set_subject(struct error *err, const char *format, va_list args)
{
	char *subject = clean_format(format, args);

	join_subject(err);
	err->subject = subject;
}

bool
error_set_about(struct error *err, enum error_kind kind, const char *subject,
    const char *format, ...)
{
	va_list args;

	va_start(args, format);
	error_vset(err, kind, format, args);
	va_end(args);
	return error_subject(err, "%s", subject);
}

bool
error_subject(struct error *err, const char *format, ...)
{
	va_list args;

	if (err == NULL || !error_is_set(err))
		return false;
	va_start(args, format);
	set_subject(err, format, args);
	va_end(args);
	return false;
}

bool
error_prefix(struct error *err, const char *format, ...)
{
	va_list args;

	if (err == NULL || !error_is_set(err))
		return false;
	va_start(args, format);
	set_subject(err, format, args);
	va_end(args);
	join_subject(err);
	return false;
}

static void
add_clean(struct str *out, const char *text)
{
	text_clean(out, text, strlen(text), TEXT_MAX);
}

/* error_print() with the address of the host. */
static void
describe_cause(const struct error *err, struct str *out)
{
	struct error named = *err;

	if (err->host != NULL && err->address != NULL
	    && strcmp(err->host, err->address) != 0)
		named.host = alloc_printf("%s (%s)", err->host, err->address);
	error_print(&named, true, out);
	if (named.host != err->host)
		free(named.host);
}

static void
add_message(const struct error *err, struct str *out)
{
	if (err->subject != NULL)
		str_printf(out, "%s: ", err->subject);
	if (err->text != NULL)
		str_printf(out, "%s%s", err->text,
		    err->cause_count > 0 ? ": " : "");
	else if (err->cause_count == 0)
		str_add(out, err->said != NULL ? err->said : "unknown error");
	for (size_t i = 0; i < err->cause_count; i++) {
		str_add(out, i > 0 ? "; " : "");
		describe_cause(&err->causes[i], out);
	}
}

char *
error_describe(const struct error *err)
{
	struct str out = { 0 };

	add_message(err, &out);
	return str_steal(&out);
}

void
error_print(const struct error *err, bool with_command, struct str *out)
{
	bool said = err->said != NULL && err->cause_count == 0;

	if (err->host != NULL && err->cause_count == 0) {
		add_clean(out, err->host);
		str_add(out, said ? " said: " : ": ");
	}
	if (!said) {
		add_message(err, out);
		return;
	}
	str_add(out, err->said);
	if (with_command && err->command != NULL) {
		str_add(out, " (in reply to ");
		add_clean(out, err->command);
		str_add_char(out, ')');
	}
	if (err->text != NULL) {
		str_add(out, " (");
		add_message(err, out);
		str_add_char(out, ')');
	}
}

bool
error_is_set(const struct error *err)
{
	return err->kind != ERROR_NONE;
}

bool
error_is_rejection(const struct error *err, enum smtp_stage stage)
{
	return err->kind == ERROR_REJECTED && err->stage == stage;
}

int
error_exit_status(const struct error *err)
{
	if (err->temporary)
		return EX_TEMPFAIL;
	if (err->needs_config)
		return EX_CONFIG;
	if (err->kind != ERROR_REJECTED)
		return kinds[err->kind].exit;
	return status_exit(&err->status, err->stage, err->sender_is_default);
}

static void
add_cause(struct error *err, const struct error *cause)
{
	/* Double the size when the count is a power of two. */
	if ((err->cause_count & (err->cause_count - 1)) == 0)
		err->causes = alloc_resize(err->causes,
		    err->cause_count == 0 ? 1 : 2 * err->cause_count,
		    sizeof(*err->causes));
	err->causes[err->cause_count] = (struct error){ 0 };
	error_copy(&err->causes[err->cause_count++], cause);
}

static void
add_causes_of(struct error *err, const struct error *other)
{
	for (size_t i = 0; i < other->cause_count; i++)
		add_cause(err, &other->causes[i]);
}

/* Copies everything but subject, text and causes. */
static void
copy_facts(struct error *dst, const struct error *src)
{
	*dst = *src;
	dst->subject = dst->text = NULL;
	dst->said = alloc_string(src->said);
	dst->host = alloc_string(src->host);
	dst->address = alloc_string(src->address);
	dst->command = alloc_string(src->command);
	dst->causes = NULL;
	dst->cause_count = 0;
}

void
error_copy(struct error *dst, const struct error *src)
{
	struct error copy;

	copy_facts(&copy, src);
	copy.subject = alloc_string(src->subject);
	copy.text = alloc_string(src->text);
	add_causes_of(&copy, src);
	error_free(dst);
	*dst = copy;
}

enum rank { RANK_UNREACHED, RANK_SERVER, RANK_FINAL };

/* Whether the server does not exist, was not reached or did not respond. */
static bool
is_unreached(enum error_kind kind)
{
	switch (kind) {
	case ERROR_CONFIG:
	case ERROR_RESOLVE:
	case ERROR_CONNECT:
	case ERROR_NETWORK:
	case ERROR_TIMEOUT:
		return true;
	default:
		return false;
	}
}

static enum rank
rank_of(const struct error *err)
{
	if (is_unreached(err->kind))
		return RANK_UNREACHED;
	if (err->temporary || err->kind == ERROR_PROTOCOL
	    || error_is_rejection(err, STAGE_GREETING)
	    || error_is_rejection(err, STAGE_TLS))
		return RANK_SERVER;
	return RANK_FINAL;
}

static bool
decides_over(const struct error *next, const struct error *all)
{
	enum rank new = rank_of(next), old = rank_of(all);

	return new > old || (new == old && next->temporary && !all->temporary);
}

/* Whether the error has nothing but its causes. */
static bool
is_list_of_causes(const struct error *err)
{
	return err->cause_count > 0 && err->subject == NULL
	    && err->text == NULL;
}

/* Adds a failure, or the causes of an error that has nothing else. */
static void
add_attempts(struct error *err, const struct error *attempts)
{
	if (is_list_of_causes(attempts))
		add_causes_of(err, attempts);
	else
		add_cause(err, attempts);
}

void
error_merge_attempt(struct error *all, const struct error *next)
{
	struct error merged;

	if (!error_is_set(next))
		return;
	if (!error_is_set(all)) {
		error_copy(all, next);
		return;
	}
	copy_facts(&merged, decides_over(next, all) ? next : all);
	/* The causes so far are moved: many attempts may follow each other. */
	if (is_list_of_causes(all)) {
		merged.causes = all->causes;
		merged.cause_count = all->cause_count;
		all->causes = NULL;
		all->cause_count = 0;
	} else {
		add_cause(&merged, all);
	}
	add_attempts(&merged, next);
	error_free(all);
	*all = merged;
}

void
error_move(struct error *dst, struct error *src)
{
	error_free(dst);
	*dst = *src;
	*src = (struct error){ 0 };
}

void
error_free(struct error *err)
{
	free(err->subject);
	free(err->text);
	free(err->said);
	free(err->host);
	free(err->address);
	free(err->command);
	for (size_t i = 0; i < err->cause_count; i++)
		error_free(&err->causes[i]);
	free(err->causes);
	*err = (struct error){ 0 };
}
