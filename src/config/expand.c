/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Replaces %U, %H, %C and %M by the names for which they stand. */
#include "config/expand.h"

#include <stdlib.h>
#include <string.h>

#include "base/host.h"
#include "base/str.h"

/* The letters that may follow "%", and the error if the name is unknown. */
static const char letters[] = EXPAND_LETTERS;
static const char *const unknown[] = {
	"the name of this user is unknown",
	"the name of this host is unknown",
	("this host has no fully qualified name: neither its host name nor "
	 "/etc/mailname nor /etc/hosts has one; write the name instead"),
	"/etc/mailname has no name on its first line; write the name instead",
};

static char *
name_for(char letter, const struct user *user)
{
	switch (letter) {
	case 'U':
		return user_name(user);
	case 'H':
		return host_name();
	case 'C':
		return host_fqdn();
	default:
		return host_mailname();
	}
}

bool
expand_names(const char *text, const struct user *user, char **out,
    struct error *err)
{
	struct str expanded = { 0 };

	for (; *text != '\0'; text++) {
		const char *letter = NULL;
		char *name;

		if (text[0] == '%' && text[1] != '\0')
			letter = strchr(letters, text[1]);
		if (letter == NULL) {
			str_add_char(&expanded, *text);
			text += text[0] == '%' && text[1] == '%';
			continue;
		}
		name = name_for(*letter, user);
		if (name == NULL) {
			str_free(&expanded);
			return error_set(err, ERROR_CONFIG, "%%%c: %s", *letter,
			    unknown[letter - letters]);
		}
		str_add(&expanded, name);
		free(name);
		text++;
	}
	*out = str_steal(&expanded);
	return true;
}
