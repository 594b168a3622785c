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
#include "base/idna.h"
#include "base/str.h"
#include "base/text.h"

/* The longest age that may be asked for (RFC 8461 section 3.2). */
#define MAX_AGE_MAX 31557600

#define ID_MAX 32

struct part {
	const char *at;
	size_t len;
};

static bool
is_alphanumeric(int c)
{
	c = text_lower(c);
	return (c >= 'a' && c <= 'z') || text_is_digit(c);
}

static bool
part_is(const struct part *part, const char *text)
{
	return part->len == strlen(text)
	    && memcmp(part->at, text, part->len) == 0;
}

static bool
part_is_nocase(const struct part *part, const char *text)
{
	char *copy = alloc_string_n(part->at, part->len);
	bool result = text_equal_nocase(copy, text);

	free(copy);
	return result;
}

static void
skip_blanks(const char **at)
{
	while (text_is_space((unsigned char)**at))
		++*at;
}

static bool
is_id(const struct part *value)
{
	if (value->len == 0 || value->len > ID_MAX)
		return false;
	for (size_t i = 0; i < value->len; i++)
		if (!is_alphanumeric((unsigned char)value->at[i]))
			return false;
	return true;
}

/*
 *   sts-field = name "=" value
 *   value     = 1*(%x21-3A / %x3C / %x3E-7E)
 *
 * Any name is accepted.
 */
static bool
read_field(const char **at, struct part *name, struct part *value)
{
	name->at = *at;
	name->len = strcspn(*at, "=; \t");
	*at += name->len;
	if (name->len == 0 || **at != '=')
		return false;
	++*at;
	value->at = *at;
	value->len = strcspn(*at, "=; \t");
	*at += value->len;
	return value->len > 0;
}

/*
 *   sts-text-record = "v=STSv1" 1*(sts-field-delim sts-field)
 *                     [sts-field-delim]
 *   sts-field-delim = *WSP ";" *WSP
 *
 * Returns NULL if the record is malformed or has no id.
 */
static char *
read_id(const char *at)
{
	struct part name, value, id = { 0 };

	for (;;) {
		skip_blanks(&at);
		if (*at == '\0')
			break;
		if (*at++ != ';')
			return NULL;
		skip_blanks(&at);
		if (*at == '\0')
			break;
		if (!read_field(&at, &name, &value))
			return NULL;
		if (id.at == NULL && part_is_nocase(&name, "id"))
			id = value;
	}
	return id.at != NULL && is_id(&id) ? alloc_string_n(id.at, id.len)
					   : NULL;
}

char *
sts_record_id(const struct dns_answer *txt)
{
	static const char version[] = "v=STSv1";
	const char *found = NULL;

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
	return found != NULL ? read_id(found) : NULL;
}

/* A policy while it is parsed, and the fields that were found. */
struct reading {
	struct sts_policy *policy;
	bool version, mode, max_age;
};

/* The first of several fields with the same name counts (section 3.2). */
static bool
is_first(bool *seen)
{
	bool first = !*seen;

	*seen = true;
	return first;
}

static bool
parse_version(struct reading *r, const struct part *value)
{
	return !is_first(&r->version) || part_is(value, "STSv1");
}

static const char *const modes[] = { [STS_NONE] = "none",
	[STS_TESTING] = "testing",
	[STS_ENFORCE] = "enforce" };

static bool
parse_mode(struct reading *r, const struct part *value)
{
	if (!is_first(&r->mode))
		return true;
	for (size_t i = 0; i < COUNT_OF(modes); i++)
		if (part_is_nocase(value, modes[i])) {
			r->policy->mode = (enum sts_mode)i;
			return true;
		}
	return false;
}

static bool
parse_max_age(struct reading *r, const struct part *value)
{
	unsigned long long age = 0;
	char *text;
	bool ok;

	if (!is_first(&r->max_age))
		return true;
	text = alloc_string_n(value->at, value->len);
	ok = value->len <= 10 && text_number(text, 0, 9999999999, &age);
	free(text);
	r->policy->max_age =
	    (unsigned long)(age < MAX_AGE_MAX ? age : MAX_AGE_MAX);
	return ok;
}

