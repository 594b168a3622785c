/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks what an account of the service says about its clients. */
#include "relay/check.h"

#include "relay/policy.h"

void
service_check_account(const struct settings *settings, const struct user *user,
    struct findings *f)
{
	struct strv found = { 0 };

	policy_check_settings(settings, user, &found);
	for (size_t i = 0; i < found.count; i++) {
		findings_add(f, FINDING_FAIL, ITEM_USERS, "%s", found.items[i]);
		findings_mend(f, "change the line: see veredus-service(8)");
	}
	strv_free(&found);
}
