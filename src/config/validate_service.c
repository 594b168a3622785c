/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Validates lists of users, rules about senders, sizes, and archives. */
#include "config/validate_service.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "base/user_list.h"
#include "config/account.h"
#include "config/sender_rule.h"

bool
validate_users(char **value, struct error *err)
{
	struct user_list ignored = { 0 };
	bool ok = user_list_parse(&ignored, *value, err);

	user_list_free(&ignored);
	return ok;
}

bool
validate_sender_login(char **value, struct error *err)
{
	struct sender_rule ignored = { 0 };
	bool ok = sender_rule_parse(&ignored, *value, err);

	sender_rule_free(&ignored);
	return ok;
}

bool
validate_octets(char **value, struct error *err)
{
	uint64_t octets = 0;

	return (text_octets(*value, INT64_MAX, &octets) && octets > 0)
	    || error_set(err, ERROR_CONFIG,
		"\"%s\" is not a number of octets such as 500k, 25m or 1g",
		*value);
}

bool
validate_archive(char **value, struct error *err)
{
	const char *folder = *value + strlen(ARCHIVE_MAILDIR);

	return (strncmp(*value, ARCHIVE_MAILDIR, strlen(ARCHIVE_MAILDIR)) == 0
		   && (*folder == '/' || strncmp(folder, "~/", 2) == 0))
	    || error_set(err, ERROR_CONFIG,
		"\"%s\" is not a folder such as \"maildir:/var/mail/sent\"",
		*value);
}
