/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls.h"

#include <stdlib.h>

bool
tls_is_required(const struct tls_params *params,
    const struct tls_demand *demand)
{
	return params->mode == TLS_ON || tls_demanded_by(demand) != NULL;
}

const char *
tls_demanded_by(const struct tls_demand *demand)
{
	static const char *const names[] = {
		[TLS_AS_CONFIGURED] = NULL,
		[TLS_ENCRYPTED] = "DANE",
		[TLS_VERIFIED] = "MTA-STS",
		[TLS_DANE] = "DANE",
	};

	return demand != NULL ? names[demand->strength] : NULL;
}

void
tls_demand_free(struct tls_demand *demand)
{
	for (size_t i = 0; i < demand->record_count; i++)
		str_free(&demand->records[i].data);
	free(demand->records);
	strv_free(&demand->names);
	*demand = (struct tls_demand){ 0 };
}

void
tls_peer_free(struct tls_peer *peer)
{
	str_free(&peer->subject);
	str_free(&peer->issuer);
	str_free(&peer->names);
	*peer = (struct tls_peer){ 0 };
}
