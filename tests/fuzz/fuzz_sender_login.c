/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rules about senders (config/sender_login.h).  Input: a line with a rule, and
 * an address.
 *
 *   - A rule that is valid has a pattern without blanks and at least one user.
 *   - Whether a rule fits an address does not depend on the case of either.
 *   - The null sender fits "<>" alone, and "<>" only the null sender.
 *   - An address without wildcards fits itself as a pattern.
 */
#include "base/alloc.h"
#include "base/text.h"
#include "config/option.h"
#include "config/option_names.h"
#include "config/sender_login.h"
#include "fuzz.h"
#include "mail/path.h"

static char *
upper(const char *text)
{
	char *copy = alloc_string(text);

	for (char *p = copy; *p != '\0'; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	return copy;
}

static void
check_rule(const char *text)
{
	struct sender_rule rule = { 0 };
	struct error err = { 0 };

	if (sender_rule_parse(&rule, text, &err)) {
		fuzz_assert(rule.pattern[0] != '\0');
		fuzz_assert(rule.pattern[strcspn(rule.pattern, " \t")] == '\0');
		fuzz_assert(rule.users.count > 0);
	} else {
		fuzz_check_error(&err);
		fuzz_assert(err.kind == ERROR_CONFIG);
	}
	sender_rule_free(&rule);
	error_free(&err);
}

/* Whether the pattern fits the address, for a user without a name to look up. */
static bool
fits(const char *pattern, const char *address, bool *valid)
{
	static const struct option_context context = {
		.origin = { .kind = ORIGIN_COMMAND_LINE }
	};
	char *text = alloc_printf("%s *", pattern);
	struct sender_rules rules = { 0 };
	struct user user = { 0 };
	struct settings s;
	bool result = false;

	user_init_service(&user, 1000, "alice");
	settings_init(&s, "a");
	*valid = strchr(pattern, '%') == NULL
	    && option_set(&s, option_find("sender_login"), text, &context, NULL)
	    && sender_rules_init(&rules, &s.values, &user, false, NULL, NULL);
	if (*valid)
		result = sender_rules_find(&rules, address) != NULL;
	sender_rules_free(&rules);
	settings_free(&s);
	user_free(&user);
	free(text);
	return result;
}

static void
check_address(const char *pattern, const char *address)
{
	char *other_pattern = upper(pattern), *other = upper(address);
	bool valid, same_valid;
	bool result = fits(pattern, address, &valid);

	if (valid) {
		fuzz_assert(fits(pattern, other, &same_valid) == result);
		fuzz_assert(
		    fits(other_pattern, address, &same_valid) == result);
		fuzz_assert(!result
		    || (*address == '\0') == (strcmp(pattern, "<>") == 0));
	}
	result = fits(address, address, &valid);
	fuzz_assert(
	    !valid || *address == '\0' || path_has_wildcard(address) || result);
	free(other_pattern);
	free(other);
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { .at = data, .left = size };
	struct input line = input_split(&in, '\n');
	char *rule = input_text(&line), *address = input_text(&in);
	char *pattern = alloc_string_n(rule, strcspn(rule, " \t"));

	check_rule(rule);
	if (path_check(address, NULL))
		check_address(pattern, address);
	free(pattern);
	free(rule);
	free(address);
}
