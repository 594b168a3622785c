/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Parses a rule about senders. */
#include "config/sender_rule.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "config/validate.h"

static bool
check_pattern(struct sender_rule *rule, struct error *err)
{
	return strcmp(rule->pattern, SENDER_RULE_NULL) == 0
	    || validate_from(&rule->pattern, err);
}

bool
sender_rule_parse(struct sender_rule *rule, const char *text, struct error *err)
{
	size_t len = strcspn(text, " \t");
	const char *users = text + len + strspn(text + len, " \t");

	rule->pattern = alloc_string_n(text, len);
	if (len == 0 || *users == '\0')
		return error_set(err, ERROR_CONFIG,
		    "\"%s\" is not \"PATTERN USERS\": * stands for all users",
		    text);
	return check_pattern(rule, err)
	    && user_list_parse(&rule->users, users, err);
}

void
sender_rule_free(struct sender_rule *rule)
{
	free(rule->pattern);
	user_list_free(&rule->users);
	free(rule->place);
	*rule = (struct sender_rule){ 0 };
}
