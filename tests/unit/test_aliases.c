/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/str.h"
#include "mail/alias_expansion.h"
#include "mail/aliases.h"

static const char text[] = "# who reads what\n"
			   "postmaster: root\n"
			   "Root: alice@x.example,\n"
			   "\tbob\n"
			   "# a comment between\n"
			   "  # another one\n"
			   "\n"
			   " , carol@y.example\r\n"
			   "bob: bob, # of msmtp\n"
			   " robert@z.example # end\n"
			   "\"joe smith\" : joe@x.example\n"
			   "web.master: \"Web, Master\" <web@x.example>\n"
			   "staff: root, web.master, team: dave, erin;\n"
			   "default: admin@x.example";

static void
parses_files_and_expands_names(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "postmaster",
		    "alice@x.example bob robert@z.example "
		    "carol@y.example" },
		{ "ROOT@Host.Example",
		    "alice@x.example bob robert@z.example "
		    "carol@y.example" },
		{ "root@elsewhere.example", "root@elsewhere.example" },
		{ "bob", "bob robert@z.example" },
		{ "bob@short", "bob robert@z.example" },
		{ "\"joe smith\"", "joe@x.example" },
		{ "\"Joe Smith\"@short", "joe@x.example" },
		{ "web.master", "web@x.example" },
		{ "staff",
		    "alice@x.example bob robert@z.example carol@y.example "
		    "web@x.example admin@x.example" },
		{ "nobody", "admin@x.example" },
		{ "nobody@short", "admin@x.example" },
	};
	struct strv hosts = { 0 };

	(void)state;
	strv_add(&hosts, "short");
	strv_add(&hosts, "host.example");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct aliases aliases = { .owner = getuid() };
		struct envelope e = { 0 };
		struct error err = { 0 };
		struct str got = { 0 };

		aliases_parse(&aliases, "f", text, sizeof(text) - 1);
		envelope_add(&e, cases[i].before, NULL);
		assert_true(aliases_expand(&aliases, &e, &hosts, &err));
		for (size_t n = 0; n < e.count; n++)
			str_printf(&got, "%s%s", n > 0 ? " " : "",
			    e.recipients[n].address);
		assert_string_equal(str_text(&got), cases[i].after);
		str_free(&got);
		envelope_free(&e);
		aliases_free(&aliases);
	}
	strv_free(&hosts);
}

static void
keeps_the_original_recipient(void **state)
{
	struct aliases aliases = { .owner = getuid() };
	struct envelope e = { 0 };
	struct error err = { 0 };

	(void)state;
	aliases_parse(&aliases, "f", text, sizeof(text) - 1);
	envelope_add(&e, "postmaster", NULL);
	envelope_add(&e, "x@elsewhere.example", NULL);
	envelope_add(&e, "root", NULL);
	assert_true(aliases_expand(&aliases, &e, NULL, &err));
	assert_int_equal(e.count, 5);
	assert_string_equal(e.recipients[0].original, "postmaster");
	assert_null(e.recipients[4].original);
	envelope_free(&e);
	aliases_free(&aliases);
}

static void
expands_nothing_without_aliases(void **state)
{
	struct aliases aliases = { .owner = getuid() };
	struct envelope e = { 0 };
	struct error err = { 0 };

	(void)state;
	aliases_parse(&aliases, "f", "", 0);
	envelope_add(&e, "root", NULL);
	assert_true(aliases_expand(&aliases, &e, NULL, &err));
	assert_string_equal(e.recipients[0].address, "root");
	envelope_free(&e);
	aliases_free(&aliases);
}

static void
accepts_an_empty_quoted_name(void **state)
{
	static const char empty[] = "a: \"\"\nb: \"\", c@x\n";
	struct aliases aliases = { .owner = getuid() };
	struct envelope e = { 0 };
	struct error err = { 0 };

	(void)state;
	aliases_parse(&aliases, "f", empty, sizeof(empty) - 1);
	envelope_add(&e, "a", NULL);
	envelope_add(&e, "\"\"", NULL);
	assert_true(aliases_expand(&aliases, &e, NULL, &err));
	assert_int_equal(e.count, 1);
	assert_string_equal(e.recipients[0].address, "\"\"");
	envelope_free(&e);
	aliases_free(&aliases);
}

