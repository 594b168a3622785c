/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * MTA-STS policies (route/sts.h).  Input: the text of a policy.
 *
 *   - Parsing succeeds, or there is a printable error and the policy is empty.
 *   - A valid policy has the version STSv1, the mode and max_age of the first
 *     fields of these names, a limited max_age, and MX patterns unless its mode
 *     is none.
 *   - Each MX pattern is a host name, perhaps after "*.", and is in the text.
 *   - A listed host is allowed.  "*." matches exactly one label.  A host is
 *     allowed only if a pattern matches it.
 */
#include <strings.h>

#include "fuzz.h"
#include "route/sts.h"

#define AGE_MAX 31557600

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Returns the text without surrounding blanks. */
static struct input
trim(struct input in)
{
	if (in.left > 0 && in.at[in.left - 1] == '\r')
		in.left--;
	while (in.left > 0 && is_blank(in.at[in.left - 1]))
		in.left--;
	for (; in.left > 0 && is_blank(*in.at); in.left--)
		in.at++;
	return in;
}

/* Returns the value of the first field of that name, or NULL. */
static char *
first_value(struct input text, const char *name)
{
	while (text.left > 0) {
		struct input line = input_split(&text, '\n');
		size_t len = strlen(name);

		if (line.left > len && strncasecmp(line.at, name, len) == 0
		    && line.at[len] == ':') {
			line.at += len + 1;
			line.left -= len + 1;
			line = trim(line);
			return input_text(&line);
		}
	}
	return NULL;
}

static void
check_fields(const struct input *text, const struct sts_policy *policy)
{
	static const char *const modes[] = { [STS_NONE] = "none",
		[STS_TESTING] = "testing",
		[STS_ENFORCE] = "enforce" };
	char *version = first_value(*text, "version");
	char *mode = first_value(*text, "mode");
	char *age = first_value(*text, "max_age");
	unsigned long long seconds;

	fuzz_assert(version != NULL && strcmp(version, "STSv1") == 0);
	fuzz_assert(mode != NULL && strcasecmp(mode, modes[policy->mode]) == 0);
	fuzz_assert(age != NULL && *age != '\0');
	seconds = strtoull(age, NULL, 10);
	fuzz_assert(policy->max_age == (seconds < AGE_MAX ? seconds : AGE_MAX));
	fuzz_assert(policy->mode == STS_NONE || policy->mx.count > 0);
	free(version);
	free(mode);
	free(age);
}

static bool
has(const struct sts_policy *policy, const char *pattern)
{
	return strv_has_nocase(&policy->mx, pattern);
}

/* Compares sts_allows() with a second implementation. */
static void
check_host(const struct sts_policy *policy, const char *host)
{
	struct str pattern = { 0 };
	bool named = has(policy, host);

	str_printf(&pattern, "*%s", strchr(host, '.') ? strchr(host, '.') : "");
	named = named
	    || (host[0] != '.' && pattern.len > 1
		&& has(policy, str_text(&pattern)));
	fuzz_assert_text(sts_allows(policy, host) == named, host);
	str_free(&pattern);
}

static void
check_pattern(const struct input *text, const struct sts_policy *policy,
    const char *pattern)
{
	const char *name = pattern;
	struct str below = { 0 };

	if (strncmp(name, "*.", 2) == 0)
		name += 2;
	fuzz_assert(*name != '\0' && strlen(name) <= 254);
	fuzz_assert(name[strspn(name,
			"abcdefghijklmnopqrstuvwxyz0123456789-_."
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ")]
	    == '\0');
	fuzz_assert(memmem(text->at, text->left, pattern, strlen(pattern)));
	fuzz_assert(name != pattern || sts_allows(policy, pattern));
	check_host(policy, name);
	str_printf(&below, "a.%s", name);
	fuzz_assert(name == pattern || sts_allows(policy, str_text(&below)));
	check_host(policy, str_text(&below));
	str_truncate(&below, 0);
	str_printf(&below, "a.b.%s", name);
	check_host(policy, str_text(&below));
	str_free(&below);
}

static void
fuzz_one(const char *data, size_t size)
{
	const struct input in = { data, size };
	char *copy = input_copy(&in);
	const struct input text = { copy, size };
	struct sts_policy policy;
	struct error err = { 0 };
	bool ok = sts_parse(copy, size, &policy, &err);

	fuzz_check_result(ok, &err);
	fuzz_assert(!ok || size <= STS_TEXT_MAX);
	if (ok)
		check_fields(&text, &policy);
	else
		fuzz_assert(policy.mx.items == NULL && policy.mx.count == 0);
	for (size_t i = 0; i < policy.mx.count && i < 20; i++)
		check_pattern(&text, &policy, policy.mx.items[i]);
	sts_policy_free(&policy);
	error_free(&err);
	free(copy);
}
