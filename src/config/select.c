/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Selects an account by name, by the sender, or as the default.
 */
#include "config/select.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/text.h"
#include "config/expand.h"
#include "mail/path.h"

/* Turns alice+lists@example.org into alice@example.org; NULL if there is no
 * detail after a "+". */
static char *
without_detail(const char *sender)
{
	const char *at = strrchr(sender, '@');
	const char *plus = strchr(sender, '+');
	int len;

	if (plus == NULL || plus == sender || (at != NULL && plus > at))
		return NULL;
	len = (int)(plus - sender);
	return alloc_printf("%.*s%s", len, sender, at != NULL ? at : "");
}

/* A pattern that cannot be expanded matches no sender. */
static bool
matches(const char *from, const struct user *user, const char *sender)
{
	char *expanded = NULL;
	bool ok = expand_names(from, user, &expanded, NULL)
	    && path_matches(expanded, sender);

	free(expanded);
	return ok;
}

/* Returns the `from` of the account, or the login in place of a missing one,
 * that matches the sender; or NULL. */
static const char *
matching_from(const struct account *a, const struct user *user,
    const char *sender)
{
	for (size_t i = 0; i < a->from.count; i++)
		if (matches(a->from.items[i], user, sender))
			return a->from.items[i];
	if (a->from.count == 0 && account_login_is_sender(a)
	    && text_equal_nocase(a->auth.user, sender))
		return a->auth.user;
	return NULL;
}

static bool
find_by_sender(const struct config *config, const struct user *user,
    const char *sender, struct selection *selection)
{
	for (size_t i = 0; i < config->count; i++) {
		const struct settings *s = config->accounts[i];

		const char *from = matching_from(&s->values, user, sender);

		if (from == NULL)
			continue;
		*selection = (struct selection){ .settings = s,
			.reason = SELECTED_BY_FROM,
			.from = from };
		return true;
	}
	return false;
}

/* Looks for the whole sender, then for the sender without its detail. */
static bool
find_for_sender(const struct config *config, const struct user *user,
    const char *sender, struct selection *selection)
{
	char *shorter;

	if (sender == NULL || *sender == '\0')
		return false;
	if (find_by_sender(config, user, sender, selection))
		return true;
	shorter = without_detail(sender);
	if (shorter != NULL)
		selection->shortened =
		    find_by_sender(config, user, shorter, selection);
	free(shorter);
	return selection->settings != NULL;
}

/* Appends which files were read and which accounts they define. */
static void
describe(const struct config *config, bool wants_default, struct str *out)
{
	char *files = strv_join(&config->files, ", ");
	char *absent = strv_join(&config->absent, ", ");

	if (config->files.count == 0 && config->absent.count > 0)
		str_printf(out, "no configuration file found (looked for %s)",
		    absent);
	else if (config->files.count == 0)
		str_add(out, "no configuration file was read");
	else
		str_printf(out, "files read: %s", files);
	if (config->files.count > 0 && config->absent.count > 0)
		str_printf(out, " (not found: %s)", absent);
	if (config->count > 0)
		str_add(out, "; accounts: ");
	else if (config->files.count > 0)
		str_add(out, "; they define no accounts");
	for (size_t i = 0; i < config->count; i++)
		str_printf(out, "%s%s", i > 0 ? ", " : "",
		    config->accounts[i]->values.name);
	if (wants_default && config->count > 0)
		str_printf(out,
		    "; to make one of them the default, add the line "
		    "\"account default : %s\" to its file",
		    config->accounts[0]->values.name);
	free(files);
	free(absent);
}

static bool
not_found(const struct config *config, const char *name, const char *sender,
    struct error *err)
{
	struct str known = { 0 };

	describe(config, name == NULL, &known);
	if (name != NULL)
		error_set(err, ERROR_CONFIG, "there is no account \"%s\"; %s",
		    name, str_text(&known));
	else if (sender != NULL)
		error_set(err, ERROR_CONFIG,
		    "no account has a from that matches <%s>, and there is no "
		    "account \"default\"; %s",
		    sender, str_text(&known));
	else
		error_set(err, ERROR_CONFIG,
		    "there is no account \"default\"; %s", str_text(&known));
	str_free(&known);
	return false;
}

bool
config_may_select(const struct config *config, const struct settings *account,
    const char *name)
{
	const struct account *a = &account->values;

	if (name != NULL)
		return account == config_find(config, name);
	return a->from.count > 0 || account_login_is_sender(a)
	    || account == config_find(config, "default");
}

bool
config_select(const struct config *config, const struct user *user,
    const char *name, const char *sender, struct selection *selection,
    struct error *err)
{
	*selection = (struct selection){ .reason = SELECTED_BY_NAME };
	if (name != NULL) {
		selection->settings = config_find(config, name);
		return selection->settings != NULL
		    || not_found(config, name, NULL, err);
	}
	if (find_for_sender(config, user, sender, selection))
		return true;
	selection->reason = SELECTED_BY_DEFAULT;
	selection->settings = config_find(config, "default");
	return selection->settings != NULL
	    || not_found(config, NULL, sender, err);
}
