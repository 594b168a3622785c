/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TLS in a build without it: asking for it is an error, and as there never is
 * a context nobody gets further than that.
 */
#include "net/tls.h"

static bool
unavailable(struct error *err)
{
	return error_set(err, ERROR_CONFIG,
	    "this build has no TLS: \"tls off\" would send in clear");
}

bool
tls_is_available(void)
{
	return false;
}

const char *
tls_library(void)
{
	return "none";
}

bool
tls_prepare(const struct tls_params *params, struct tls_context **context,
    struct error *err)
{
	*context = NULL;
	return params->mode == TLS_OFF || unavailable(err);
}

bool
tls_start(struct tls_context *context, struct transport *transport,
    const char *host, int64_t deadline, struct error *err)
{
	(void)context;
	(void)transport;
	(void)host;
	(void)deadline;
	return unavailable(err);
}

void
tls_describe(const struct transport *transport, struct str *out)
{
	(void)transport;
	(void)out;
}

bool
tls_peer_info(const struct transport *transport, struct tls_peer *peer)
{
	(void)transport;
	*peer = (struct tls_peer){ 0 };
	return false;
}

bool
tls_channel_binding(const struct transport *transport, enum tls_binding kind,
    struct str *out)
{
	(void)transport;
	(void)kind;
	(void)out;
	return false;
}

bool
tls_is_verified(const struct transport *transport)
{
	(void)transport;
	return false;
}

bool
tls_sent_certificate(const struct transport *transport)
{
	(void)transport;
	return false;
}

void
tls_context_free(struct tls_context *context)
{
	(void)context;
}
