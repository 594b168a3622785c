/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/priority.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/attr.h"

/* X25519 first: with GNUTLS_KEY_SHARE_TOP the only one that is computed. */
#define GROUPS \
	":-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1" \
	":+GROUP-SECP521R1:+GROUP-X448:+GROUP-FFDHE2048:+GROUP-FFDHE3072"

/*
 * Against who keeps today's traffic for tomorrow's computer, where GnuTLS has
 * it (since 3.8.9).  Last, and so without a key share: a server that prefers
 * it asks for one.
 */
#define QUANTUM_GROUP "X25519-MLKEM768"

/* What is added to the system's choice, the best first; a library or a policy
 * that does not take one gets the next. */
static const char *const additions[] = {
	GROUPS ":+GROUP-" QUANTUM_GROUP,
	GROUPS,
	"",
};

/* The minimum holds whatever the priorities are; older ones than the default
 * are added to ours only, not to those of the user. */
static const struct minimum {
	int version;
	const char *remove, *add;
} minimums[] = {
	{ 10, "-NULL", "+VERS-TLS1.1:+VERS-TLS1.0" },
	{ 11, "-NULL:-VERS-TLS1.0", "+VERS-TLS1.1" },
	{ 12, "-NULL:-VERS-TLS1.1:-VERS-TLS1.0", "+VERS-TLS1.2" },
	{ 13, "-NULL:-VERS-TLS1.2:-VERS-TLS1.1:-VERS-TLS1.0", "+VERS-TLS1.3" },
};

static const struct minimum *
find_minimum(int version)
{
	for (size_t i = 0; i < COUNT_OF(minimums); i++)
		if (minimums[i].version == version)
			return &minimums[i];
	return NULL;
}

/* Anonymous key exchange has no credentials and so never happens. */
static bool
make_of_user(const struct tls_priority_library *library, const char *user,
    const struct minimum *minimum, gnutls_priority_t *made, struct error *err)
{
	char *all = alloc_printf("%s:%s", user, minimum->remove);
	const char *at = all;
	int status = library->init(made, all, &at, 0);

	if (status < 0)
		error_set(err, ERROR_CONFIG,
		    "tls_priorities: \"%s\" is not understood from \"%s\" on: %s",
		    all, at, gnutls_strerror(status));
	free(all);
	return status >= 0;
}

static int
add_to_default(const struct tls_priority_library *library,
    const struct minimum *minimum, const char *addition,
    gnutls_priority_t *made)
{
	char *text =
	    alloc_printf("%s:%s%s", minimum->remove, minimum->add, addition);
	int status =
	    library->init(made, text, NULL, GNUTLS_PRIORITY_INIT_DEF_APPEND);

	free(text);
	return status;
}

static bool
make_of_default(const struct tls_priority_library *library,
    const struct minimum *minimum, gnutls_priority_t *made, struct error *err)
{
	bool known = library->group(QUANTUM_GROUP) != GNUTLS_GROUP_INVALID;
	int status = GNUTLS_E_INVALID_REQUEST;

	for (size_t i = known ? 0 : 1; status < 0 && i < COUNT_OF(additions);
	     i++)
		status = add_to_default(library, minimum, additions[i], made);
	return status >= 0
	    || error_set(err, ERROR_CONFIG,
		"the system's policy for GnuTLS leaves nothing for "
		"tls_min_version: %s",
		gnutls_strerror(status));
}

bool
tls_priority_make(const struct tls_priority_library *library, const char *user,
    int min_version, gnutls_priority_t *made, struct error *err)
{
	const struct minimum *minimum = find_minimum(min_version);

	if (minimum == NULL)
		return error_set(err, ERROR_CONFIG,
		    "tls_min_version: there is no such version of TLS");
	return user != NULL ? make_of_user(library, user, minimum, made, err)
			    : make_of_default(library, minimum, made, err);
}
