/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes the commands of secret-tool for an account. */
#include "configure/keyring.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "modes/output.h"

#define PROGRAM "secret-tool"

/* Whether a folder of the list has the program; as in a shell, an empty name is the
 * current folder. */
static bool
is_on_path(const char *list)
{
	char path[PATH_MAX];

	while (list != NULL) {
		size_t len = strcspn(list, ":");

		snprintf(path, sizeof(path), "%.*s/" PROGRAM,
		    len > 0 ? (int)len : 1, len > 0 ? list : ".");
		if (access(path, X_OK) == 0)
			return true;
		list = list[len] == ':' ? list + len + 1 : NULL;
	}
	return false;
}

bool
configure_keyring_check(struct error *err)
{
	return is_on_path(getenv("PATH"))
	    || error_set(err, ERROR_CONFIG,
		"--keyring: " PROGRAM " is not on PATH: install it "
		"(libsecret-tools in Debian), or leave --keyring out");
}

static void
add_attributes(struct str *out, const char *address, const char *host)
{
	const char *const words[] = { "service", "smtp", "user", address,
		"host", host, NULL };

	for (size_t i = 0; words[i] != NULL; i++) {
		str_add_char(out, ' ');
		output_word(out, words[i]);
	}
}

char *
configure_keyring_lookup(const char *address, const char *host)
{
	struct str out = { 0 };

	str_add(&out, PROGRAM " lookup");
	add_attributes(&out, address, host);
	return str_steal(&out);
}

char *
configure_keyring_store(const char *address, const char *host)
{
	struct str out = { 0 }, label = { 0 };

	str_printf(&label, "--label=Mail of %s", address);
	str_add(&out, PROGRAM " store ");
	output_word(&out, str_text(&label));
	add_attributes(&out, address, host);
	str_free(&label);
	return str_steal(&out);
}
