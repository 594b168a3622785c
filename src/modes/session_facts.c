/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies what a session showed about its server. */
#include "modes/session_facts.h"

#include <stdlib.h>

#include "base/alloc.h"

static void
free_certificates(struct session_facts *f)
{
	for (size_t i = 0; i < f->certificate_count; i++)
		tls_peer_free(&f->certificates[i]);
	free(f->certificates);
	f->certificates = NULL;
	f->certificate_count = 0;
}

void
session_facts_take_certificates(struct session_facts *f,
    const struct session *s)
{
	struct tls_peer peer = { 0 };
	size_t size = 0;

	free_certificates(f);
	while (tls_peer_info(&s->stream.transport,
	    (unsigned)f->certificate_count, &peer)) {
		f->certificates = alloc_grow(f->certificates,
		    f->certificate_count, &size, sizeof(*f->certificates));
		f->certificates[f->certificate_count++] = peer;
		peer = (struct tls_peer){ 0 };
	}
}

void
session_facts_take(struct session_facts *f, const struct session *s)
{
	struct str tls = { 0 };

	session_facts_free(f);
	if (s->encrypted)
		f->tls_summary = tls_summarize(&s->stream.transport);
	f->tls_source = s->tls_source;
	tls_print_summary(&f->tls_summary, &tls);
	f->host = alloc_string(s->host);
	f->address = alloc_string(str_text(&s->connection.address));
	f->encrypted = s->encrypted;
	f->verified = s->encrypted && tls_is_verified(&s->stream.transport);
	f->tls = str_steal(&tls);
	f->mechanism = s->mechanism;
	f->esmtp = s->esmtp;
	strv_copy(&f->extensions, &s->capabilities.keywords);
	session_facts_take_certificates(f, s);
}

void
session_facts_free(struct session_facts *f)
{
	free(f->host);
	free(f->address);
	free(f->tls);
	strv_free(&f->extensions);
	free_certificates(f);
	*f = (struct session_facts){ 0 };
}
