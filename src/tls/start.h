/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Starts TLS on a connection.  Private to src/tls.
 */
#ifndef VEREDUS_TLS_START_H
#define VEREDUS_TLS_START_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "net/transport.h"
#include "tls/library.h"

/* Implements tls_start(), with loaded credentials. */
bool tls_session_start(struct tls_context *context, struct transport *transport,
    const struct tls_target *target, int64_t deadline, struct error *err);

#endif
