/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether the peer is who it should be, in words if it is not.
 * Private to src/tls.
 */
#ifndef VEREDUS_TLS_VERIFY_H
#define VEREDUS_TLS_VERIFY_H

#include <gnutls/gnutls.h>

/*
 * What GnuTLS calls when it has the peer's certificate, before anything of
 * ours is sent under the new keys.  The session's pointer is a tls_session,
 * whose err is filled on failure (ERROR_CERTIFICATE).
 *
 * Pins: any match passes, whatever the dates are, as the very certificate or
 * key was named; with certcheck on everything else is checked as well.
 * A certificate that is itself in the trust file is trusted, be it
 * self-signed or not; its name, dates and purpose are checked as ever.
 *
 * A demand for a verified certificate has all but the pins checked whatever
 * the settings are.  TLSA records take the place of that, as a pin would: one
 * of DANE-EE that matches is all there is to it, without dates and names
 * (RFC 7671 section 5.1); those of DANE-TA name the authorities to trust.
 */
int tls_verify_peer(gnutls_session_t session);

#endif
