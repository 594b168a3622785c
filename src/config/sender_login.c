/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the rules about senders, and finds the one that decides. */
#include "config/sender_login.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/idna.h"
#include "base/str.h"
#include "base/text.h"
#include "config/expand.h"
#include "mail/path.h"

#define FILE_SIZE_MAX ((size_t)16 * 1024 * 1024)

/* The rules of an account while they are read. */
struct reading {
	struct sender_rules *rules;
	const struct user *user;
	struct strv *errors; /* or NULL: the first error ends the reading */
};

/* Appends a domain of which each label is in ASCII.  A label with a wildcard must
 * be written so. */
static bool
add_ascii_domain(struct str *out, const char *domain)
{
	bool ok = true;

	for (;;) {
		size_t len = strcspn(domain, ".");
		char *label = alloc_string_n(domain, len), *ascii = NULL;

		if (!text_is_ascii(label, len))
			ok = ok && !path_has_wildcard(label)
			    && idna_to_ascii(label, &ascii, NULL);
		str_add(out, ascii != NULL ? ascii : label);
		free(label);
		free(ascii);
		if (domain[len] == '\0')
			return ok;
		str_add_char(out, '.');
		domain += len + 1;
	}
}

/*
 * Returns an address or pattern in the form that is compared: in lower case, with
 * a domain in ASCII; NULL if the domain has no such form.  The caller frees the
 * result.
 */
static char *
comparable(const char *address)
{
	const char *domain = path_domain(address);
	struct str text = { 0 };

	if (domain == NULL) {
		str_add(&text, address);
	} else {
		str_append(&text, address, (size_t)(domain - address));
		if (!add_ascii_domain(&text, domain)) {
			str_free(&text);
			return NULL;
		}
	}
	for (size_t i = 0; i < text.len; i++)
		text.data[i] = (char)text_lower((unsigned char)text.data[i]);
	return str_steal(&text);
}

/* Expands and compares a pattern only once for a message. */
static bool
finish_rule(struct sender_rule *rule, const struct user *user, bool names,
    struct error *err)
{
	char *pattern = NULL;

	if (!expand_names(rule->pattern, user, &pattern, err))
		return false;
	free(rule->pattern);
	rule->pattern = comparable(pattern);
	if (rule->pattern == NULL)
		error_set(err, ERROR_CONFIG,
		    "the domain of \"%s\" cannot be written in ASCII: write "
		    "labels with wildcards as they are in the DNS",
		    pattern);
	free(pattern);
	return rule->pattern != NULL
	    && user_list_resolve(&rule->users, names, err);
}

/* Moves an error of the last rule to the list, if there is one. */
static bool
collect_error(struct reading *r, struct error *err)
{
	if (r->errors == NULL)
		return false;
	strv_take(r->errors, error_describe(err));
	error_free(err);
	sender_rule_free(&r->rules->items[--r->rules->count]);
	return true;
}

static bool
add_rule(struct reading *r, const char *text, char *place, bool names,
    struct error *err)
{
	struct sender_rules *rules = r->rules;
	struct error why = { 0 };
	struct sender_rule *rule;

	rules->items = alloc_grow(rules->items, rules->count, &rules->size,
	    sizeof(*rules->items));
	rule = &rules->items[rules->count++];
	*rule = (struct sender_rule){ .place = place };
	if (sender_rule_parse(rule, text, &why)
	    && finish_rule(rule, r->user, names, &why))
		return true;
	error_subject(&why, "%s", place);
	if (collect_error(r, &why))
		return true;
	if (err != NULL)
		error_move(err, &why);
	error_free(&why);
	return false;
}

/* The lines of the file are rules; "#" begins a comment. */
static bool
add_lines(struct reading *r, const char *path, const struct str *text,
    struct error *err)
{
	const char *at = str_text(text), *end = at + text->len;
	unsigned number = 0;
	bool ok = true;

	while (ok && at < end) {
		size_t len = 0, blanks = 0;
		const char *line = text_next_line(&at, end, &len);
		char *rule;

		number++;
		while (len > 0 && text_is_space((unsigned char)line[len - 1]))
			len--;
		while (
		    blanks < len && text_is_space((unsigned char)line[blanks]))
			blanks++;
		if (blanks == len || line[blanks] == '#')
			continue;
		rule = alloc_string_n(line + blanks, len - blanks);
		ok = add_rule(r, rule, alloc_printf("%s:%u", path, number),
		    r->errors != NULL, err);
		free(rule);
	}
	return ok;
}

static bool
add_file(struct reading *r, const struct account *account, struct error *err)
{
	const char *path = account->service.sender_login_file;
	const struct file_rules trusted = { .max = FILE_SIZE_MAX,
		.use = FILE_TRUSTED,
		.owner = r->user->uid };
	struct str text = { 0 }, setting = { 0 };
	bool ok = file_read(path, &trusted, &text, NULL, err);

	if (ok) {
		ok = add_lines(r, path, &text, err);
	} else {
		account_describe_setting(account, "sender_login_file",
		    &setting);
		error_subject(err, "%s", str_text(&setting));
	}
	str_free(&setting);
	str_free(&text);
	return ok;
}

bool
sender_rules_init(struct sender_rules *rules, const struct account *account,
    const struct user *user, bool file, struct strv *errors, struct error *err)
{
	const struct service_params *service = &account->service;
	struct reading r = { .rules = rules, .user = user, .errors = errors };

	rules->is_free = service->sender_logins.count == 0
	    && service->sender_login_file == NULL;
	for (size_t i = 0; i < service->sender_logins.count; i++) {
		char *place = alloc_printf("sender_login (%s)",
		    service->sender_login_places.items[i]);

		if (!add_rule(&r, service->sender_logins.items[i], place, true,
			err))
			return false;
	}
	return !file || service->sender_login_file == NULL
	    || add_file(&r, account, err);
}

/*
 * Programs that show an address without its quotes, or decode what is in them,
 * show another one: "boss@bank.example"@example.org.  So a pattern must name such
 * an address as a whole, unless it stands for all senders.
 */
static bool
is_too_wide(const char *pattern, const char *address)
{
	return *address == '"' && path_has_wildcard(pattern)
	    && strcmp(pattern, "*") != 0;
}

static bool
matches(const char *pattern, const char *address)
{
	if (is_too_wide(pattern, address))
		return false;
	if (*address == '\0' || strcmp(pattern, SENDER_RULE_NULL) == 0)
		return *address == '\0'
		    && strcmp(pattern, SENDER_RULE_NULL) == 0;
	return path_matches(pattern, address);
}

const struct sender_rule *
sender_rules_find(const struct sender_rules *rules, const char *address)
{
	char *wanted = comparable(address);
	const struct sender_rule *found = NULL;

	for (size_t i = 0; wanted != NULL && i < rules->count && found == NULL;
	     i++)
		if (matches(rules->items[i].pattern, wanted))
			found = &rules->items[i];
	free(wanted);
	return found;
}

void
sender_rules_free(struct sender_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		sender_rule_free(&rules->items[i]);
	free(rules->items);
	*rules = (struct sender_rules){ 0 };
}
