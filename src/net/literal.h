/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Address literals (RFC 5321 section 4.1.3).
 */
#ifndef VEREDUS_NET_LITERAL_H
#define VEREDUS_NET_LITERAL_H

#include "base/str.h"
#include "net/transport.h"

/*
 * Appends the local address of the connection as a literal: "[192.0.2.1]" or
 * "[IPv6:2001:db8::1]", and "[127.0.0.1]" for a unix socket.
 */
void literal_of_local_end(const struct transport *transport, struct str *out);

#endif
