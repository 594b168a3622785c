/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes the parameters of MTA-STS lookups from the settings of an account.
 */
#include "config/mta_sts.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/helper_program.h"
#include "base/user.h"

#ifndef LOCALSTATEDIR
#define LOCALSTATEDIR "/var"
#endif

#define PROGRAM "veredus-sts-fetch"
#define FOLDER "veredus/mta-sts"

char *
mta_sts_usual_cache(const struct user *user)
{
	const char *caches = user_folder(user, "XDG_CACHE_HOME");

	/* The folder in /var/cache is that of root. */
	if (user->is_service)
		return alloc_string(LOCALSTATEDIR "/lib/" FOLDER);
	if (user->uid == 0)
		return alloc_string(LOCALSTATEDIR "/cache/" FOLDER);
	if (caches != NULL)
		return alloc_printf("%s/" FOLDER, caches);
	if (user->home != NULL)
		return alloc_printf("%s/.cache/" FOLDER, user->home);
	return NULL;
}

bool
mta_sts_is_available(void)
{
	return helper_is_installed(PROGRAM);
}

const struct sts_params *
mta_sts_prepare(struct mta_sts *m, const struct account *account,
    const struct user *user, struct strv *notes)
{
	const struct mta_sts_settings *settings = &account->mta_sts;
	const char *trust = account->tls.trust_file;

	mta_sts_free(m);
	if (!account_uses_mx(account) || settings->mode == MTA_STS_OFF)
		return NULL;
	m->program = helper_program(PROGRAM);
	if (settings->mode == MTA_STS_AUTO && !mta_sts_is_available())
		return NULL;
	if (settings->cache != NULL)
		m->cache = alloc_string(settings->cache);
	/* No file of the user changes a locked account. */
	else if (!account->locked || user->uid == 0)
		m->cache = mta_sts_usual_cache(user);
	m->helper = (struct sts_helper){ .program = m->program,
		.server = settings->server,
		.trust_file = strcmp(trust, "system") != 0 ? trust : NULL,
		.no_sandbox = account->sandbox == SANDBOX_MODE_OFF };
	m->params = (struct sts_params){ .cache = m->cache,
		.fetch = sts_helper_fetch,
		.ctx = &m->helper,
		.notes = notes };
	return &m->params;
}

void
mta_sts_free(struct mta_sts *m)
{
	free(m->program);
	free(m->cache);
	*m = (struct mta_sts){ 0 };
}