static void
names_the_line_of_an_error(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "root", "f:1: expected \"name: address" },
		{ "\n\nroot a@x\n", "f:3: expected \"name: address" },
		{ ": a@x\n", "f:1: " },
		{ "a@x: b@x\n", "f:1: " },
		{ "a b: c@x\n", "f:1: " },
		{ "# x\n b@x\n", "f:2: " },
		{ "a: b@x\na:\n", "f:2: no address is given" },
		{ "a: (b)\n", "f:1: no address is given" },
		{ "a: b@x\nB: c@x\nA: d@x\n",
		    "f:3: the alias a is already defined on line 1" },
		{ "a: b@x,\n  c d\n", "f:1: " },
		{ "a: |/bin/cmd\n", "f:1: \"|/bin/cmd\": a command" },
		{ "a: \"|/bin/cmd -x\"\n", "f:1: " },
		{ "a: b@x\nb: /var/mail/x\n", "f:2: \"/var/mail/x\": a file" },
		{ "a: :include:list\n", "f:1: the path after :include:" },
		{ "a: b@x, \":include: /x\"\n", "f:1: the path after" },
		{ "a: g: :include:/x;\n", "f:1: \"g: :include:/x;\"" },
		{ "a: :include:/x, b c\n", "f:1: \", b c\": unexpected word" },
		{ "a: \\a\n", "f:1: " },
		{ "a: b@x# comment\n", "f:1: " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct aliases aliases = { .owner = getuid() };
		const char *error;

		aliases_parse(&aliases, "f", cases[i].text,
		    strlen(cases[i].text));
		assert_int_equal(aliases.errors.count, 1);
		error = aliases.errors.items[0];
		print_message("# %s\n", error);
		assert_memory_equal(error, cases[i].error,
		    strlen(cases[i].error));
		aliases_free(&aliases);
	}
}

static void
a_name_that_begins_with_nul_is_no_alias(void **state)
{
	static const char nul[] = "\"\0b\": c@x\n";
	struct aliases aliases = { .owner = getuid() };

	(void)state;
	aliases_parse(&aliases, "f", nul, sizeof(nul) - 1);
	assert_int_equal(aliases.errors.count, 1);
	assert_int_equal(aliases.count, 0);
	aliases_free(&aliases);
}

/* The folder of the lists; "@/" in a text becomes its path. */
static char folder[] = "/tmp/veredus-aliases.XXXXXX";

static char *
with_folder(const char *with)
{
	struct str out = { 0 };

	for (; *with != '\0'; with++) {
		if (with[0] == '@' && with[1] == '/')
			str_add(&out, folder);
		else
			str_add_char(&out, *with);
	}
	return str_steal(&out);
}

static void
write_list(const char *name, const char *with, mode_t mode)
{
	char *path = alloc_printf("%s/%s", folder, name);
	char *content = with_folder(with);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(content, file);
	fclose(file);
	chmod(path, mode);
	free(content);
	free(path);
}

static int
make_lists(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	write_list("one", "# people\na@x, B <b@x>\r\n\n  c@x,\nroot", 0644);
	write_list("two", "d@x\n:include:@/one\n\":include:@/one\"", 0664);
	write_list("circle", ":include:@/circle\n", 0644);
	write_list("back", "e@x\nstaff\n", 0644);
	write_list("empty", "# empty\n\n", 0644);
	write_list("wrong", "a@x\n|cmd\n", 0644);
	write_list("open", "a@x\n", 0666);
	return 0;
}

static int
remove_lists(void **state)
{
	static const char *const names[] = { "one", "two", "circle", "back",
		"empty", "wrong", "open" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char *path = alloc_printf("%s/%s", folder, names[i]);

		unlink(path);
		free(path);
	}
	return rmdir(folder);
}

