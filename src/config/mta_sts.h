/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the search for policies of MTA-STS needs (route/sts_lookup.h), as an
 * account says it.
 */
#ifndef VEREDUS_CONFIG_MTA_STS_H
#define VEREDUS_CONFIG_MTA_STS_H

#include <stdbool.h>

#include "base/strv.h"
#include "base/user.h"
#include "config/account.h"
#include "route/sts_helper.h"
#include "route/sts_lookup.h"

struct mta_sts {
	struct sts_params params; /* borrows the rest */
	struct sts_helper helper;
	char *program;
	char *cache;
};

/* Whether policies can be fetched: the helper is installed. */
bool mta_sts_is_available(void);

/*
 * Replaces what m holds by what a resolved account says; borrows from it, and
 * from notes, which get what the log should know of each search.  NULL: no
 * policy is asked for.
 */
const struct sts_params *mta_sts_prepare(struct mta_sts *m,
    const struct account *account, const struct user *user, struct strv *notes);

/*
 * The folder of policies that an account without mta_sts_cache uses, which the
 * caller frees: for root that of the system, else XDG_CACHE_HOME/veredus/mta-sts
 * if the user owns the former, else one in the user's home; NULL without a home.
 */
char *mta_sts_usual_cache(const struct user *user);

void mta_sts_free(struct mta_sts *m);

#endif
