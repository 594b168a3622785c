/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes lines with syslog(3); keeps the facility and the name. */
#include "base/log.h"

static int facility = LOG_MAIL;
static const char *ident = "veredus";

void
log_set_facility(int new_facility)
{
	facility = new_facility;
}

void
log_set_ident(const char *new_ident)
{
	ident = new_ident;
}

void
log_line(int priority, const char *text)
{
	if (facility == LOG_DISABLED)
		return;
	openlog(ident, LOG_PID, facility);
	syslog(priority, "%s", text);
	closelog();
}
