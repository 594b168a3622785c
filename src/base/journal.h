/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The journal of systemd, which keeps fields beside the text of a line
 * (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/).
 */
#ifndef VEREDUS_BASE_JOURNAL_H
#define VEREDUS_BASE_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct journal_entry {
	int priority;
	int facility;
	const char *ident;
	const char *text;         /* one printable line */
	const struct str *fields; /* lines "NAME=VALUE", each with its end */
};

/* Whether the system's logger is the journal: /dev/log leads to it.  Beside
 * another logger, the journal would keep lines that this one lacks. */
bool journal_is_logger(void);
/* Writes an entry; returns whether the journal got it before the deadline
 * (base/clock.h). */
bool journal_write(const struct journal_entry *entry, int64_t deadline);

#endif
