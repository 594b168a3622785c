/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The output of a plugin of Nagios and its successors: one line
 * "SERVICE STATUS - TEXT | PERFORMANCE DATA", and the status as exit status.
 */
#ifndef VEREDUS_MODES_PLUGIN_H
#define VEREDUS_MODES_PLUGIN_H

#include "base/error.h"
#include "base/str.h"

/* The exit statuses of a plugin. */
enum plugin_status {
	PLUGIN_OK,
	PLUGIN_WARNING,
	PLUGIN_CRITICAL,
	PLUGIN_UNKNOWN
};

/* Appends "SERVICE STATUS - ". */
void plugin_begin(struct str *out, const char *service,
    enum plugin_status status);
/* Appends text, cleaned.  The text of a plugin ends at the first "|", which
 * becomes a slash. */
void plugin_add_text(struct str *out, const char *text);
/* Appends the whole line of a check that could not be made. */
void plugin_add_unknown(struct str *out, const char *service,
    const struct error *err);

#endif
