/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/ca_store.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "base/attr.h"
#include "base/str.h"

/* The builder of a package may name another place. */
#ifndef TRUST_DIRECTORY
#define TRUST_DIRECTORY "/etc/ssl/certs"
#endif
#ifndef TRUST_BUNDLE
#define TRUST_BUNDLE "/etc/ssl/certs/ca-certificates.crt"
#endif

static const struct ca_store places[] = {
	{ TRUST_DIRECTORY, TRUST_BUNDLE },
	{ "/etc/pki/tls/certs", "/etc/pki/tls/certs/ca-bundle.crt" },
	{ "/etc/ssl/certs", "/etc/ssl/ca-bundle.pem" },
	{ "/etc/ssl/certs", "/etc/ssl/cert.pem" },
};

static bool
is_hash_name(const char *name)
{
	return strspn(name, "0123456789abcdef") == 8 && name[8] == '.';
}

static bool
has_hashes(const char *directory)
{
	DIR *folder = opendir(directory);
	const struct dirent *entry;
	bool found = false;

	if (folder == NULL)
		return false;
	while (!found && (entry = readdir(folder)) != NULL)
		found = is_hash_name(entry->d_name);
	closedir(folder);
	return found;
}

bool
tls_place_is_there(const struct ca_store *place)
{
	struct stat st;

	if (stat(place->bundle, &st) == 0 && S_ISREG(st.st_mode)
	    && st.st_size > 0)
		return true;
	return has_hashes(place->directory);
}

const struct ca_store *
tls_place_system(void)
{
	for (size_t i = 0; i < COUNT_OF(places); i++)
		if (tls_place_is_there(&places[i]))
			return &places[i];
	return NULL;
}

/* "A, B or C" */
static void
describe(struct str *out)
{
	for (size_t i = 0; i < COUNT_OF(places); i++)
		str_printf(out, "%s%s",
		    i == 0                         ? ""
			: i + 1 < COUNT_OF(places) ? ", "
						   : " or ",
		    places[i].bundle);
}

const struct ca_store *
tls_place_require(struct error *err)
{
	const struct ca_store *system = tls_place_system();
	struct str usual = { 0 };

	if (system != NULL)
		return system;
	describe(&usual);
	error_set(err, ERROR_CONFIG,
	    "tls_trust_file: the system has no trusted certificates in %s: "
	    "install them (ca-certificates) or name a file",
	    str_text(&usual));
	str_free(&usual);
	return NULL;
}