static void
reads_lists_when_they_are_needed(void **state)
{
	static const struct {
		const char *aliases, *result;
	} cases[] = {
		{ "staff: :include:@/one", "a@x b@x c@x root" },
		{ "staff: x@x, \":include:@/one\" , y@x",
		    "x@x a@x b@x c@x root y@x" },
		{ "staff: :include:@/two, :include:@/one\nroot: r@x",
		    "d@x a@x b@x c@x r@x" },
		{ "staff: x@x\nother: :include:@/absent", "x@x" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct aliases aliases = { .owner = getuid() };
		struct envelope e = { 0 };
		struct error err = { 0 };
		struct str got = { 0 };
		char *content = with_folder(cases[i].aliases);

		aliases_parse(&aliases, "f", content, strlen(content));
		for (size_t round = 0; round < 2; round++) {
			envelope_add(&e, "staff", NULL);
			if (!aliases_expand(&aliases, &e, NULL, &err))
				fail_msg("%s", err.text);
			for (size_t n = 0; n < e.count; n++)
				str_printf(&got, "%s%s", n > 0 ? " " : "",
				    e.recipients[n].address);
			assert_string_equal(str_text(&got), cases[i].result);
			str_free(&got);
			envelope_free(&e);
		}
		free(content);
		aliases_free(&aliases);
	}
}

static void
rejects_invalid_lists(void **state)
{
	static const struct {
		const char *aliases, *error;
	} cases[] = {
		{ "staff: :include:@/absent", "cannot read" },
		{ "staff: :include:/etc", "a directory" },
		{ "staff: :include:/dev/null", "not a regular file" },
		{ "staff: :include:@/empty", "no address is given" },
		{ "staff: :include:@/wrong", "wrong:2: \"|cmd\"" },
		{ "staff: :include:@/open", "others may change it" },
		{ "staff: :include:@/circle", "refers back" },
		{ "staff: :include:@/back", "refers back" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct aliases aliases = { .owner = getuid() };
		struct envelope e = { 0 };
		struct error err = { 0 };
		char *content = with_folder(cases[i].aliases);

		envelope_add(&e, "staff", NULL);
		aliases_parse(&aliases, "f", content, strlen(content));
		assert_false(aliases_expand(&aliases, &e, NULL, &err));
		assert_int_equal(err.kind, ERROR_CONFIG);
		assert_memory_equal(err.text, "f:1: ", 5);
		if (strstr(err.text, cases[i].error) == NULL)
			fail_msg("%s", err.text);
		assert_int_equal(e.count, 1);
		aliases_check(&aliases, NULL);
		assert_int_equal(aliases.errors.count, 1);
		if (strstr(aliases.errors.items[0], cases[i].error) == NULL)
			fail_msg("%s", aliases.errors.items[0]);
		free(content);
		error_free(&err);
		envelope_free(&e);
		aliases_free(&aliases);
	}
}

static void
names_the_lines_of_both_duplicates(void **state)
{
	struct aliases aliases = { .owner = getuid() };
	struct envelope e = { 0 };
	const char twice[] = "z: a@x\na: a@x\nz: b@x\n";

	(void)state;
	aliases_parse(&aliases, "f", twice, sizeof(twice) - 1);
	assert_int_equal(aliases.errors.count, 1);
	assert_string_equal(aliases.errors.items[0],
	    "f:3: the alias z is already defined on line 1");
	envelope_add(&e, "z", NULL);
	assert_true(aliases_expand(&aliases, &e, NULL, NULL));
	assert_string_equal(e.recipients[0].address, "a@x");
	envelope_free(&e);
	aliases_free(&aliases);
}

/* Which recipients an invalid line stops. */
static void
an_invalid_line_stops_only_who_needs_it(void **state)
{
	static const char lines[] = "root a@x\n"
				    "web: |cmd\n"
				    "web: web@x\n"
				    "ops: root, bob\n"
				    "bob: bob@x\n"
				    "a@x: b@x\n"
				    "(: c@x\n";
	static const struct {
		const char *name, *result, *error;
	} cases[] = {
		{ "bob", "bob@x", NULL },
		{ "web", "web@x", NULL },
		{ "other", "other", NULL },
		{ "Root", NULL, "f:1: the alias root cannot be used: expec" },
		{ "ops", NULL, "f:1: the alias root cannot be used: expec" },
		{ "a", NULL, "f:6: the alias a cannot be used: expected" },
	};
	struct aliases aliases = { .owner = getuid() };

	(void)state;
	aliases_parse(&aliases, "f", lines, sizeof(lines) - 1);
	assert_int_equal(aliases.errors.count, 4);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct envelope e = { 0 };
		struct error err = { 0 };

		envelope_add(&e, cases[i].name, NULL);
		assert_int_equal(aliases_expand(&aliases, &e, NULL, &err),
		    cases[i].result != NULL);
		if (cases[i].result != NULL)
			assert_string_equal(e.recipients[0].address,
			    cases[i].result);
		else
			assert_memory_equal(err.text, cases[i].error,
			    strlen(cases[i].error));
		error_free(&err);
		envelope_free(&e);
	}
	aliases_free(&aliases);
}

static void
a_check_finds_all_errors(void **state)
{
	static const char lines[] = "a: b\nb: a\nc d\nroot: c, e@x\n"
				    "l: :include:/nonexistent/list, a\n"
				    "m: f@x, :include:/nonexistent/list\n"
				    "n: o\no: :include:/nonexistent/1,"
				    ":include:/nonexistent/2, n\n";
	static const char *const expected[] = { "f:3: expected", "refers back",
		"f:5: cannot read", "f:6: cannot read",
		"cannot read /nonexistent/1", "cannot read /nonexistent/2",
		"the alias n refers back" };
	struct aliases aliases = { .owner = getuid() };

	(void)state;
	aliases_parse(&aliases, "f", lines, sizeof(lines) - 1);
	aliases_check(&aliases, NULL);
	assert_int_equal(aliases.errors.count, COUNT_OF(expected));
	for (size_t i = 0; i < COUNT_OF(expected); i++)
		if (strstr(aliases.errors.items[i], expected[i]) == NULL)
			fail_msg("%s", aliases.errors.items[i]);
	aliases_free(&aliases);
}

static void
rejects_loops(void **state)
{
	static const struct {
		const char *text, *name;
		bool ok;
	} cases[] = {
		{ "a: a\n", "a", true },
		{ "a: A, b@x\n", "a", true },
		{ "a: b\nb: a\n", "a", false },
		{ "a: b\nb: c\nc: d@x, a\n", "b", false },
		{ "a: b, c\nb: d\nc: d\nd: e@x\n", "a", true },
		{ "default: joe\n", "a", true },
		{ "a: joe\ndefault: b@x\n", "a", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct aliases aliases = { .owner = getuid() };
		struct envelope e = { 0 };
		struct error err = { 0 };

		aliases_parse(&aliases, "f", cases[i].text,
		    strlen(cases[i].text));
		envelope_add(&e, cases[i].name, NULL);
		assert_int_equal(aliases_expand(&aliases, &e, NULL, &err),
		    cases[i].ok);
		assert_int_equal(err.kind,
		    cases[i].ok ? ERROR_NONE : ERROR_CONFIG);
		if (!cases[i].ok) {
			assert_string_equal(e.recipients[0].address,
			    cases[i].name);
			assert_non_null(strstr(err.text, "refers back"));
		}
		error_free(&err);
		envelope_free(&e);
		aliases_free(&aliases);
	}
}

/* The first list doubles the number of paths with each line; the second list
 * is a very long chain. */
static void
expands_each_alias_only_once(void **state)
{
	struct aliases aliases = { .owner = getuid() };
	struct envelope e = { 0 };
	struct error err = { 0 };
	struct str many = { 0 };

	(void)state;
	for (int i = 0; i < 60; i++)
		str_printf(&many, "a%d: a%d, b%d\nb%d: a%d, x%d@x\n", i, i + 1,
		    i, i, i + 1, i);
	aliases_parse(&aliases, "f", many.data, many.len);
	envelope_add(&e, "a30", NULL);
	assert_true(aliases_expand(&aliases, &e, NULL, &err));
	assert_int_equal(e.count, 31);
	envelope_free(&e);
	aliases_free(&aliases);
	str_truncate(&many, 0);
	for (int i = 0; i < 100000; i++)
		str_printf(&many, "a%d: a%d\n", i, i + 1);
	aliases_parse(&aliases, "f", many.data, many.len);
	envelope_add(&e, "a0", NULL);
	assert_false(aliases_expand(&aliases, &e, NULL, &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	error_free(&err);
	envelope_free(&e);
	aliases_free(&aliases);
	str_free(&many);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_files_and_expands_names),
		cmocka_unit_test(keeps_the_original_recipient),
		cmocka_unit_test(expands_nothing_without_aliases),
		cmocka_unit_test(accepts_an_empty_quoted_name),
		cmocka_unit_test(names_the_line_of_an_error),
		cmocka_unit_test(a_name_that_begins_with_nul_is_no_alias),
		cmocka_unit_test(reads_lists_when_they_are_needed),
		cmocka_unit_test(rejects_invalid_lists),
		cmocka_unit_test(names_the_lines_of_both_duplicates),
		cmocka_unit_test(an_invalid_line_stops_only_who_needs_it),
		cmocka_unit_test(a_check_finds_all_errors),
		cmocka_unit_test(rejects_loops),
		cmocka_unit_test(expands_each_alias_only_once),
	};

	return cmocka_run_group_tests(tests, make_lists, remove_lists);
}
