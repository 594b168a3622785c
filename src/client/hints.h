/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Hints: the settings that would help after a server rejected a command.
 */
#ifndef VEREDUS_CLIENT_HINTS_H
#define VEREDUS_CLIENT_HINTS_H

#include "base/error.h"
#include "client/session.h"

/* What helps without STARTTLS; RFC 8314 prefers implicit TLS, too. */
#define HINT_IMPLICIT_TLS \
	"\"port 465\" with \"tls_starttls off\" is TLS without STARTTLS"

/*
 * Adds the first hint that fits to err, a permanent ERROR_REJECTED of the
 * session without a text.  If only a setting can help, the exit status becomes
 * that of a configuration error.
 */
void hints_add(const struct session *s, struct error *err);

#endif
