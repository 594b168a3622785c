/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Collects for the log which servers a delivery used, and how. */
#include "delivery/session_log.h"

#include <string.h>

void
session_log_set(struct session_log *log, const struct session *s,
    const struct envelope *e)
{
	const struct error *result = envelope_result(e);

	session_log_free(log);
	str_add(&log->host, s->host != NULL ? s->host : "");
	str_append(&log->peer, str_text(&s->connection.address),
	    s->connection.address.len);
	if (s->encrypted) {
		log->tls_of_last = tls_summarize(&s->stream.transport);
		log->tls_source = s->tls_source;
		tls_print_summary(&log->tls_of_last, &log->tls);
	}
	log->mechanism = s->mechanism;
	log->opened = s->transactions > 0;
	if (result != NULL)
		log->status = result->status;
	else if (e->count > 0)
		log->status = e->recipients[0].status;
}

/* Joins values with commas; a value that is the same again is left out. */
static void
join(struct str *all, const struct str *one)
{
	if (one->len == 0 || strcmp(str_text(all), str_text(one)) == 0)
		return;
	str_add(all, all->len > 0 ? "," : "");
	str_append(all, str_text(one), one->len);
}

void
session_log_add(struct session_log *log, struct session_log *other)
{
	join(&log->host, &other->host);
	join(&log->peer, &other->peer);
	join(&log->tls, &other->tls);
	log->tls_of_last = other->tls_of_last;
	log->tls_source = other->tls_source;
	log->size = other->size != 0 ? other->size : log->size;
	log->opened |= other->opened;
	log->broke_lines = log->broke_lines || other->broke_lines;
	session_log_free(other);
}

void
session_log_free(struct session_log *log)
{
	str_free(&log->host);
	str_free(&log->peer);
	str_free(&log->tls);
	*log = (struct session_log){ 0 };
}
