/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the CA certificates of the system, in the bundles stores. */
#include "tls/ca_store.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "base/attr.h"
#include "base/str.h"

/* A package may define other paths. */
#ifndef TRUST_DIRECTORY
#define TRUST_DIRECTORY "/etc/ssl/certs"
#endif
#ifndef TRUST_BUNDLE
#define TRUST_BUNDLE "/etc/ssl/certs/ca-certificates.crt"
#endif

static const struct ca_store stores[] = {
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
ca_store_exists(const struct ca_store *store)
{
	struct stat st;

	if (stat(store->bundle, &st) == 0 && S_ISREG(st.st_mode)
	    && st.st_size > 0)
		return true;
	return has_hashes(store->directory);
}

void
ca_store_places(struct strv *places)
{
	for (size_t i = 0; i < COUNT_OF(stores); i++) {
		if (!strv_has(places, stores[i].directory))
			strv_add(places, stores[i].directory);
		strv_add(places, stores[i].bundle);
	}
}

/* "A, B or C" */
static void
list_bundles(struct str *out)
{
	for (size_t i = 0; i < COUNT_OF(stores); i++)
		str_printf(out, "%s%s",
		    i == 0                         ? ""
			: i + 1 < COUNT_OF(stores) ? ", "
						   : " or ",
		    stores[i].bundle);
}

const struct ca_store *
ca_store_find(struct error *err)
{
	struct str bundles = { 0 };

	for (size_t i = 0; i < COUNT_OF(stores); i++)
		if (ca_store_exists(&stores[i]))
			return &stores[i];
	list_bundles(&bundles);
	error_set_about(err, ERROR_CONFIG, "tls_trust_file",
	    "the system has no CA certificates in %s: install "
	    "the package ca-certificates, or set a file",
	    str_text(&bundles));
	str_free(&bundles);
	return NULL;
}
