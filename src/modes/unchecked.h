/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session that shows the certificate of a server, although it was rejected.
 */
#ifndef VEREDUS_MODES_UNCHECKED_H
#define VEREDUS_MODES_UNCHECKED_H

#include "delivery/attempt.h"

/*
 * Connects again to the address that the rejected attempt reached, without
 * checking the certificate, and calls show with the open session and ctx.
 * Sends only EHLO, STARTTLS and QUIT, and no client certificate.  Ignores
 * errors: show is not called then.
 */
void unchecked_session(const struct attempt *rejected,
    void (*show)(struct session *s, void *ctx), void *ctx);

#endif
