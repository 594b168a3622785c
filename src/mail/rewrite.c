/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Applies the rewrite rules to single addresses and to header fields. */
#include "mail/rewrite.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/header.h"
#include "mail/path.h"
#include "mail/token.h"

/* Rules */

/* Returns the next word of the text and moves to its end; *len 0: none. */
static const char *
next_word(const char **text, size_t *len)
{
	const char *word = *text + strspn(*text, " \t");

	*len = strcspn(word, " \t");
	*text = word + *len;
	return word;
}

static bool
is_word(const char *text, size_t len, const char *word)
{
	return len == strlen(word) && memcmp(text, word, len) == 0;
}

/* Checks that the result of a rule is an address with a domain. */
static bool
check_address(const char *address, struct error *err)
{
	char *whole =
	    alloc_printf("%s%s", *address == '@' ? "user" : "", address);
	bool ok = path_check(whole, NULL) && path_domain(whole) != NULL;

	free(whole);
	if (ok)
		return true;
	return error_set(err, ERROR_CONFIG,
	    "\"%s\" is neither an address such as alice@example.org nor a "
	    "domain such as @example.org",
	    address);
}

bool
rewrite_add_rule(struct rewrite_rules *r, const char *rule, struct error *err)
{
	size_t pattern_len, address_len, option_len, rest_len;
	const char *pattern = next_word(&rule, &pattern_len);
	const char *address = next_word(&rule, &address_len);
	const char *option = next_word(&rule, &option_len);
	struct rewrite_rule new = { 0 };

	next_word(&rule, &rest_len);
	if (address_len == 0 || rest_len > 0
	    || (option_len > 0 && !is_word(option, option_len, "reply-to")))
		return error_set(err, ERROR_CONFIG,
		    "expected a pattern, an address and optionally "
		    "\"reply-to\"");
	new.address = alloc_string_n(address, address_len);
	if (!check_address(new.address, err)) {
		free(new.address);
		return false;
	}
	new.pattern = alloc_string_n(pattern, pattern_len);
	new.keep_reply_to = option_len > 0;
	r->rules = alloc_grow(r->rules, r->count, &r->size, sizeof(*r->rules));
	r->rules[r->count++] = new;
	return true;
}

/* Addresses */

static void
look_up(struct rewrite_rules *r)
{
	void (*fill)(struct rewrite_rules * r) = r->look_up;

	r->look_up = NULL;
	if (fill != NULL)
		fill(r);
}

static char *
qualify(struct rewrite_rules *r, const char *address)
{
	if (*address == '\0' || path_domain(address) != NULL)
		return alloc_string(address);
	look_up(r);
	return r->domain == NULL ? alloc_string(address)
				 : alloc_printf("%s@%s", address, r->domain);
}

/* Whether the domain means this host everywhere (RFC 6761 section 6.3). */
static bool
is_localhost(const char *domain)
{
	const char *dot = strrchr(domain, '.');

	return text_equal_nocase(dot == NULL ? domain : dot + 1, "localhost")
	    || text_equal_nocase(domain, "localhost.localdomain");
}

static bool
is_local(struct rewrite_rules *r, const char *address)
{
	const char *domain = path_domain(address);

	if (domain == NULL || is_localhost(domain))
		return true;
	look_up(r);
	return strv_has_nocase(&r->hosts, domain);
}

static char *
local_part(const char *address)
{
	return alloc_string_n(address, path_local_length(address));
}

static bool
matches_local_name(struct rewrite_rules *r, const char *pattern,
    const char *address)
{
	char *name;
	bool matches;

	if (!is_local(r, address))
		return false;
	name = local_part(address);
	matches = path_matches(pattern, name);
	free(name);
	return matches;
}

static const struct rewrite_rule *
find_rule(struct rewrite_rules *r, const char *address, const char *qualified)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct rewrite_rule *rule = &r->rules[i];

		if (strchr(rule->pattern, '@') != NULL
			? path_matches(rule->pattern, qualified)
			: matches_local_name(r, rule->pattern, address))
			return rule;
	}
	return NULL;
}

static bool
is_own(const struct rewrite_rules *r, const char *address)
{
	for (size_t i = 0; i < r->own.count; i++)
		if (path_matches(r->own.items[i], address))
			return true;
	return false;
}

static char *
apply(const struct rewrite_rule *rule, const char *address)
{
	char *name, *result;

	if (*rule->address != '@')
		return alloc_string(rule->address);
	name = local_part(address);
	result = alloc_printf("%s%s", name, rule->address);
	free(name);
	return result;
}

/* The role of an address in the envelope or in its field. */
enum role { RECIPIENT, SENDER, REPLY_TO };

/*
 * Returns the rewritten address.  Sets *kept, if kept is not NULL, when the
 * rule keeps the old address as Reply-To.
 */
static char *
rewrite(struct rewrite_rules *r, const char *address, enum role role,
    bool *kept)
{
	char *qualified = qualify(r, address), *result = NULL;
	const struct rewrite_rule *rule;

	if (role == RECIPIENT || *address == '\0')
		return qualified;
	rule = find_rule(r, address, qualified);
	if (rule != NULL && rule->keep_reply_to && role == REPLY_TO)
		return qualified;
	if (rule != NULL) {
		result = apply(rule, address);
		if (kept != NULL)
			*kept |= rule->keep_reply_to;
	} else if (r->sender != NULL && !is_own(r, qualified)
	    && is_local(r, address)) {
		result = alloc_string(r->sender);
	}
	if (result == NULL)
		return qualified;
	free(qualified);
	return result;
}

char *
rewrite_recipient(struct rewrite_rules *r, const char *address)
{
	return rewrite(r, address, RECIPIENT, NULL);
}

