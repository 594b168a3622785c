/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The store of CA certificates of the system.  Private to src/tls. */
#ifndef VEREDUS_TLS_CA_STORE_H
#define VEREDUS_TLS_CA_STORE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/strv.h"

struct ca_store {
	const char *directory; /* files are named by ca_hash_name() */
	const char *bundle;    /* all certificates in one PEM file */
};

/* Returns the first of the usual stores that is not empty; NULL is ERROR_CONFIG,
 * with the usual paths. */
const struct ca_store *ca_store_find(struct error *err);
/* Adds the folders and bundles of all usual stores, each once. */
void ca_store_places(struct strv *places);
/* Whether the store contains a certificate. */
bool ca_store_exists(const struct ca_store *store);

#endif
