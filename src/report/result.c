/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports the result of a submission to the user and to the logs. */
#include "report/result.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "report/dead_letter.h"
#include "report/format.h"
#include "report/format_json.h"
#include "report/log_file.h"
#include "report/report_file.h"
#include "report/system_log.h"
#include "report/terminal.h"

/* The lines of an error that has several; NULL: it has one. */
static const struct strv *
details_of(const struct report *report, const struct error *err)
{
	const struct strv *errors = &report->config->errors;

	if (report->problems->count > 0)
		return report->problems;
	return err->kind == ERROR_CONFIG && errors->count > 0 ? errors : NULL;
}

/* Adds the lines for standard error. */
static void
add_lines(const struct report *report, const struct error *err,
    struct strv *lines)
{
	const struct submission *s = report->submission;
	const struct strv *details = details_of(report, err);
	struct str line = { 0 };

	if (details != NULL) {
		strv_copy(lines, details);
		return;
	}
	if (envelope_count(&s->envelope, RECIPIENT_FAILED) > 0) {
		report_envelope(&s->envelope, lines);
		return;
	}
	report_error(err, NULL, &line);
	strv_take(lines, str_steal(&line));
}

/* Whether the queue is responsible for recipients of the message. */
static bool
is_queued(const struct report *report)
{
	return *report->queue_id != '\0';
}

/* Whether a person reads standard error.  Programs that call sendmail treat any
 * output as a failure, and cron mails it. */
static bool
wants_news(const struct cmdline *cmdline)
{
	return cmdline->verbose || cmdline->debug || cmdline->tls_keylog != NULL
	    || isatty(STDERR_FILENO);
}

static char *
queue_news(const struct report *report)
{
	struct str line = { 0 };

	str_printf(&line, "queued as %s", report->queue_id);
	if (error_is_set(&report->queue->reason)) {
		str_add(&line, ": ");
		error_print(&report->queue->reason, true, &line);
	}
	return str_steal(&line);
}

static char *
queue_failure(const struct report *report)
{
	char *why = error_describe(&report->queue->failure);
	char *line = alloc_printf("the message could not be queued: %s", why);

	free(why);
	return line;
}

static void
add_warnings(const struct report *report, struct strv *lines)
{
	const struct strv *warnings = &report->submission->warnings;

	for (size_t i = 0; i < warnings->count; i++)
		strv_take(lines,
		    alloc_printf("warning: %s", warnings->items[i]));
}

static void
report_stderr(const struct report *report, const struct error *err,
    const char *letter, bool logged)
{
	const struct cmdline *cmdline = report->submission->cmdline;
	char *prefix = alloc_printf("%s: ", cmdline->name);
	struct strv lines = { 0 };

	if (!logged || error_is_set(err) || wants_news(cmdline))
		add_warnings(report, &lines);
	if (error_is_set(err))
		add_lines(report, err, &lines);
	if (error_is_set(err) && error_is_set(&report->queue->failure))
		strv_take(&lines, queue_failure(report));
	if (is_queued(report) && wants_news(cmdline))
		strv_take(&lines, queue_news(report));
	if (letter != NULL)
		strv_add(&lines, letter);
	for (size_t i = 0; i < lines.count; i++)
		terminal_line(prefix, lines.items[i]);
	strv_free(&lines);
	free(prefix);
}

/* The size as the server was sent it; otherwise as it would have been sent. */
static uint64_t
log_size(const struct report *report)
{
	const struct submission *s = report->submission;

	if (report->session->size != 0)
		return report->session->size;
	return s->message_read ? message_size(&s->message) : 0;
}

/* The host that the log names: of several failures, the one that decides. */
static const char *
log_host(const struct report *report, const struct error *err)
{
	const struct host_params *configured =
	    &report->submission->account->server;
	const struct str *used = &report->session->host;

	if (err != NULL && err->cause_count > 0 && err->host != NULL)
		return err->host;
	if (used->len > 0)
		return str_text(used);
	return configured->host != NULL ? configured->host : configured->socket;
}

/* NULL: the result follows from the error. */
static const char *
result_of_queue(const struct report *report, const struct error *err)
{
	if (report->queue->result != NULL)
		return report->queue->result;
	return is_queued(report) && !error_is_set(err) ? "queued" : NULL;
}

/* Of a message that was queued, the reason decides unless there is an error. */
static const struct error *
shown_error(const struct report *report, const struct error *err)
{
	const struct error *reason = &report->queue->reason;

	return !error_is_set(err) && error_is_set(reason) ? reason : err;
}

static int
log_priority(const struct report *report, const struct error *err)
{
	return report->queue->needs_administrator ? LOG_ERR
						  : report_log_priority(err);
}

static struct log_entry
make_log_entry(const struct report *report, const struct error *err)
{
	const struct submission *s = report->submission;

	return (struct log_entry){
		.host = log_host(report, shown_error(report, err)),
		.session = report->session,
		.user = report->login,
		.envelope = &s->envelope,
		.size = log_size(report),
		.message_id = s->message_id,
		.err = err,
		.reason = &report->queue->reason,
		.delay = clock_now() - s->start,
		.exit_status = error_exit_status(err),
		.queue_id = is_queued(report) ? report->queue_id : NULL,
		.trace_id = s->trace_id.text,
		.client = s->user->is_service ? s->user : NULL,
		.account = s->account->name,
		.result = result_of_queue(report, err),
		.recorder = report->recorder,
		.details = error_is_set(err) ? details_of(report, err) : NULL,
		.keeps = report->queue->keeps,
	};
}

