/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/tls.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "tls/context.h"
#include "tls/library.h"

void
tls_describe_library(struct str *out)
{
	struct error err = { 0 };
	const struct tls_library *library;

	if (!tls_is_available()) {
		str_add(out, "none");
		return;
	}
	library = tls_backend(&err);
	str_add(out, library != NULL ? library->name : err.text);
	error_free(&err);
}

bool
tls_prepare(const struct tls_params *params, struct tls_context **context,
    struct error *err)
{
	struct tls_context *c;

	*context = NULL;
	if (params->mode == TLS_OFF)
		return true;
	if (!tls_is_available()) {
		tls_backend(err);
		return false;
	}
	c = alloc_zeroed(1, sizeof(*c));
	if (!tls_context_read(c, params, err)) {
		tls_context_free(c);
		return false;
	}
	*context = c;
	return true;
}

bool
tls_load(struct tls_context *context, struct error *err)
{
	const struct tls_library *library;
	bool ok;

	if (context == NULL || context->setup != NULL)
		return true;
	library = tls_backend(err);
	ok = library != NULL && library->set_up(context, &context->setup, err);
	if (ok)
		tls_context_forget(context);
	return ok;
}

bool
tls_start(struct tls_context *context, struct transport *transport,
    const struct tls_target *target, int64_t deadline, struct error *err)
{
	return tls_load(context, err)
	    && tls_backend(err)->start(context->setup, transport, target,
		deadline, err);
}

/* A plain transport is nothing to load a library for. */
static const struct tls_library *
library_of(const struct transport *transport)
{
	return transport->ctx != NULL ? tls_backend(NULL) : NULL;
}

void
tls_describe(const struct transport *transport, struct str *out)
{
	const struct tls_library *library = library_of(transport);

	if (library != NULL)
		library->describe(transport, out);
}

bool
tls_peer_info(const struct transport *transport, unsigned number,
    struct tls_peer *peer)
{
	const struct tls_library *library = library_of(transport);

	*peer = (struct tls_peer){ 0 };
	return library != NULL && library->peer_info(transport, number, peer);
}

bool
tls_channel_binding(const struct transport *transport, enum tls_binding kind,
    struct str *out)
{
	const struct tls_library *library = library_of(transport);

	return library != NULL
	    && library->channel_binding(transport, kind, out);
}

bool
tls_is_verified(const struct transport *transport)
{
	const struct tls_library *library = library_of(transport);

	return library != NULL && library->is_verified(transport);
}

bool
tls_sent_certificate(const struct transport *transport)
{
	const struct tls_library *library = library_of(transport);

	return library != NULL && library->sent_certificate(transport);
}

void
tls_context_free(struct tls_context *context)
{
	if (context == NULL)
		return;
	if (context->setup != NULL)
		tls_backend(NULL)->setup_free(context->setup);
	tls_context_forget(context);
	if (context->keylog_plus_1 > 0)
		close(context->keylog_plus_1 - 1);
	free(context);
}
