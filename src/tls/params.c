/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/tls.h"

#include <stdlib.h>

bool
tls_is_required(const struct tls_params *params,
    const struct tls_policy *demand)
{
	return params->mode == TLS_ON || tls_demanded_by(demand) != NULL;
}

const char *
tls_demanded_by(const struct tls_policy *demand)
{
	static const char *const names[] = {
		[TLS_LEVEL_CONFIG] = NULL,
		[TLS_LEVEL_ENCRYPT] = "DANE",
		[TLS_LEVEL_VERIFY] = "MTA-STS",
		[TLS_LEVEL_DANE] = "DANE",
	};

	return demand != NULL ? names[demand->strength] : NULL;
}

void
tls_policy_free(struct tls_policy *demand)
{
	for (size_t i = 0; i < demand->record_count; i++)
		str_free(&demand->records[i].data);
	free(demand->records);
	strv_free(&demand->names);
	*demand = (struct tls_policy){ 0 };
}

void
tls_peer_free(struct tls_peer *peer)
{
	str_free(&peer->subject);
	str_free(&peer->issuer);
	str_free(&peer->names);
	*peer = (struct tls_peer){ 0 };
}
