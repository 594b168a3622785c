/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Selects the accounts with OAuth2, and starts veredus-oauth for them.
 */
#include "modes/login_account.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "config/oauth.h"
#include "config/oauth_token.h"
#include "oauth/request.h"

bool
login_accounts(const struct context *context, struct strv *names,
    struct error *err)
{
	const struct config *config = &context->config;

	if (context->cmdline->account != NULL)
		strv_add(names, context->cmdline->account);
	for (size_t i = 0;
	     context->cmdline->account == NULL && i < config->count; i++)
		if (account_uses_oauth(&config->accounts[i]->values)
		    && !strv_has(names, config->accounts[i]->values.name))
			strv_add(names, config->accounts[i]->values.name);
	return names->count > 0 || cmdline_has_host(context->cmdline)
	    || error_set(err, ERROR_CONFIG,
		"no account has oauth_provider: see veredus.conf(5)");
}

bool
login_one_account(const struct context *context, char **name, struct error *err)
{
	struct strv names = { 0 };
	bool ok = login_accounts(context, &names, err);
	char *list;

	if (ok && names.count > 1) {
		list = strv_join(&names, ", ");
		ok = error_set(err, ERROR_USAGE,
		    "several accounts have OAuth2: choose one of %s with -a",
		    list);
		free(list);
	} else if (ok && names.count == 1) {
		*name = alloc_string(names.items[0]);
	}
	strv_free(&names);
	return ok;
}

static bool
is_service_file(const char *path)
{
	struct stat given, service;

	return path != NULL && stat(path, &given) == 0
	    && stat(config_service_file(), &service) == 0
	    && given.st_dev == service.st_dev && given.st_ino == service.st_ino;
}

/* The service's tokens are in its own folder.  Root, who logs in for it, has no
 * other way to say so than to name its file.  False if the folder, whose owner is
 * the user of the service, does not exist. */
static bool
use_service(struct context *context)
{
	struct stat st;

	if (context->user.uid != 0
	    || !is_service_file(context->cmdline->config_file))
		return true;
	if (stat(oauth_service_folder, &st) < 0)
		return false;
	context->user.uid = st.st_uid;
	context->user.is_service = true;
	return true;
}

/* Root would follow what the service may put in its way, and keep the folders that
 * it makes. */
bool
login_as_owner(const struct context *context, bool (*work)(const void *ctx),
    const void *ctx)
{
	int failure;
	struct stat st;
	bool ok;

	if (!context->user.is_service || geteuid() != 0)
		return work(ctx);
	if (stat(oauth_service_folder, &st) < 0)
		return false;
	ok = setegid(st.st_gid) == 0 && seteuid(st.st_uid) == 0 && work(ctx);
	failure = errno;
	if (seteuid(0) < 0 || setegid(0) < 0)
		return false;
	errno = failure;
	return ok;
}

static bool
make(const void *path)
{
	return file_make_folder(path);
}

/* For root, who logs in for the service. */
static bool
make_folder(const struct context *context, const struct oauth_params *p,
    struct error *err)
{
	return !context->user.is_service || geteuid() != 0
	    || login_as_owner(context, make, p->store)
	    || error_set(err, ERROR_CONFIG,
		"cannot make %s as the user of the service (uid %lu): %s",
		p->store, (unsigned long)context->user.uid, strerror(errno));
}

bool
login_select(struct context *context, const char *name, struct oauth_params *p,
    struct error *err)
{
	const struct cmdline *given = context->cmdline;
	struct cmdline chosen = *given;
	bool has_owner = use_service(context);
	bool ok;

	if (name != NULL)
		chosen.account = alloc_string(name);
	context->cmdline = &chosen;
	ok = context_select_account(context, err);
	context->cmdline = given;
	if (name != NULL)
		free(chosen.account);
	if (ok && !account_uses_oauth(&context->account))
		ok = error_set(err, ERROR_CONFIG,
		    "account %s does not use OAuth2: set oauth_provider",
		    context->account.name);
	if (ok && !has_owner && context->account.oauth.store == NULL)
		ok = error_set(err, ERROR_CONFIG,
		    "%s, which belongs to the user of the service, does not "
		    "exist: see veredus-service(8)",
		    oauth_service_folder);
	if (!ok)
		return false;
	oauth_params_fill(&context->account, &context->user, p);
	p->retry = true;
	return make_folder(context, p, err);
}

bool
login_start(const struct context *context, struct oauth_params *p,
    const char *word, struct helper *h, struct error *err)
{
	struct str request = { 0 };
	char *program = oauth_program();
	bool ok = oauth_program_exists(&context->account, err)
	    && oauth_fill_secrets(&context->account, &context->user, p, err)
	    && oauth_request_write(p, &request, err)
	    && helper_start(h, program, word, err)
	    && helper_write(h, request.data, request.len, err);

	str_wipe(&request);
	free(program);
	return ok;
}

bool
login_run(const struct context *context, struct oauth_params *p,
    const char *word, struct helper *h, struct error *err)
{
	const struct account *a = &context->account;
	int status = 0;

	return oauth_program_exists(a, err)
	    && oauth_fill_secrets(a, &context->user, p, err)
	    && oauth_helper_run(p, word, h, &status, err)
	    && (status == 0 || oauth_helper_failed(a, status, &h->errors, err));
}
