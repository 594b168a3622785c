/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a system keeps the certificates that it trusts.  Private to
 * src/tls.
 */
#ifndef VEREDUS_TLS_CA_STORE_H
#define VEREDUS_TLS_CA_STORE_H

#include <stdbool.h>

#include "base/error.h"

struct ca_store {
	const char *directory; /* files named by tls_dn_hash() */
	const char *bundle;    /* all of them in one PEM file */
};

/* The first of the usual places that holds something, or NULL. */
const struct ca_store *tls_place_system(void);
/* The same, but without one ERROR_CONFIG, naming all usual places. */
const struct ca_store *tls_place_require(struct error *err);
bool tls_place_is_there(const struct ca_store *place);

#endif
