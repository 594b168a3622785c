/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Resumption of sessions (RFC 8446 section 2.2) by tickets in a cache.
 *
 * A session that is resumed has no certificate to verify: it is as trusted as
 * the one before.  So a ticket is of use only with the very same settings,
 * what is in the files included, and the very same demand with all its
 * records; only for a day after the verification; never
 * beyond the certificate; and never where the server may want ours.
 * Only TLS 1.3: before, a ticket could be linked with the session and the
 * channel be bound wrongly, and some servers fail when they meet one in a hello
 * that offers TLS 1.3, too.  Private to net/tls*.c.
 */
#ifndef VEREDUS_NET_TLS_RESUME_H
#define VEREDUS_NET_TLS_RESUME_H

#include "net/tls_session.h"

/* The name of all settings that decide whom to trust; needs the files. */
bool tls_resume_settings(const struct tls_context *context, char out[65]);

/* Whether the session may be resumed later, or resume another one. */
bool tls_resume_is_wanted(const struct tls_setup *setup);
/* Offers the ticket, if there is one, in the handshake that is to come. */
void tls_resume_offer(struct tls_session *s);
/* After the handshake: what a resumed session is trusted for. */
void tls_resume_accept(struct tls_session *s);
/* At the end of a session that went well: keeps its ticket. */
void tls_resume_keep(struct tls_session *s);

#endif
