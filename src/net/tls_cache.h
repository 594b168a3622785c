/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sessions of TLS that may be resumed, in a folder of ours: one file for each
 * server, name and set of settings, of which the name of the file is a digest.
 * Whoever reads one can pass for nobody, but can read what is said in that
 * session, so the files are secrets.  Knows no TLS.  Private to net/tls*.c.
 */
#ifndef VEREDUS_NET_TLS_CACHE_H
#define VEREDUS_NET_TLS_CACHE_H

#include <stdbool.h>
#include <time.h>

#include "base/error.h"
#include "base/str.h"

/* Nothing is kept for longer: a day after a certificate has been verified it
 * is verified again. */
#define TLS_CACHE_SECONDS 86400

struct tls_ticket {
	unsigned trusted; /* enum tls_trusted of the session that it is from */
	time_t expires;
	struct str data;
};

/*
 * Whether the folder can hold secrets: ours, and nobody else may write to it.
 * It is made if it is missing, but not what is above it.
 * Errors: ERROR_CONFIG, naming tls_cache.
 */
bool tls_cache_check(const char *folder, struct error *err);

/*
 * Takes a ticket out of the folder: it is used once, whatever becomes of it.
 * False when there is none, or only one that is too old, is no file of ours,
 * or cannot be read.
 */
bool tls_cache_take(const char *folder, const char *key,
    struct tls_ticket *ticket);
/* Keeps a ticket in place of the last one; what fails is no harm. */
void tls_cache_put(const char *folder, const char *key,
    const struct tls_ticket *ticket);
void tls_ticket_free(struct tls_ticket *ticket);

#endif
