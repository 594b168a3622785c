/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/tls.h"

#include <stdlib.h>

bool
tls_is_required(const struct tls_params *params,
    const struct tls_policy *demand)
{
	return params->mode == TLS_ON
	    || (demand != NULL && demand->strength != TLS_LEVEL_CONFIG);
}

const char *
tls_demanded_by(const struct tls_policy *demand)
{
	static const char *const names[] = {
		[TLS_BY_ACCOUNT] = NULL,
		[TLS_BY_DANE] = "DANE",
		[TLS_BY_MTA_STS] = "MTA-STS",
	};

	return demand != NULL ? names[demand->source] : NULL;
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
