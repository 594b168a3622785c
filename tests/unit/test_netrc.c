/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/netrc.h"

#include <string.h>

#include "secret_is.h"
#include "unit.h"

/* Returns true if an entry was found, and false after an error. */
static bool
find(const char *text, size_t len, const char *machine, const char *login,
    struct netrc_entry *entry, struct error *err)
{
	struct netrc_query query = { .file = "f",
		.machine = machine,
		.login = login };
	struct str file = { 0 };
	bool ok;

	str_append(&file, text, len);
	ok = netrc_find(&query, &file, entry, err);
	str_free(&file);
	if (!ok)
		assert_null(entry->login);
	return ok && secret_is_set(&entry->password);
}

static const char *const several =
    "# a comment with machine a login x password y\n"
    "machine a.example login alice password one\n"
    "machine b.example\n"
    "\tlogin bob\n"
    "\tpassword two\n"
    "\taccount ignored\n"
    "machine a.example login carol password three\n"
    "machine c.example password four\n"
    "machine d.example login dora\n"
    "machine d.example password five login doris\n"
    "default login anonymous password six\n";

static void
finds_the_entry_of_machine_and_login(void **state)
{
	static const struct {
		const char *machine, *login, *found_login, *password;
	} rows[] = {
		{ "a.example", "alice", "alice", "one" },
		{ "a.example", "carol", "carol", "three" },
		{ "a.example", NULL, "alice", "one" },
		{ "A.Example", "alice", "alice", "one" },
		{ "a.example", "Alice", NULL, NULL },
		{ "a.example", "anonymous", "anonymous", "six" },
		{ "b.example", "bob", "bob", "two" },
		{ "b.example", NULL, "bob", "two" },
		{ "c.example", "anyone", NULL, "four" },
		{ "c.example", NULL, NULL, "four" },
		{ "d.example", "dora", NULL, NULL },
		{ "d.example", "doris", "doris", "five" },
		{ "e.example", NULL, "anonymous", "six" },
		{ "e.example", "bob", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct netrc_entry entry = { 0 };
		struct error err = { 0 };
		bool found = find(several, strlen(several), rows[i].machine,
		    rows[i].login, &entry, &err);

		assert_false(error_is_set(&err));
		if (found != (rows[i].password != NULL))
			fail_msg("row %zu", i);
		if (!found)
			assert_false(secret_is_set(&entry.password));
		else
			assert_true(
			    secret_is(&entry.password, rows[i].password));
		if (rows[i].found_login != NULL)
			assert_string_equal(entry.login, rows[i].found_login);
		else
			assert_null(entry.login);
		netrc_entry_free(&entry);
	}
}

static void
reads_plain_and_quoted_words(void **state)
{
	static const struct {
		const char *text, *password;
	} rows[] = {
		{ "machine a password p", "p" },
		{ "machine a password p\r\n", "p" },
		{ "machine a login x passwd p\n", "p" },
		{ "machine a user x password p\n", "p" },
		{ "machine a password #p\n", "#p" },
		{ "machine a password p#q # comment\n", "p#q" },
		{ "machine a password \"p q\"\n", "p q" },
		{ "machine a password \"p\\\"q\\\\r\"\n", "p\"q\\r" },
		{ "machine a password p\"q\\r\n", "p\"q\\r" },
		{ "machine a password machine\n", "machine" },
		{ "machine \"a\" \"password\" \"p\"\n", "p" },
		{ "machine a\n\n\n\tpassword\n\n p\n", "p" },
		{ "macdef init\n machine a password x\n\nmachine a password p",
		    "p" },
		{ "macdef init\nmachine a password x\n\r\nmachine a password p",
		    "p" },
		{ "machine b password q macdef m\nmachine a password x\n\n"
		  "machine a password p",
		    "p" },
		{ "machine a password p macdef m\nmachine a password x\n",
		    "p" },
		{ "machine a password p\nmachine b login \"", "p" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct netrc_entry entry = { 0 };
		struct error err = { 0 };

		if (!find(rows[i].text, strlen(rows[i].text), "a", NULL, &entry,
			&err))
			fail_msg("%s: %s", rows[i].text,
			    err.text != NULL ? err.text : "nothing");
		assert_true(secret_is(&entry.password, rows[i].password));
		netrc_entry_free(&entry);
	}
}

static void
finds_no_entry_in_an_empty_file(void **state)
{
	static const char *const texts[] = { "", "\n", "# only this",
		"macdef x\nmachine a password p\n", "machine a", "default" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct netrc_entry entry = { 0 };
		struct error err = { 0 };

		assert_false(
		    find(texts[i], strlen(texts[i]), "a", NULL, &entry, &err));
		assert_false(error_is_set(&err));
		assert_null(entry.login);
	}
}

static void
names_the_line_of_an_error_but_never_a_word(void **state)
{
	static const struct {
		const char *text, *said;
	} rows[] = {
		{ "machine", "f:1: a word is missing" },
		{ "\n\nmachine a password", "f:3: a word is missing" },
		{ "machine a login b\npassword my canary\n",
		    "f:2: unknown word: expected" },
		{ "login canary\n", "f:1: machine or default" },
		{ "password canary\n", "f:1: machine or default" },
		{ "machine a password \"canary\n", "f:1: a quoted word" },
		{ "machine a password \"canary", "f:1: a quoted word" },
		{ "machine a password \"\"", "f:1: the password is empty" },
		{ "canary", "f:1: unknown word: expected" },
		{ "macdef m\nx\n\ncanary", "f:4: unknown word: expected" },
		{ "machine a password \"canary\\\n\"", "f:1: a quoted word" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct netrc_entry entry = { 0 };
		struct error err = { 0 };

		assert_false(find(rows[i].text, strlen(rows[i].text), "b", NULL,
		    &entry, &err));
		assert_int_equal(err.kind, ERROR_CONFIG);
		if (strstr(err.text, rows[i].said) == NULL
		    || strstr(err.text, "canary") != NULL)
			fail_msg("%s: %s", rows[i].text, err.text);
		error_free(&err);
	}
}

static void
rejects_a_password_with_a_nul(void **state)
{
	static const char text[] = "machine a password p\0q";
	struct netrc_entry entry = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_false(find(text, sizeof(text) - 1, "a", NULL, &entry, &err));
	assert_true(error_is_set(&err));
	error_free(&err);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_entry_of_machine_and_login),
		cmocka_unit_test(reads_plain_and_quoted_words),
		cmocka_unit_test(finds_no_entry_in_an_empty_file),
		cmocka_unit_test(names_the_line_of_an_error_but_never_a_word),
		cmocka_unit_test(rejects_a_password_with_a_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
