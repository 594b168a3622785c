/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/select.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "config/resolve.h"
#include "mail/pattern.h"

/* alice+lists@example.org is alice@example.org; NULL: there is no detail. */
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
fits(const char *from, const struct user *user, const char *sender)
{
	char *expanded = NULL;
	bool matches = expand_names(from, user, &expanded, NULL)
	    && pattern_matches(expanded, sender);

	free(expanded);
	return matches;
}

static bool
account_matches(const struct settings *s, const struct user *user,
    const char *sender, struct selection *choice)
{
	const struct strv *from = &s->values.from;

	for (size_t i = 0; i < from->count; i++) {
		if (!fits(from->items[i], user, sender))
			continue;
		*choice = (struct selection){ .settings = s,
			.reason = SELECTED_BY_FROM,
			.from = from->items[i] };
		return true;
	}
	return false;
}

static bool
find_by_sender(const struct config *config, const struct user *user,
    const char *sender, struct selection *choice)
{
	for (size_t i = 0; i < config->count; i++)
		if (account_matches(config->accounts[i], user, sender, choice))
			return true;
	return false;
}

/* Looks for the sender as it is, else without its detail. */
static bool
find_for_sender(const struct config *config, const struct user *user,
    const char *sender, struct selection *choice)
{
	char *shorter;

	if (sender == NULL || *sender == '\0')
		return false;
	if (find_by_sender(config, user, sender, choice))
		return true;
	shorter = without_detail(sender);
	if (shorter != NULL)
		choice->shortened =
		    find_by_sender(config, user, shorter, choice);
	free(shorter);
	return choice->settings != NULL;
}

static const struct settings *
find_by_name(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->count; i++)
		if (strcmp(config->accounts[i]->values.name, name) == 0)
			return config->accounts[i];
	return NULL;
}

/* Appends what a reader needs to see why there is no account. */
static void
describe(const struct config *config, struct str *out)
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
	free(files);
	free(absent);
}

static bool
not_found(const struct config *config, const char *name, const char *sender,
    struct error *err)
{
	struct str known = { 0 };

	describe(config, &known);
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
config_select(const struct config *config, const struct user *user,
    const char *name, const char *sender, struct selection *choice,
    struct error *err)
{
	*choice = (struct selection){ .reason = SELECTED_BY_NAME };
	if (name != NULL) {
		choice->settings = find_by_name(config, name);
		return choice->settings != NULL
		    || not_found(config, name, NULL, err);
	}
	if (find_for_sender(config, user, sender, choice))
		return true;
	choice->reason = SELECTED_BY_DEFAULT;
	choice->settings = find_by_name(config, "default");
	return choice->settings != NULL || not_found(config, NULL, sender, err);
}
