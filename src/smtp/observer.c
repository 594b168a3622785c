/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/observer.h"

#include "base/clock.h"

static const char *const names[PHASES] = {
	[PHASE_DNS] = "DNS",
	[PHASE_TCP] = "TCP",
	[PHASE_GREETING] = "greeting",
	[PHASE_TLS] = "TLS",
	[PHASE_AUTH] = "AUTH",
	[PHASE_ENVELOPE] = "envelope",
	[PHASE_BODY] = "body",
	[PHASE_REPLY] = "final reply",
};

const char *
phase_name(enum phase phase)
{
	return names[phase];
}

void
observer_phase(const struct observer *list, enum phase phase)
{
	int64_t when = list != NULL ? clock_now() : 0;

	for (const struct observer *o = list; o != NULL; o = o->next)
		if (o->phase != NULL)
			o->phase(o->ctx, phase, when);
}

void
observer_sent(const struct observer *list, size_t octets)
{
	for (const struct observer *o = list; o != NULL; o = o->next)
		if (o->sent != NULL)
			o->sent(o->ctx, octets);
}
