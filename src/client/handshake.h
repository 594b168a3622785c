/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opens a session: connection, greeting, EHLO, TLS and login.
 */
#ifndef VEREDUS_CLIENT_HANDSHAKE_H
#define VEREDUS_CLIENT_HANDSHAKE_H

#include <stdbool.h>

#include "auth/params.h"
#include "base/error.h"
#include "client/session.h"
#include "net/params.h"
#include "net/resolve.h"
#include "tls/tls.h"

/* A host, and how to open a session with it; everything is borrowed. */
struct session_target {
	struct host_params host;
	const struct endpoint_list *addresses; /* NULL: look them up */
	struct resolve *lookup; /* of connect_start_lookup(), or NULL */
	struct tls_params tls;
	const struct tls_policy *policy; /* or NULL */
	struct tls_context *context;     /* of tls; may be NULL with TLS_OFF */
	unsigned early_timeout;          /* of struct session */
};

/*
 * Connects and goes through all steps up to the login; `auth` is NULL for a
 * session without one.  Errors have the host and the command, except that the
 * text of a failed connection names the host itself.
 *
 * If TLS fails that is not required, the state is SESSION_TLS_FAILED: the same
 * address may be tried again with s->in_clear, and is the first one of
 * s->connection.addresses_left.
 */
bool session_open(struct session *s, const struct session_target *to,
    const struct auth_params *auth, struct error *err);

/*
 * The single steps.  session_ehlo() falls back to HELO unless needs_esmtp:
 * TLS or AUTH is still due.  session_starttls() does nothing unless the target
 * calls for STARTTLS.
 */
bool session_greeting(struct session *s, struct error *err);
bool session_ehlo(struct session *s, bool needs_esmtp, struct error *err);
bool session_starttls(struct session *s, const struct session_target *to,
    struct error *err);

#endif
