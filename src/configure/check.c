/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the account of --configure as the program will read it. */
#include "configure/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/strv.h"
#include "base/text.h"
#include "config/expand.h"
#include "config/file.h"
#include "config/select.h"
#include "mail/path.h"

/* Returns the only account of the text, or NULL. */
static const struct account *
read_account(struct config *config, const struct str *text, const char *name,
    const struct user *user)
{
	const struct account *a;

	if (!config_read_text(config, text, user, NULL) || config->count != 1)
		return NULL;
	a = &config->accounts[0]->values;
	return strcmp(a->name, name) == 0 ? a : NULL;
}

/* The names that `from` can contain are no part of an address. */
void
configure_add_from(struct str *out, const char *address)
{
	for (; *address != '\0'; address++) {
		if (*address == '%')
			str_add_char(out, '%');
		str_add_char(out, *address);
	}
}

static bool
is_from(const struct account *a, const char *address, const struct user *user)
{
	char *expanded = NULL;
	bool same = a->from.count == 1
	    && expand_names(a->from.items[0], user, &expanded, NULL)
	    && strcmp(expanded, address) == 0;

	free(expanded);
	return same;
}

bool
configure_check_name(const char *name, const struct user *user)
{
	struct config config = { 0 };
	struct str text = { 0 };
	bool ok;

	str_printf(&text, "account %s\n", name);
	ok = read_account(&config, &text, name, user) != NULL;
	config_free(&config);
	str_free(&text);
	return ok;
}

bool
configure_check_address(const char *address, const struct user *user,
    struct error *err)
{
	struct config config = { 0 };
	struct str text = { 0 };
	const struct account *a;
	bool ok;

	str_printf(&text, "account x\nuser %s\nfrom ", address);
	configure_add_from(&text, address);
	str_add_char(&text, '\n');
	a = read_account(&config, &text, "x", user);
	ok = a != NULL && !path_has_wildcard(address)
	    && strcmp(a->auth.user, address) == 0 && is_from(a, address, user);
	config_free(&config);
	str_free(&text);
	return ok
	    || error_set(err, ERROR_ADDRESS,
		"--configure: a configuration file cannot contain the address "
		"\"%s\" in \"from\"",
		address);
}

bool
configure_check_user(const char *login, const struct user *user)
{
	struct config config = { 0 };
	struct str text = { 0 };
	const struct account *a;
	bool ok;

	str_printf(&text, "account x\nuser %s\n", login);
	a = read_account(&config, &text, "x", user);
	ok = a != NULL && text_equal(a->auth.user, login);
	config_free(&config);
	str_free(&text);
	return ok;
}

/* Whether the value is the one that must be there, if one must. */
static bool
is_value(const char *value, const char *expected)
{
	return expected == NULL || text_equal(value, expected);
}

bool
configure_check_account(const struct configure_expected *e,
    const struct str *text, const struct user *user, struct error *err)
{
	struct config config = { 0 };
	const struct account *a = read_account(&config, text, e->name, user);
	const struct strv *hosts = a != NULL ? &a->hosts : NULL;
	bool ok = a != NULL && is_from(a, e->address, user) && hosts->count > 0
	    && text_equal(hosts->items[0], e->host)
	    && is_value(a->auth.user, e->login)
	    && is_value(a->passwordeval, e->passwordeval);

	config_free(&config);
	return ok
	    || error_set(err, ERROR_USAGE,
		"a configuration file cannot contain this account: change the "
		"name of -a or the user of --user");
}

/* The other accounts of the system come after those of the user. */
static void
find_first(const struct config *config, const struct configure_target *target,
    const char *address, struct str *first)
{
	struct selection selection;
	const struct account *a;

	if (!config_select(config, target->user, NULL, address, &selection,
		NULL)
	    || selection.reason != SELECTED_BY_FROM || selection.shortened)
		return;
	a = &selection.settings->values;
	if (!a->locked
	    && (a->origin.file == NULL
		|| strcmp(a->origin.file, target->file) != 0))
		return;
	str_printf(first, "\"%s\" in ", a->name);
	origin_describe(&a->origin, first);
}

bool
configure_check_file(const struct configure_target *target, const char *address,
    struct str *first, struct error *err)
{
	struct config_sources sources = { .user_file = target->file,
		.system_file = config_system_file(),
		.user = target->user,
		.without_commands = true };
	struct config config = { 0 };
	bool ok = true;

	if (target->file == NULL)
		return true;
	if (config_read(&config, &sources, NULL)) {
		find_first(&config, target, address, first);
	} else if (target->write) {
		/* An error in the system's file is no concern of this mode. */
		config_free(&config);
		sources.system_file = NULL;
		ok = config_read(&config, &sources, err)
		    || error_prefix(err, "--write: nothing was written");
	}
	config_free(&config);
	return ok;
}
