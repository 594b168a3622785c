/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory of queue entries.
 */
#include "queue/entry.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "mail/path.h"

struct queue_recipient *
queue_entry_add(struct queue_entry *entry, const char *address,
    const char *original)
{
	struct queue_recipient *r;

	entry->recipients = alloc_grow(entry->recipients, entry->count,
	    &entry->size, sizeof(*entry->recipients));
	r = &entry->recipients[entry->count++];
	*r = (struct queue_recipient){ .address = alloc_string(address),
		.original = alloc_string(original) };
	return r;
}

unsigned
queue_entry_notify(const struct queue_entry *entry,
    const struct queue_recipient *r)
{
	return r->notify != DSN_NOTIFY_DEFAULT ? r->notify : entry->dsn.notify;
}

size_t
queue_entry_count(const struct queue_entry *entry,
    enum queue_recipient_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < entry->count; i++)
		n += entry->recipients[i].state == state;
	return n;
}

const char *
queue_entry_domain(const struct queue_entry *entry)
{
	const char *domain = NULL;

	for (size_t i = 0; i < entry->count; i++) {
		const struct queue_recipient *r = &entry->recipients[i];
		const char *own = path_domain(r->address);

		if (r->state != QUEUE_WAITING)
			continue;
		if (own == NULL
		    || (domain != NULL && !text_equal_nocase(domain, own)))
			return NULL;
		domain = own;
	}
	return domain;
}

void
queue_recipient_set(struct queue_recipient *r, enum queue_recipient_state state,
    const struct smtp_status *status, const char *host, const char *reason)
{
	r->state = state;
	r->status = *status;
	alloc_replace(&r->host, host);
	alloc_replace(&r->reason, reason);
}

void
queue_entry_free(struct queue_entry *entry)
{
	for (size_t i = 0; i < entry->count; i++) {
		struct queue_recipient *r = &entry->recipients[i];

		free(r->address);
		free(r->original);
		free(r->host);
		free(r->reason);
	}
	free(entry->recipients);
	free(entry->account);
	free(entry->configuration);
	free(entry->sender);
	dsn_free(&entry->dsn);
	mail_params_free(&entry->mail_params);
	memset(entry, 0, sizeof(*entry));
}
