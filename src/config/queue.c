/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds the queue of a configuration.
 */
#include "config/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/str.h"
#include "config/option.h"
#include "config/option_names.h"
#include "config/option_print.h"

#define USER_FOLDER "veredus/queue"

char *
queue_default_folder(const struct user *user)
{
	const char *state;

	if (user->is_service)
		return alloc_string(LOCALSTATEDIR "/lib/" USER_FOLDER);
	if (user->uid == 0)
		return alloc_string(LOCALSTATEDIR "/spool/veredus");
	state = user_folder(user, "XDG_STATE_HOME");
	if (state != NULL)
		return alloc_printf("%s/" USER_FOLDER, state);
	return user_owns_home(user)
	    ? alloc_printf("%s/.local/state/" USER_FOLDER, user->home)
	    : NULL;
}

void
queue_params_resolve(struct queue_params *params, const struct user *user)
{
	/* The texts were checked when they were set. */
	queue_parse_retry(params->retry, &params->schedule);
	queue_parse_limit(params->limit, &params->max_messages,
	    &params->max_octets);
	for (size_t i = 0; i < RATE_KINDS; i++)
		if (params->rate.texts[i] != NULL)
			queue_parse_rate(params->rate.texts[i],
			    &params->rate.limits[i]);
	if (params->folder == NULL
	    && (params->mode != QUEUE_MODE_OFF || queue_keeps_tokens(params)))
		params->folder = queue_default_folder(user);
}

/* The settings of the queue, and then of the service, as a whole. */
static const char *const common[] = { "queue_dir", "queue_limit",
	"queue_failed", "bounce_to", "client_timeout", "sessions_user" };

/* Returns the first account in which the setting was written, or NULL. */
static const struct account *
first_with(const struct config *config, const char *setting)
{
	for (size_t i = 0; i < config->count; i++)
		if (account_has(&config->accounts[i]->values, setting))
			return &config->accounts[i]->values;
	return NULL;
}

static bool
differ(const struct account *a, const struct account *b, const char *setting)
{
	const struct option_row *row = option_find(setting);
	struct str first = { 0 };
	struct str second = { 0 };
	bool result;

	option_print(a, row, &first);
	option_print(b, row, &second);
	result = strcmp(str_text(&first), str_text(&second)) != 0;
	str_free(&first);
	str_free(&second);
	return result;
}

static bool
fail(const struct account *a, const struct account *b, const char *setting,
    struct error *err)
{
	struct str first = { 0 };
	struct str second = { 0 };

	account_describe_setting(a, setting, &first);
	account_describe_setting(b, setting, &second);
	error_set(err, ERROR_CONFIG,
	    "%s has another value than %s: it must be the same for all "
	    "accounts",
	    second.data, first.data);
	str_free(&first);
	str_free(&second);
	return false;
}

/* A line in "defaults" may also name the account itself. */
static bool
check_alert_account(const struct config *config, const struct account *a,
    struct error *err)
{
	const char *name = a->queue.alert_account;
	struct str setting = { 0 };

	if (name == NULL || config_find(config, name) != NULL)
		return true;
	account_describe_setting(a, "alert_account", &setting);
	error_set_about(err, ERROR_CONFIG, str_text(&setting),
	    "there is no account \"%s\"", name);
	str_free(&setting);
	return false;
}

bool
config_check_queue(const struct config *config, struct error *err)
{
	for (size_t i = 0; i < config->count; i++)
		if (!check_alert_account(config, &config->accounts[i]->values,
			err))
			return false;
	if (config->count < 2)
		return true;
	for (size_t k = 0; k < COUNT_OF(common); k++) {
		const struct account *a = first_with(config, common[k]);

		for (size_t i = 0; a != NULL && i < config->count; i++) {
			const struct account *b = &config->accounts[i]->values;

			if (account_has(b, common[k])
			    && differ(a, b, common[k]))
				return fail(a, b, common[k], err);
		}
	}
	return true;
}

void
config_queue_params(const struct config *config, const struct user *user,
    struct queue_params *params)
{
	struct settings settings;

	settings_init(&settings, "default");
	for (size_t k = 0; k < COUNT_OF(common); k++) {
		const struct account *a = first_with(config, common[k]);

		if (a != NULL)
			option_copy(&settings.values, a,
			    option_find(common[k]));
	}
	*params = settings.values.queue;
	params->folder = alloc_string(settings.values.queue.folder);
	params->retry = alloc_string(settings.values.queue.retry);
	params->limit = alloc_string(settings.values.queue.limit);
	params->bounce_to = alloc_string(settings.values.queue.bounce_to);
	settings_free(&settings);
	queue_params_resolve(params, user);
	if (params->folder == NULL)
		params->folder = queue_default_folder(user);
}

void
queue_params_free(struct queue_params *params)
{
	free(params->folder);
	free(params->retry);
	free(params->limit);
	free(params->bounce_to);
	*params = (struct queue_params){ 0 };
}
