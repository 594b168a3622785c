/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parameters of MTA-STS lookups (route/sts_lookup.h) for an account.
 */
#ifndef VEREDUS_CONFIG_MTA_STS_H
#define VEREDUS_CONFIG_MTA_STS_H

#include <stdbool.h>

#include "base/strv.h"
#include "base/user.h"
#include "config/account.h"
#include "route/sts_lookup.h"

struct mta_sts {
	struct sts_params params; /* borrows the other members */
	struct sts_helper helper;
	char *program;
	char *cache;
};

/* Whether policies can be fetched, because the helper program is installed. */
bool mta_sts_is_available(void);

/*
 * Replaces the contents of m by the settings of a resolved account.  Borrows from
 * the account, and from notes, which get the remarks of the lookups for the log.
 * Returns the parameters, or NULL if no policy is looked up.
 */
const struct sts_params *mta_sts_prepare(struct mta_sts *m,
    const struct account *account, const struct user *user, struct strv *notes);

/*
 * Returns the folder with cached policies for an account without mta_sts_cache:
 * for root a folder of the system; for others XDG_CACHE_HOME/veredus/mta-sts if
 * the user owns XDG_CACHE_HOME, else a folder in the user's home, or NULL without
 * a home.  The caller frees the result.
 */
char *mta_sts_usual_cache(const struct user *user);

void mta_sts_free(struct mta_sts *m);

#endif
