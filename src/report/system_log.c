/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes the line of a message to the logger that there is. */
#include "report/system_log.h"

#include "base/journal.h"
#include "base/log.h"

void
system_log_write(const struct log_entry *entry, int priority, const char *line)
{
	struct str fields = { 0 };

	if (log_facility() != LOG_DISABLED && journal_is_logger())
		report_log_fields(entry, &fields);
	log_fields(priority, line, &fields);
	str_free(&fields);
}
