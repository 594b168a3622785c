/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes the results of a queue run to the logs. */
#include "runner/run_log.h"

#include <string.h>

#include "base/log.h"
#include "report/format_json.h"
#include "report/log_file.h"
#include "report/recorder.h"
#include "report/report_file.h"
#include "report/system_log.h"

void
run_log_append(const struct account *a, const char *line)
{
	struct error err = { 0 };

	if (a->logfile != NULL && strcmp(a->logfile, "-") != 0
	    && !logfile_append(a->logfile, a->logfile_time_format, line, &err))
		log_error(LOG_WARNING, &err);
	error_free(&err);
}

static void
write_log(const struct account *a, const struct log_entry *log, int priority)
{
	struct str line = { 0 };

	report_log(log, &line);
	system_log_write(log, priority, line.data);
	run_log_append(a, line.data);
	str_free(&line);
}

/* Writes the object for --report. */
static void
write_report(struct recorder *recorder, const struct log_entry *log)
{
	struct error err = { 0 };
	struct str line = { 0 };

	if (!report_file_is_open())
		return;
	recorder_end(recorder);
	report_json(log, &line);
	if (!report_file_write(&line, &err))
		log_error(LOG_WARNING, &err);
	recorder_reset(recorder);
	str_free(&line);
	error_free(&err);
}

void
run_log_result(const struct context *context, const struct log_entry *log,
    int priority)
{
	write_log(&context->account, log, priority);
	write_report(context->recorder, log);
}
