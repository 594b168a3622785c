/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a session showed about its server.  --probe, --check and --serverinfo
 * print these facts after the session has ended.
 */
#ifndef VEREDUS_MODES_SESSION_FACTS_H
#define VEREDUS_MODES_SESSION_FACTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strv.h"
#include "client/session.h"
#include "tls/tls.h"

struct session_facts {
	char *host;     /* as configured, or NULL: not connected */
	char *address;  /* of the connection, or ""; NULL: no facts */
	bool encrypted; /* TLS has started */
	bool verified;  /* and the server is who it should be */
	char *tls;      /* tls_describe(); "" without TLS */
	struct tls_summary tls_summary;
	enum tls_source tls_source; /* of its policy */
	const char *mechanism;      /* of the login, or NULL */
	bool esmtp; /* the server accepted EHLO or LHLO, not HELO */
	struct strv extensions;
	struct tls_peer *certificates; /* in the order of the server */
	size_t certificate_count;
};

/* Replaces the facts, which may be { 0 }, by those of the session. */
void session_facts_take(struct session_facts *f, const struct session *s);
/* Replaces the certificates alone. */
void session_facts_take_certificates(struct session_facts *f,
    const struct session *s);
void session_facts_free(struct session_facts *f);

#endif
