/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Builds the GnuTLS priority string and has GnuTLS parse it. */
#include "tls/priority.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"

/* X25519 is the first: with GNUTLS_KEY_SHARE_TOP only its key is computed. */
#define GROUPS \
	":-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1" \
	":+GROUP-SECP521R1:+GROUP-X448:+GROUP-FFDHE2048:+GROUP-FFDHE3072"

/*
 * Protects recorded traffic against future quantum computers; GnuTLS 3.8.9 or
 * later has it.  It is the last group, so the ClientHello has no key share for
 * it: a server that prefers it requests one.
 */
#define QUANTUM_GROUP "X25519-MLKEM768"

/* Added to the default priorities, the best first.  The next one is tried if
 * GnuTLS or the system's crypto policy rejects one. */
static const char *const additions[] = {
	GROUPS ":+GROUP-" QUANTUM_GROUP,
	GROUPS,
	"",
};

/*
 * The versions that each tls_min_version removes and adds.  Nothing is added to
 * tls_priorities.
 */
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

/*
 * Quotes the keyword of the user's text that GnuTLS points to.  It points to
 * none if each keyword is known, but together they leave nothing.
 */
static bool
reject(const char *user, ptrdiff_t at, int status, struct error *err)
{
	if (status == GNUTLS_E_NO_PRIORITIES_WERE_SET || at < 0
	    || (size_t)at >= strlen(user))
		return error_set_about(err, ERROR_CONFIG, "tls_priorities",
		    "\"%s\" does not leave a TLS version of at "
		    "least tls_min_version with a cipher and a key exchange",
		    user);
	return error_set_about(err, ERROR_CONFIG, "tls_priorities",
	    "GnuTLS does not know \"%.*s\", or does not "
	    "accept it here",
	    (int)strcspn(user + at, ":"), user + at);
}

/* For GnuTLS, versions of DTLS are enough. */
static bool
has_version(const struct tls_priority_library *library, gnutls_priority_t made)
{
	const unsigned *list = NULL;
	int count = library->versions(made, &list);

	for (int i = 0; i < count; i++)
		if (list[i] < GNUTLS_DTLS_VERSION_MIN)
			return true;
	return false;
}

/* Anonymous key exchange never happens, as there are no credentials for it. */
static bool
make_of_user(const struct tls_priority_library *library, const char *user,
    const struct minimum *minimum, gnutls_priority_t *made, struct error *err)
{
	char *all = alloc_printf("%s:%s", user, minimum->remove);
	const char *at = all;
	int status = library->init(made, all, &at, 0);

	if (status >= 0 && !has_version(library, *made))
		status = GNUTLS_E_NO_PRIORITIES_WERE_SET;
	if (status < 0)
		reject(user, at - all, status, err);
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
	    || error_set_about(err, ERROR_CONFIG, "tls_min_version",
		"the system's crypto policy for GnuTLS does not allow it: %s",
		gnutls_strerror(status));
}

bool
tls_priority_make(const struct tls_priority_library *library, const char *user,
    int min_version, gnutls_priority_t *made, struct error *err)
{
	const struct minimum *minimum = find_minimum(min_version);

	if (minimum == NULL)
		return error_set_about(err, ERROR_CONFIG, "tls_min_version",
		    "unknown TLS version");
	return user != NULL ? make_of_user(library, user, minimum, made, err)
			    : make_of_default(library, minimum, made, err);
}
