/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a system keeps the certificates that it trusts.  Private to
 * net/tls*.c.
 */
#ifndef VEREDUS_NET_TLS_PLACE_H
#define VEREDUS_NET_TLS_PLACE_H

#include <stdbool.h>

#include "base/error.h"

struct trust_place {
	const char *directory; /* files named by tls_dn_hash() */
	const char *bundle;    /* all of them in one PEM file */
};

/* The first of the usual places that holds something, or NULL. */
const struct trust_place *tls_place_system(void);
/* The same, but without one ERROR_CONFIG, naming all usual places. */
const struct trust_place *tls_place_require(struct error *err);
bool tls_place_is_there(const struct trust_place *place);

#endif
