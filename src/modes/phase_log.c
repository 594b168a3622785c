/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modes/phase_log.h"

void
phase_log_note(void *ctx, enum phase phase, int64_t when)
{
	struct phase_log *log = ctx;
	struct phase_span *last =
	    log->count > 0 ? &log->spans[log->count - 1] : NULL;

	if (last != NULL)
		last->spent += when - log->since;
	log->since = when;
	if (phase == PHASES || log->count == PHASE_LOG_MAX
	    || (last != NULL && last->phase == phase))
		return;
	log->spans[log->count++] = (struct phase_span){ .phase = phase };
}

const char *
phase_log_name(const struct phase_log *log, size_t number)
{
	enum phase phase = log->spans[number].phase;

	for (size_t i = 0; phase == PHASE_GREETING && i < number; i++)
		if (log->spans[i].phase == phase)
			return "EHLO";
	return phase_name(phase);
}
