/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The subjectAltNames of a certificate as it came, without the work of an
 * import.  Private to net/tls*.c.
 */
#ifndef VEREDUS_NET_TLS_SAN_H
#define VEREDUS_NET_TLS_SAN_H

#include <stdbool.h>
#include <stddef.h>

#include "net/tls_name.h"

/*
 * Whether a certificate in DER has the name, by the same rules as
 * tls_name_matches().  False as well when it cannot be read, so only a yes
 * counts: who gets a no asks tls_name_matches().
 */
bool tls_san_matches(const struct tls_name *name, const void *der, size_t len);

#endif
