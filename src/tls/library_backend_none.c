/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* TLS in a build without GnuTLS. */
#include "tls/library.h"

struct backend tls_backend = { .library = "GnuTLS" };
