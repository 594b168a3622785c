/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The properties of a TLS session: implements the functions of tls/tls.h with
 * similar names.  Private to src/tls.
 */
#ifndef VEREDUS_TLS_PEER_INFO_H
#define VEREDUS_TLS_PEER_INFO_H

#include "tls/tls.h"

void tls_info_describe(const struct transport *transport, struct str *out);
bool tls_info_peer(const struct transport *transport, unsigned index,
    struct tls_peer *peer);
bool tls_info_binding(const struct transport *transport, enum tls_binding kind,
    struct str *out);
bool tls_info_is_verified(const struct transport *transport);
bool tls_info_sent_certificate(const struct transport *transport);

#endif
