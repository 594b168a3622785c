/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls the observers of a session. */
#include "client/observer.h"

#include "base/clock.h"

void
observer_stage(const struct observer *list, enum smtp_stage stage)
{
	int64_t when = list != NULL ? clock_now() : 0;

	for (const struct observer *o = list; o != NULL; o = o->next)
		if (o->stage != NULL)
			o->stage(o->ctx, stage, when);
}

void
observer_size(const struct observer *list, uint64_t octets)
{
	for (const struct observer *o = list; o != NULL; o = o->next)
		if (o->size != NULL)
			o->size(o->ctx, octets);
}

void
observer_sent(const void *list, size_t octets)
{
	for (const struct observer *o = list; o != NULL; o = o->next)
		if (o->sent != NULL)
			o->sent(o->ctx, octets);
}

void
observer_accepted(const struct observer *list, struct recipient *to,
    const char *host, const char *said)
{
	for (const struct observer *o = list; o != NULL; o = o->next)
		if (o->accepted != NULL)
			o->accepted(o->ctx, to, host, said);
}
