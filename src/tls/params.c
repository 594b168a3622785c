/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Evaluates TLS policies and fingerprints. */
#include "tls/params.h"

#include <stdlib.h>
#include <string.h>

bool
tls_is_required(const struct tls_params *params,
    const struct tls_policy *policy)
{
	return params->mode == TLS_ON
	    || (policy != NULL && policy->level != TLS_LEVEL_CONFIG);
}

const char *
tls_source_name(const struct tls_policy *policy)
{
	static const char *const names[] = {
		[TLS_BY_ACCOUNT] = NULL,
		[TLS_BY_DANE] = "DANE",
		[TLS_BY_MTA_STS] = "MTA-STS",
	};

	return policy != NULL ? names[policy->source] : NULL;
}

void
tls_policy_free(struct tls_policy *policy)
{
	for (size_t i = 0; i < policy->record_count; i++)
		str_free(&policy->records[i].data);
	free(policy->records);
	strv_free(&policy->names);
	*policy = (struct tls_policy){ 0 };
}

bool
tls_fingerprint_matches(const char *expected,
    const struct tls_fingerprints *actual)
{
	static const char of_key[] = "spki:";

	if (strncmp(expected, of_key, strlen(of_key)) == 0)
		return strcmp(expected + strlen(of_key), actual->key) == 0;
	return strcmp(expected, actual->certificate) == 0;
}
