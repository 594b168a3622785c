/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds the pauses of recipients.
 */
#include "queue/waits.h"

#include "mail/path.h"

static const struct queue_pause *
lasting(const struct queue_pauses *p, const struct queue_destination *d,
    int64_t now)
{
	const struct queue_pause *pause = queue_pauses_find(p, d);

	return pause != NULL && queue_pause_lasts(p, pause, now) ? pause : NULL;
}

const struct queue_pause *
queue_pause_of_recipient(const struct queue_pauses *p,
    const struct queue_destination *account, const char *address, int64_t now)
{
	struct queue_destination d = *account;
	const struct queue_pause *pause;

	if (p->count == 0)
		return NULL;
	pause = lasting(p, &d, now);
	d.domain = path_domain(address);
	return pause != NULL || d.domain == NULL ? pause : lasting(p, &d, now);
}

const struct queue_pause *
queue_pause_of_message(const struct queue_pauses *p,
    const struct queue_entry *entry, int64_t now)
{
	const struct queue_destination account = { .account = entry->account,
		.configuration = entry->configuration };
	const struct queue_pause *first = NULL;

	for (size_t i = 0; p->count > 0 && i < entry->count; i++) {
		const struct queue_recipient *r = &entry->recipients[i];
		const struct queue_pause *pause;

		if (r->state != QUEUE_WAITING)
			continue;
		pause = queue_pause_of_recipient(p, &account, r->address, now);
		if (pause == NULL)
			return NULL;
		if (first == NULL || pause->until < first->until)
			first = pause;
		if (pause->domain == NULL)
			break;
	}
	return first;
}

void
queue_pause_print_name(const struct queue_pause *pause, struct str *out)
{
	if (pause->domain != NULL)
		str_add(out, pause->domain);
	else
		str_printf(out, "account %s", pause->account);
}
