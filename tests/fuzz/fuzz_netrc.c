/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files in the format of .netrc (config/netrc.h).  Input: a line with the
 * machine and an optional login, and the file, in which "SECRET" is replaced by
 * a unique word.
 *
 *   - A found entry has a password and, if a login is given, that login or
 *     none.  Both are in the file, except for quotes and backslashes.
 *   - Without an entry the result is empty.
 *   - An error is ERROR_CONFIG with "FILE:LINE: ...", an existing line number,
 *     and no word of the file.
 *   - Entries after a found entry change nothing.
 */
#include "config/netrc.h"
#include "fuzz.h"

static const char file[] = "/home/alice/.netrc";
static const char placeholder[] = "SECRET";
static const char secret[] = "kX7vQz93Lw";

static void
check_error(const struct error *err, const struct str *text)
{
	const char *place = err->text + strlen(file) + 1;
	size_t lines = 1;

	for (size_t i = 0; i < text->len; i++)
		lines += text->data[i] == '\n';
	fuzz_check_error(err);
	fuzz_assert(err->kind == ERROR_CONFIG);
	fuzz_assert(strncmp(err->text, file, strlen(file)) == 0);
	fuzz_assert(place[-1] == ':' && strtoul(place, NULL, 10) >= 1);
	fuzz_assert(strtoul(place, NULL, 10) <= lines);
	fuzz_assert(!fuzz_shows(err, secret));
}

/* Whether the text has the word, perhaps with backslashes in it. */
static bool
is_made_of(const char *word, size_t len, const struct str *text)
{
	for (size_t at = 0; at < text->len; at++) {
		size_t i = 0, k = at;

		while (i < len && k < text->len) {
			if (text->data[k] == word[i])
				i++;
			else if (text->data[k] != '\\')
				break;
			k++;
		}
		if (i == len)
			return true;
	}
	return len == 0;
}

static void
check_entry(const struct netrc_entry *entry, const char *login,
    const struct str *text)
{
	struct secret_text password;

	fuzz_assert(secret_is_set(&entry->password));
	fuzz_assert(entry->password.len > 0);
	secret_reveal(&entry->password, &password);
	fuzz_assert(strlen(password.data) == password.len);
	fuzz_assert(is_made_of(password.data, password.len, text));
	secret_text_free(&password);
	if (entry->login == NULL)
		return;
	fuzz_assert(login == NULL || strcmp(entry->login, login) == 0);
	fuzz_assert(is_made_of(entry->login, strlen(entry->login), text));
}

static bool
is_same(const struct secret *a, const struct secret *b)
{
	struct secret_text first, second;
	bool same;

	secret_reveal(a, &first);
	secret_reveal(b, &second);
	same = strcmp(first.data, second.data) == 0;
	secret_text_free(&first);
	secret_text_free(&second);
	return same;
}

/* A following entry does not change the result. */
static void
check_following_entry(const struct netrc_entry *entry, const struct str *text,
    const struct netrc_query *query)
{
	static const char more[] = "\n\nmachine other login x password y\n";
	struct str longer = { 0 };
	struct netrc_entry again = { 0 };
	struct error err = { 0 };

	str_append(&longer, str_text(text), text->len);
	str_add(&longer, more);
	if (strcasecmp(query->machine, "other") != 0
	    && netrc_find(query, &longer, &again, &err)) {
		fuzz_assert(secret_is_set(&again.password));
		fuzz_assert(is_same(&again.password, &entry->password));
	}
	error_free(&err);
	netrc_entry_free(&again);
	str_free(&longer);
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { data, size }, login_in = input_split(&in, '\n');
	struct input machine_in = input_split(&login_in, ' ');
	char *machine = input_text(&machine_in);
	char *login = login_in.left > 0 ? input_text(&login_in) : NULL;
	const struct netrc_query query = { file, machine, login };
	struct netrc_entry entry = { 0 };
	struct error err = { 0 };
	struct str text = { 0 };
	bool ok;

	input_replace(&in, placeholder, secret, &text);
	ok = netrc_find(&query, &text, &entry, &err);
	fuzz_assert(ok == !error_is_set(&err));
	if (!ok)
		check_error(&err, &text);
	if (secret_is_set(&entry.password)) {
		fuzz_assert(ok);
		check_entry(&entry, login, &text);
		check_following_entry(&entry, &text, &query);
	} else {
		fuzz_assert(entry.login == NULL);
	}
	netrc_entry_free(&entry);
	error_free(&err);
	str_free(&text);
	free(login);
	free(machine);
}
