/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The handshake of a TLS session.  Private to src/tls. */
#ifndef VEREDUS_TLS_HANDSHAKE_H
#define VEREDUS_TLS_HANDSHAKE_H

#include "tls/library.h"

/* Implements tls_start(), with loaded credentials. */
bool tls_handshake(struct tls_credentials *credentials,
    struct transport *transport, const struct tls_target *target,
    int64_t deadline, struct error *err);

#endif
