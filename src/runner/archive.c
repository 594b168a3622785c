/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decides which copies of messages are kept.
 */
#include "runner/archive.h"

#include <stdlib.h>
#include <syslog.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text.h"
#include "config/resolve.h"
#include "report/terminal.h"
#include "runner/run_log.h"

/* The recipients that the attempt is made for.  Those of Bcc are nowhere else. */
static void
add_recipients(struct str *fields, const struct envelope *e)
{
	const char *separator = "X-Envelope-To: ";

	for (size_t i = 0; i < e->count; i++) {
		if (e->recipients[i].state == RECIPIENT_FAILED)
			continue;
		str_printf(fields, "%s%s", separator, e->recipients[i].address);
		separator = ",\n\t";
	}
	if (separator[0] == ',')
		str_add_char(fields, '\n');
}

bool
archive_begin(struct maildir_copy *copy, const struct archive_params *archive,
    const struct envelope *envelope, const struct message *m, struct error *err)
{
	struct str fields = { 0 };
	bool ok;

	if (archive->folder == NULL)
		return true;
	add_recipients(&fields, envelope);
	ok = maildir_write(copy, archive->folder, &fields, m, err);
	str_free(&fields);
	return ok;
}

static bool
is_sent(const struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->recipients[i].state == RECIPIENT_DELIVERED
		    || e->recipients[i].outcome.uncertain)
			return true;
	return false;
}

bool
archive_end(struct maildir_copy *copy, const struct envelope *envelope,
    struct error *err)
{
	if (copy->name == NULL)
		return true;
	if (is_sent(envelope))
		return maildir_keep(copy, err);
	maildir_discard(copy);
	return true;
}

static void
add_to_logfile(const struct account *a, const struct error *why)
{
	char *text = error_describe(why);
	char *clean = text_printable(text);
	char *line = alloc_printf("warning: %s", clean);

	run_log_append(a, line);
	free(line);
	free(clean);
	free(text);
}

/* Programs that call sendmail take any output for a failure, and standard error
 * of a server is its log. */
static bool
warns(const struct cmdline *cmdline)
{
	return cmdline->errors != ERRORS_QUIET && cmdline->mode != MODE_SERVE
	    && cmdline->mode != MODE_SERVICE
	    && (cmdline->personality == PERSONALITY_VEREDUS
		|| cmdline->verbose);
}

void
archive_warn(const struct context *context, const struct error *why)
{
	const struct cmdline *cmdline = context->cmdline;

	if (cmdline->syslog_tag != NULL)
		log_set_ident(cmdline->syslog_tag);
	log_error(LOG_WARNING, why);
	add_to_logfile(&context->account, why);
	if (warns(cmdline))
		terminal_warning(cmdline->name, why);
}

bool
archive_begin_attempt(struct context *context, struct error *err)
{
	struct submission *s = &context->submission;
	struct error why = { 0 };

	if (archive_begin(&context->archive, &context->account.archive,
		&s->envelope, &s->message, &why))
		return true;
	if (context->account.archive.required) {
		envelope_fail(&s->envelope, &why);
		error_move(err, &why);
	} else {
		archive_warn(context, &why);
	}
	error_free(&why);
	return !context->account.archive.required;
}

void
archive_end_attempt(struct context *context)
{
	struct error why = { 0 };

	if (!archive_end(&context->archive, &context->submission.envelope,
		&why))
		archive_warn(context, &why);
	error_free(&why);
}

void
archive_sweep(const struct config *config, const struct user *user)
{
	for (size_t i = 0; i < config->count; i++) {
		const struct archive_params *archive =
		    &config->accounts[i]->values.archive;
		char *folder = archive_folder(archive, user);

		if (folder != NULL)
			maildir_sweep(folder, archive->days);
		free(folder);
	}
}
