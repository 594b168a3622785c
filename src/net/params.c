/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tells from the settings of a server whether it is this machine.
 */
#include "net/params.h"

#include "net/resolve.h"

bool
host_is_local(const struct host_params *params)
{
	struct endpoint a;

	if (params->socket != NULL)
		return true;
	if (params->host == NULL || params->proxy_host != NULL)
		return false;
	if (endpoint_parse(&a, params->host))
		return endpoint_is_loopback(&a);
	return resolve_is_localhost(params->host);
}
