/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parses the TXT records and policies of MTA-STS (RFC 8461), and applies a
 * policy to the hosts of a destination.
 */
#include "route/sts.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/idna.h"
#include "base/str.h"
#include "base/text.h"

/* The longest age that may be asked for (RFC 8461 section 3.2). */
#define MAX_AGE_MAX 31557600

#define ID_MAX 32

static char *
skip_spaces(char *text)
{
	while (text_is_space((unsigned char)*text))
		text++;
	return text;
}

static void
cut_spaces(char *text)
{
	size_t len = strlen(text);

	while (len > 0 && text_is_space((unsigned char)text[len - 1]))
		len--;
	text[len] = '\0';
}

static bool
is_id(const char *value)
{
	size_t len = 0;

	for (; value[len] != '\0'; len++) {
		int c = text_lower((unsigned char)value[len]);

		if (!text_is_digit(c) && (c < 'a' || c > 'z'))
			return false;
	}
	return len > 0 && len <= ID_MAX;
}

/*
 *   sts-field = name "=" value
 *   value     = 1*(%x21-3A / %x3C / %x3E-7E)
 *
 * Ends the name and returns the value; NULL if the field is malformed.  Any
 * name is accepted.
 */
static char *
split_field(char *field)
{
	char *value = field + strcspn(field, "= \t");

	if (value == field || *value != '=')
		return NULL;
	*value++ = '\0';
	return *value != '\0' && strpbrk(value, "= \t") == NULL ? value : NULL;
}

/*
 *   sts-text-record = "v=STSv1" 1*(sts-field-delim sts-field)
 *                     [sts-field-delim]
 *   sts-field-delim = *WSP ";" *WSP
 *
 * Parses what follows the version.  Returns NULL if the record is malformed or
 * has no id.
 */
static const char *
parse_id(char *rest)
{
	const char *id = NULL;
	char *field;

	strsep(&rest, ";");
	while ((field = strsep(&rest, ";")) != NULL) {
		const char *value;

		field = skip_spaces(field);
		cut_spaces(field);
		if (*field == '\0' && rest == NULL)
			break;
		value = split_field(field);
		if (value == NULL)
			return NULL;
		if (id == NULL && text_equal_nocase(field, "id"))
			id = value;
	}
	return id != NULL && is_id(id) ? id : NULL;
}

char *
sts_record_id(const struct dns_answer *txt)
{
	static const char version[] = "v=STSv1";
	const char *found = NULL;
	char *copy, *id;

	for (size_t i = 0; i < txt->count; i++) {
		const struct str *data = &txt->records[i].data;
		const char *rest;

		if (strncmp(str_text(data), version, sizeof(version) - 1) != 0)
			continue;
		rest = data->data + sizeof(version) - 1;
		if (rest[strspn(rest, " \t")] != ';')
			continue;
		/* A domain with two records has no policy. */
		if (found != NULL || strlen(data->data) != data->len)
			return NULL;
		found = rest;
	}
	if (found == NULL)
		return NULL;
	copy = alloc_string(found);
	id = alloc_string(parse_id(copy));
	free(copy);
	return id;
}

static bool
parse_version(struct sts_policy *policy ATTR_UNUSED, const char *value)
{
	return strcmp(value, "STSv1") == 0;
}

static const char *const modes[] = { [STS_NONE] = "none",
	[STS_TESTING] = "testing",
	[STS_ENFORCE] = "enforce" };

static bool
parse_mode(struct sts_policy *policy, const char *value)
{
	for (size_t i = 0; i < COUNT_OF(modes); i++)
		if (text_equal_nocase(value, modes[i])) {
			policy->mode = (enum sts_mode)i;
			return true;
		}
	return false;
}

static bool
parse_max_age(struct sts_policy *policy, const char *value)
{
	unsigned long long age = 0;
	bool ok =
	    strlen(value) <= 10 && text_number(value, 0, 9999999999, &age);

	policy->max_age =
	    (unsigned long)(age < MAX_AGE_MAX ? age : MAX_AGE_MAX);
	return ok;
}

/* ["*."] Domain */
static bool
parse_mx(struct sts_policy *policy, const char *value)
{
	bool wildcard = strncmp(value, "*.", 2) == 0;

	if (!idna_is_host_name(wildcard ? value + 2 : value))
		return false;
	strv_add(&policy->mx, value);
	return true;
}

enum field { FIELD_VERSION, FIELD_MODE, FIELD_MAX_AGE, FIELD_MX, FIELDS };

