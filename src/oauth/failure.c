/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Classes of failures, in one table, and how long one of them counts. */
#include "oauth/failure.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/attr.h"
#include "base/str.h"
#include "base/text.h"

#define FAILURE_MAX 1000 /* the length of a text */

#define WAIT_MIN 10
#define WAIT_MAX 300

#define AT(member) offsetof(struct oauth_failure, member)

static const struct {
	int status;
	enum error_kind kind;
	int64_t wait; /* seconds after which the provider is asked again */
} classes[] = {
	[OAUTH_OK] = { EX_OK, ERROR_NONE, 0 },
	[OAUTH_TEMPORARY] = { EX_TEMPFAIL, ERROR_SECRET, WAIT_MIN },
	[OAUTH_SPACE] = { EX_TEMPFAIL, ERROR_SPACE, 0 },
	[OAUTH_LOGIN] = { EX_NOPERM, ERROR_GRANT, WAIT_MAX },
	[OAUTH_PERMISSION] = { EX_NOPERM, ERROR_GRANT, WAIT_MIN },
	[OAUTH_CONFIG] = { EX_CONFIG, ERROR_CONFIG, WAIT_MIN },
};

static const char *const class_words[] = { [OAUTH_OK] = "ok",
	[OAUTH_TEMPORARY] = "temporary",
	[OAUTH_SPACE] = "space",
	[OAUTH_LOGIN] = "login",
	[OAUTH_PERMISSION] = "permission",
	[OAUTH_CONFIG] = "config",
	[OAUTH_CLASSES] = NULL };

static const struct field fields[] = {
	{ "time", FIELD_TIME, AT(time), NULL, true },
	{ "class", FIELD_WORD, AT(outcome), class_words, true },
	{ "text", FIELD_TEXT, AT(text), NULL, true },
	{ "retry_after", FIELD_TIME, AT(no_retry), NULL, true },
	{ "digest", FIELD_TEXT, AT(digest), NULL, true },
};

const struct record oauth_failure_record = { .head = "veredus-oauth-lock 1",
	.fields = fields,
	.count = COUNT_OF(fields) };

void
oauth_failure_free(struct oauth_failure *failure)
{
	record_free(&oauth_failure_record, failure);
}

bool
oauth_fail(struct oauth_failure *failure, enum oauth_class outcome,
    const char *format, ...)
{
	struct str text = { 0 }, clean = { 0 };
	va_list args;

	va_start(args, format);
	str_vprintf(&text, format, args);
	va_end(args);
	text_clean(&clean, str_text(&text), text.len, FAILURE_MAX);
	free(failure->text);
	failure->text = str_steal(&clean);
	failure->outcome = outcome;
	failure->no_retry = 0;
	str_free(&text);
	return false;
}

bool
oauth_fail_error(struct oauth_failure *failure, struct error *err)
{
	char *text = error_describe(err);

	oauth_fail(failure, oauth_error_class(err), "%s", text);
	free(text);
	error_free(err);
	return false;
}

int
oauth_class_exit_status(enum oauth_class outcome)
{
	return classes[outcome].status;
}

enum error_kind
oauth_exit_status_kind(int status)
{
	for (size_t i = 0; i < COUNT_OF(classes); i++)
		if (classes[i].status == status)
			return classes[i].kind;
	return ERROR_SECRET;
}

enum oauth_class
oauth_error_class(const struct error *err)
{
	if (err->kind == ERROR_NONE)
		return OAUTH_OK;
	for (unsigned i = OAUTH_SPACE; i < OAUTH_CLASSES; i++)
		if (classes[i].kind == err->kind)
			return i;
	return OAUTH_TEMPORARY;
}

bool
oauth_failure_holds(const struct oauth_failure *failure, const char *digest,
    int64_t now)
{
	return failure->outcome != OAUTH_OK && failure->time <= now
	    && now < failure->no_retry
	    && failure->no_retry - failure->time <= WAIT_MAX
	    && text_equal(failure->digest, digest);
}

int64_t
oauth_no_retry(enum oauth_class outcome, int64_t wait, int64_t now)
{
	int64_t least = classes[outcome].wait;

	if (wait > WAIT_MAX)
		wait = WAIT_MAX;
	return now + (wait > least ? wait : least);
}
