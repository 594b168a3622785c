/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The part of --probe that prints the server's certificates, also rejected
 * ones.
 */
#ifndef VEREDUS_MODES_PROBE_TLS_H
#define VEREDUS_MODES_PROBE_TLS_H

#include "base/str.h"
#include "client/session.h"
#include "config/account.h"
#include "delivery/attempt.h"

/* Appends the certificates in the order in which the server sent them, and
 * which fingerprints of the account match the first. */
void probe_certificates(const struct account *account, const struct session *s,
    struct str *out);

/*
 * Appends the certificates of a server whose certificate was rejected, which
 * ended the connection.  Connects again to the same address without checking
 * the certificate.  Sends only EHLO, STARTTLS and QUIT, and no client
 * certificate.  Errors are ignored.
 */
void probe_rejected(const struct attempt *rejected, struct str *out);

#endif
