/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Replaces tls/tls.h.  There is no TLS: the fuzz target sets the properties of
 * every session.
 */
#ifndef VEREDUS_TESTS_FAKE_TLS_H
#define VEREDUS_TESTS_FAKE_TLS_H

#include "tls/tls.h"

static struct {
	bool (*start)(const char *host); /* NULL: the handshake fails */
	const char *binding;             /* the data of tls-exporter, or NULL */
	bool verified, sent_certificate;
} fake_tls;

bool
tls_load(struct tls_context *context, struct error *err)
{
	(void)context;
	(void)err;
	return true;
}

bool
tls_start(struct tls_context *context, struct transport *transport,
    const struct tls_target *target, int64_t deadline, struct error *err)
{
	(void)context;
	(void)transport;
	(void)deadline;
	if (fake_tls.start != NULL && fake_tls.start(target->host))
		return true;
	return error_set(err, ERROR_TLS, "the handshake failed");
}

void
tls_describe(const struct transport *transport, struct str *out)
{
	(void)transport;
	str_add(out, "TLS");
}

bool
tls_channel_binding(const struct transport *transport, enum tls_binding kind,
    struct str *out)
{
	(void)transport;
	if (kind != TLS_BINDING_EXPORTER || fake_tls.binding == NULL)
		return false;
	str_add(out, fake_tls.binding);
	return true;
}

bool
tls_is_verified(const struct transport *transport)
{
	(void)transport;
	return fake_tls.verified;
}

bool
tls_sent_certificate(const struct transport *transport)
{
	(void)transport;
	return fake_tls.sent_certificate;
}

#endif
