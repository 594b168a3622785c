/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The phases of one session in the order in which they came.  Knows no clock
 * but what it is told.
 */
#ifndef VEREDUS_MODES_PHASE_LOG_H
#define VEREDUS_MODES_PHASE_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "smtp/observer.h"

/* One session has fewer; what is beyond belongs to the last. */
#define PHASE_LOG_MAX 16

struct phase_log {
	struct phase_span {
		enum phase phase;
		int64_t spent; /* milliseconds */
	} spans[PHASE_LOG_MAX];
	size_t count;
	int64_t since; /* when the last one began */
};

/* An observer's function: ctx is a struct phase_log.  A phase that goes on
 * is one; PHASES ends the last. */
void phase_log_note(void *ctx, enum phase phase, int64_t when);
/* "greeting", but "EHLO" for one that came before. */
const char *phase_log_name(const struct phase_log *log, size_t number);

#endif
