/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of the functions that use GnuTLS. */
#include <gnutls/gnutls.h>

#include "base/attr.h"
#include "tls/credentials.h"
#include "tls/library.h"
#include "tls/peer_info.h"
#include "tls/session.h"

ATTR_EXPORT const struct tls_library tls_gnutls_library = {
	.name = "GnuTLS " GNUTLS_VERSION,
	.load = tls_credentials_load,
	.free = tls_credentials_free,
	.start = tls_session_start,
	.describe = tls_info_describe,
	.peer_info = tls_info_peer,
	.channel_binding = tls_info_binding,
	.is_verified = tls_info_is_verified,
	.sent_certificate = tls_info_sent_certificate,
};