static const struct {
	const char *name;
	bool (*parse)(struct sts_policy *policy, const char *value);
} fields[FIELDS] = {
	[FIELD_VERSION] = { "version", parse_version },
	[FIELD_MODE] = { "mode", parse_mode },
	[FIELD_MAX_AGE] = { "max_age", parse_max_age },
	[FIELD_MX] = { "mx", parse_mx },
};

/* A policy while it is parsed, and the fields that were found. */
struct reading {
	struct sts_policy *policy;
	bool found[FIELDS];
};

/*
 *   sts-policy-field = name ":" *WSP value *WSP
 *
 * Unknown fields are ignored.  The first of several fields with the same name
 * counts, except for mx (section 3.2).
 */
static bool
parse_line(struct reading *r, char *line, struct error *err)
{
	char *value = strchr(line, ':');

	if (value == NULL)
		return error_set(err, ERROR_PROTOCOL,
		    "the policy has a line that is not a field: %s", line);
	*value = '\0';
	value = skip_spaces(value + 1);
	for (int i = 0; i < FIELDS; i++) {
		if (!text_equal_nocase(line, fields[i].name)
		    || (r->found[i] && i != FIELD_MX))
			continue;
		r->found[i] = true;
		if (!fields[i].parse(r->policy, value))
			return error_set(err, ERROR_PROTOCOL,
			    "the policy has an invalid %s: %s", fields[i].name,
			    value);
	}
	return true;
}

/* Checks that the policy has the required fields. */
static bool
check_policy(const struct reading *r, struct error *err)
{
	for (int i = 0; i < FIELDS; i++)
		if (!r->found[i]
		    && (i != FIELD_MX || r->policy->mode != STS_NONE))
			return error_set(err, ERROR_PROTOCOL,
			    "the policy has no %s", fields[i].name);
	return true;
}

static bool
parse_lines(char *rest, struct reading *r, struct error *err)
{
	char *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		size_t len = strlen(line);

		if (len > 0 && line[len - 1] == '\r')
			line[len - 1] = '\0';
		cut_spaces(line);
		if (*line != '\0' && !parse_line(r, line, err))
			return false;
	}
	return check_policy(r, err);
}

bool
sts_parse(const char *text, size_t len, struct sts_policy *policy,
    struct error *err)
{
	struct reading r = { .policy = policy };
	char *copy;
	bool ok;

	*policy = (struct sts_policy){ 0 };
	if (len == 0)
		return error_set(err, ERROR_PROTOCOL, "the policy is empty");
	if (len > STS_TEXT_MAX || memchr(text, '\0', len) != NULL)
		return error_set(err, ERROR_PROTOCOL,
		    "the policy is too long or not text");
	copy = alloc_string_n(text, len);
	ok = parse_lines(copy, &r, err);
	free(copy);
	if (!ok)
		sts_policy_free(policy);
	return ok;
}

/* "*." matches exactly one label. */
static bool
matches(const char *pattern, const char *host)
{
	const char *dot;

	if (strncmp(pattern, "*.", 2) != 0)
		return text_equal_nocase(pattern, host);
	dot = strchr(host, '.');
	return dot != NULL && dot > host
	    && text_equal_nocase(pattern + 2, dot + 1);
}

bool
sts_allows(const struct sts_policy *policy, const char *host)
{
	for (size_t i = 0; i < policy->mx.count; i++)
		if (matches(policy->mx.items[i], host))
			return true;
	return false;
}

static void
require_certificate(struct next_hop *host)
{
	host->tls_policy.level = TLS_LEVEL_VERIFY;
	host->tls_policy.source = TLS_BY_MTA_STS;
	strv_free(&host->tls_policy.names);
	strv_add(&host->tls_policy.names, host->name);
}

static void
apply(const struct sts_policy *policy, struct next_hop *host,
    const char *domain)
{
	if (!sts_allows(policy, host->name))
		error_set(&host->lookup_error, ERROR_CERTIFICATE,
		    "the MTA-STS policy of %s does not name this host", domain);
	else
		require_certificate(host);
}

void
sts_apply(const struct sts_policy *policy, struct destination *d)
{
	if (d->name == NULL)
		return;
	d->sts_testing = policy->mode == STS_TESTING;
	if (policy->mode != STS_ENFORCE)
		return;
	for (size_t i = 0; i < d->count; i++) {
		struct next_hop *host = &d->hosts[i];

		if (host->tls_policy.level != TLS_LEVEL_DANE
		    && !error_is_set(&host->lookup_error))
			apply(policy, host, d->name);
	}
	destination_start(d);
}

void
sts_policy_free(struct sts_policy *policy)
{
	strv_free(&policy->mx);
	*policy = (struct sts_policy){ 0 };
}