static void
log_notes(const struct strv *notes, int priority)
{
	for (size_t i = 0; i < notes->count; i++) {
		char *clean = text_printable(notes->items[i]);

		log_line(priority, clean);
		free(clean);
	}
}

/*
 * The log file "-" is standard output.  Programs that call sendmail treat any
 * output as a failure, with -bs it would be an SMTP reply, and --report=- is read
 * as JSON.
 */
static bool
writes_logfile(const struct report *report)
{
	const struct submission *s = report->submission;
	const char *file = s->account->logfile;

	return file != NULL
	    && (strcmp(file, "-") != 0
		|| (!report_file_is_stdout()
		    && s->cmdline->personality == PERSONALITY_VEREDUS
		    && s->cmdline->mode != MODE_SERVE
		    && s->cmdline->mode != MODE_SERVICE));
}

/* Who asked for a report must learn that it is missing. */
static void
warn_of_report(const struct cmdline *cmdline, const struct error *err)
{
	log_error(LOG_WARNING, err);
	if (cmdline->errors != ERRORS_QUIET)
		terminal_warning(cmdline->name, err);
}

/* Standard error is the last place; but programs that call sendmail treat any
 * output as a failure.  One line is enough for all messages of -bs. */
static void
report_logfile_error(const struct report *report, const struct error *err,
    const struct error *failure)
{
	const struct cmdline *cmdline = report->submission->cmdline;
	static bool told;

	if (!log_error(LOG_WARNING, failure) && !told
	    && cmdline->errors != ERRORS_QUIET
	    && (cmdline->personality == PERSONALITY_VEREDUS
		|| error_is_set(err))) {
		terminal_warning(cmdline->name, failure);
		told = true;
	}
}

/*
 * Writes the object for --report.  The message has its result by now, so that a
 * failure changes no exit status: it is a warning.
 */
static void
write_report(const struct report *report, const struct log_entry *entry)
{
	struct error why = { 0 };
	struct str line = { 0 };

	if (!report_file_is_open())
		return;
	report_json(entry, &line);
	if (!report_file_write(&line, &why))
		warn_of_report(report->submission->cmdline, &why);
	str_free(&line);
	error_free(&why);
}

static void
report_logs(const struct report *report, const struct error *err,
    const char *letter)
{
	const struct submission *s = report->submission;
	const struct account *account = s->account;
	const struct log_entry entry = make_log_entry(report, err);
	struct str line = { 0 };
	struct error unlogged = { 0 };

	if (s->cmdline->syslog_tag != NULL)
		log_set_ident(s->cmdline->syslog_tag);
	report_log(&entry, &line);
	log_notes(&s->cmdline->notes, LOG_NOTICE);
	log_notes(&report->config->notes, LOG_NOTICE);
	log_notes(&s->notes, LOG_NOTICE);
	log_notes(report->notes, LOG_NOTICE);
	log_notes(&s->warnings, LOG_WARNING);
	if (s->message.broken_lines || report->session->broke_lines)
		log_line(LOG_NOTICE,
		    "lines of more than 998 octets were broken, in parts that "
		    "must not be encoded");
	if (letter != NULL)
		log_line(LOG_NOTICE, letter);
	if (error_is_set(&report->queue->failure)) {
		char *failure = queue_failure(report);

		log_line(LOG_ERR, failure);
		free(failure);
	}
	system_log_write(&entry, log_priority(report, err), str_text(&line));
	if (writes_logfile(report)
	    && !logfile_append(account->logfile, account->logfile_time_format,
		str_text(&line), &unlogged))
		report_logfile_error(report, err, &unlogged);
	write_report(report, &entry);
	error_free(&unlogged);
	str_free(&line);
}

/*
 * Saves the message as the account says.  Returns a line about it, which the
 * caller frees; NULL if the message is not to be saved.
 */
static char *
save_dead_letter(const struct report *report)
{
	const struct submission *s = report->submission;
	const char *setting = s->account->dead_letter;
	struct error err = { 0 };
	char *line, *file = NULL;

	if (setting == NULL || strcmp(setting, "off") == 0 || !s->message_read)
		return NULL;
	if (dead_letter_save(setting, s->user, &s->envelope, &s->message, &file,
		&err))
		line = alloc_printf("the message was saved in %s", file);
	else
		line = error_describe(&err);
	error_free(&err);
	free(file);
	return line;
}

void
report_result_log(const struct report *report, const struct error *err)
{
	char *letter = error_is_set(err) ? save_dead_letter(report) : NULL;

	report_logs(report, err, letter);
	free(letter);
}

void
report_result_queued(const struct report *report, const struct error *err)
{
	report_logs(report, err, NULL);
}

/* A queue run, or a session of -bs, that fails before it has a message. */
static void
report_run(const struct report *report, const struct error *err)
{
	struct log_entry entry;

	if (!error_is_set(err) || !report_file_is_unused())
		return;
	entry = make_log_entry(report, err);
	write_report(report, &entry);
}

int
report_result(const struct report *report, const struct error *err, bool logged)
{
	bool failed = error_is_set(err);
	char *letter = failed && logged ? save_dead_letter(report) : NULL;

	if (logged)
		report_logs(report, err, letter);
	else
		report_run(report, err);
	if (report->submission->cmdline->errors != ERRORS_QUIET)
		report_stderr(report, err, letter, logged);
	free(letter);
	return error_exit_status(err);
}
