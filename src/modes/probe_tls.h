/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The part of --probe that shows certificates, also those that do not pass.
 */
#ifndef VEREDUS_MODES_PROBE_TLS_H
#define VEREDUS_MODES_PROBE_TLS_H

#include "base/str.h"
#include "client/session.h"
#include "delivery/attempt.h"
#include "net/connect.h"

/* Appends the certificates of the peer, in its order, and which of the
 * configured fingerprints are those of the first. */
void probe_certificates(const struct delivery_params *params,
    const struct session *s, struct str *out);

/*
 * The same of a peer whose certificate was refused, so that there is no session
 * any more: connects to it once more and verifies nothing, but says nothing
 * besides EHLO and STARTTLS, and does not show a certificate of our own.
 */
void probe_refused(const struct delivery_params *params,
    const struct connection *connection, struct str *out);

#endif