/* ["*."] Domain */
static bool
parse_mx(struct reading *r, const struct part *value)
{
	char *text = alloc_string_n(value->at, value->len);
	const char *name = text;

	if (strncmp(name, "*.", 2) == 0)
		name += 2;
	if (!idna_is_host_name(name) || strlen(text) != value->len) {
		free(text);
		return false;
	}
	strv_take(&r->policy->mx, text);
	return true;
}

static const struct {
	const char *name;
	bool (*parse)(struct reading *r, const struct part *value);
} fields[] = {
	{ "version", parse_version },
	{ "mode", parse_mode },
	{ "max_age", parse_max_age },
	{ "mx", parse_mx },
};

/*
 *   sts-policy-field = name ":" *WSP value *WSP
 *
 * Unknown fields are ignored.
 */
static bool
parse_line(struct reading *r, const struct part *line, struct error *err)
{
	const char *colon = memchr(line->at, ':', line->len);
	struct part name = { line->at, 0 }, value = { 0 };

	if (colon == NULL)
		return error_set(err, ERROR_PROTOCOL,
		    "the policy has a line that is not a field: %.*s",
		    (int)line->len, line->at);
	name.len = (size_t)(colon - line->at);
	value.at = colon + 1;
	value.len = line->len - name.len - 1;
	while (value.len > 0 && text_is_space((unsigned char)value.at[0])) {
		value.at++;
		value.len--;
	}
	for (size_t i = 0; i < COUNT_OF(fields); i++)
		if (part_is_nocase(&name, fields[i].name)
		    && !fields[i].parse(r, &value))
			return error_set(err, ERROR_PROTOCOL,
			    "the policy has an invalid %s: %.*s",
			    fields[i].name, (int)value.len, value.at);
	return true;
}

/* Cuts the next line off, without its end and the blanks before that. */
static struct part
next_line(struct part *rest)
{
	const char *end = memchr(rest->at, '\n', rest->len);
	struct part line = { rest->at, rest->len };
	size_t used = rest->len;

	if (end != NULL) {
		line.len = (size_t)(end - rest->at);
		used = line.len + 1;
	}
	if (line.len > 0 && line.at[line.len - 1] == '\r')
		line.len--;
	while (
	    line.len > 0 && text_is_space((unsigned char)line.at[line.len - 1]))
		line.len--;
	rest->at += used;
	rest->len -= used;
	return line;
}

/* Checks that the policy has the required fields. */
static bool
check_policy(const struct reading *r, struct error *err)
{
	const char *missing = NULL;

	if (r->policy->mode != STS_NONE && r->policy->mx.count == 0)
		missing = "mx";
	if (!r->max_age)
		missing = "max_age";
	if (!r->mode)
		missing = "mode";
	if (!r->version)
		missing = "version";
	if (missing == NULL)
		return true;
	return error_set(err, ERROR_PROTOCOL, "the policy has no %s", missing);
}

static bool
read_policy(struct part rest, struct reading *r, struct error *err)
{
	if (rest.len > STS_TEXT_MAX || memchr(rest.at, '\0', rest.len) != NULL)
		return error_set(err, ERROR_PROTOCOL,
		    "the policy is too long or not text");
	while (rest.len > 0) {
		struct part line = next_line(&rest);

		if (line.len > 0 && !parse_line(r, &line, err))
			return false;
	}
	return check_policy(r, err);
}

bool
sts_parse(const char *text, size_t len, struct sts_policy *policy,
    struct error *err)
{
	struct reading r = { .policy = policy };

	*policy = (struct sts_policy){ 0 };
	if (len > 0 && read_policy((struct part){ text, len }, &r, err))
		return true;
	if (len == 0)
		error_set(err, ERROR_PROTOCOL, "the policy is empty");
	sts_policy_free(policy);
	return false;
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