char *
rewrite_sender(struct rewrite_rules *r, const char *address, char **old)
{
	bool kept = false;
	char *sender = rewrite(r, address, SENDER, &kept);

	if (old != NULL)
		*old = kept ? qualify(r, address) : NULL;
	return sender;
}

const struct rewrite_rule *
rewrite_rule_of(struct rewrite_rules *r, const char *address)
{
	char *qualified = qualify(r, address);
	const struct rewrite_rule *rule =
	    *address != '\0' ? find_rule(r, address, qualified) : NULL;

	free(qualified);
	return rule;
}

/* Header fields */

static const struct {
	const char *name;
	enum role role;
} fields[] = {
	{ "From", SENDER },
	{ "Sender", SENDER },
	{ "Reply-To", REPLY_TO },
	{ "To", RECIPIENT },
	{ "Cc", RECIPIENT },
	{ "Bcc", RECIPIENT },
	{ "Resent-From", SENDER },
	{ "Resent-Sender", SENDER },
	{ "Resent-Reply-To", REPLY_TO },
	{ "Resent-To", RECIPIENT },
	{ "Resent-Cc", RECIPIENT },
	{ "Resent-Bcc", RECIPIENT },
};

static bool
field_role(const struct header_field *field, enum role *role)
{
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		if (header_field_is(field, fields[i].name)) {
			*role = fields[i].role;
			return true;
		}
	}
	return false;
}

/*
 * Appends the new address for `a`.  A bare name that only gets a domain is
 * copied as it is written in the value, with its comments and folding.
 */
static void
add_address(struct str *out, const char *value, const struct address *a,
    const char *address)
{
	size_t len = strlen(a->text);
	bool begins = strncmp(address, a->text, len) == 0;

	if (!begins || (address[len] != '\0' && a->domain != NULL)) {
		str_add(out, address);
		return;
	}
	str_append(out, value + a->start, a->end - a->start);
	str_add(out, address + len);
}

/* Appends the value from `at` up to the address, with its name quoted if that is
 * necessary.  Returns whether this changes the value. */
static bool
add_name(struct str *out, const char *value, size_t at, const struct address *a)
{
	bool odd = a->name_end > a->name_start;

	if (odd) {
		str_append(out, value + at, a->name_start - at);
		token_add_name(out, value + a->name_start,
		    a->name_end - a->name_start);
		str_add_char(out, ' ');
		at = a->name_end;
	}
	str_append(out, value + at, a->start - at);
	return odd;
}

/*
 * Returns the new address in the header section.  A bare name that is not ASCII
 * is kept, because it is probably a part of a name that needs quotes ("Müller,
 * GmbH <x@example.org>").
 */
static char *
rewrite_in_field(struct rewrite_rules *r, const struct address *a,
    enum role role, bool *kept)
{
	if (a->domain == NULL && !text_is_ascii(a->text, strlen(a->text)))
		return alloc_string(a->text);
	return rewrite(r, a->text, role, kept);
}

/* Appends the value with rewritten addresses, or nothing if none changes. */
static void
rewrite_value(struct rewrite_rules *r, const struct header_field *field,
    enum role role, struct str *out, bool *kept)
{
	struct address_list list = { 0 };
	size_t at = 0;
	bool changed = false;

	address_parse(&list, field->value, field->value_len, NULL);
	for (size_t i = 0; i < list.count; i++) {
		const struct address *a = &list.items[i];
		char *address = rewrite_in_field(r, a, role, kept);

		changed |= strcmp(address, a->text) != 0;
		changed |= add_name(out, field->value, at, a);
		add_address(out, field->value, a, address);
		at = a->end;
		free(address);
	}
	str_append(out, field->value + at, field->value_len - at);
	if (!changed)
		str_truncate(out, 0);
	address_list_free(&list);
}

/* The value of From with its addresses only qualified, for a Reply-To. */
static char *
qualified_value(struct rewrite_rules *r, const struct header_field *from)
{
	struct header_field old = *from;
	struct str value = { 0 }, unfolded = { 0 };

	rewrite_value(r, from, RECIPIENT, &value, NULL);
	if (value.len > 0) {
		old.value = value.data;
		old.value_len = value.len;
	}
	header_unfold(&old, &unfolded);
	str_free(&value);
	return str_steal(&unfolded);
}

void
rewrite_header(struct rewrite_rules *r, struct str *header)
{
	struct str changed = { 0 }, value = { 0 };
	struct header_field field;
	size_t offset = 0, copied = 0;
	char *reply_to = NULL;
	enum role role;

	while (header_next(header, &offset, &field)) {
		size_t start = (size_t)(field.value - header->data);
		bool kept = false;

		if (!field_role(&field, &role))
			continue;
		rewrite_value(r, &field, role, &value, &kept);
		if (kept && reply_to == NULL && header_field_is(&field, "From"))
			reply_to = qualified_value(r, &field);
		if (value.len == 0)
			continue;
		str_append(&changed, header->data + copied, start - copied);
		str_append(&changed, value.data, value.len);
		copied = start + field.value_len;
		str_truncate(&value, 0);
	}
	if (copied > 0) {
		str_append(&changed, header->data + copied,
		    header->len - copied);
		str_free(header);
		*header = changed;
	}
	if (reply_to != NULL && !header_has(header, "Reply-To"))
		header_add(header, "Reply-To", reply_to);
	free(reply_to);
	str_free(&value);
}

void
rewrite_rules_free(struct rewrite_rules *r)
{
	for (size_t i = 0; i < r->count; i++) {
		free(r->rules[i].pattern);
		free(r->rules[i].address);
	}
	free(r->rules);
	free(r->sender);
	free(r->domain);
	strv_free(&r->own);
	strv_free(&r->hosts);
	*r = (struct rewrite_rules){ 0 };
}
