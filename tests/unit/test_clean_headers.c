/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "mail/clean_headers.h"

static const struct header_settings automatic = { .remove_bcc = true };

struct cleaned {
	char *header, *name;
	struct strv notes;
};

static struct cleaned
clean(const char *header, const struct header_settings *settings, bool resends)
{
	struct cleaned result = { 0 };
	struct str text = { 0 };

	str_add(&text, header);
	header_clean(&text, settings, resends, &result.name, &result.notes);
	result.header = alloc_string(str_text(&text));
	str_free(&text);
	return result;
}

static void
cleaned_free(struct cleaned *c)
{
	free(c->header);
	free(c->name);
	strv_free(&c->notes);
}

static void
assert_cleaned(const char *before, const char *after, bool resends)
{
	struct cleaned c = clean(before, &automatic, resends), again;

	assert_string_equal(c.header, after);
	/* Cleaning the result again changes nothing. */
	again = clean(c.header, &automatic, resends);
	assert_string_equal(again.header, after);
	cleaned_free(&c);
	cleaned_free(&again);
}

static void
removes_impossible_values(void **state)
{
	static const char *const values[] = {
		/* of any field */
		"From:",
		"From: ",
		"From:\n ",
		"From: ,",
		"From: <>",
		"To:",
		"to : \n\t",
		"To: ,, ;",
		"To: (nobody)",
		"To: <>",
		"To: \"Undisclosed Recipients\" <>",
		"Cc:",
		"Cc: \n ",
		"CC: <>",
		"Sender:",
		"Sender: <>",
		"Reply-To:",
		"Reply-To: (x)",
		"Date:",
		"Date:\n ",
		"Message-ID:",
		"message-id: \n ",
		/* Dates. */
		"Date: foo",
		"Date: Do, 18 Juli 2024",
		"Date: 2024-07-18 10:00",
		"Date: jeu. 18 juil. 2024 10:00:00 +0200",
		"Date: Jul",
		"Date: 10:00 Jul 18",
		"Date: July 2024",
		"Date: 1721296800",
		"Date: 1 2 3 4",
		"Date: Ma 18 2024",
		/* Message-IDs. */
		"Message-ID: foo",
		"Message-ID: foo@bar",
		"Message-ID: <>",
		"Message-ID: < >",
		"Message-ID: >a<",
		"Message-ID: <a",
		/* Words, which become the name of From. */
		"From: Backup Service",
		"From: \"Backup\" (x) Service",
		"From: A <a@x",
		"From: a@x, A <b@x",
		"From: \"A <B>\" (>) <a@x",
		"From: <\"a@x",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(values); i++) {
		char *header = alloc_printf("A: b\n%s\nC: d\n", values[i]);

		print_message("# %s\n", values[i]);
		assert_cleaned(header, "A: b\nC: d\n", true);
		free(header);
	}
}

static void
keeps_possible_values(void **state)
{
	static const char *const values[] = {
		"From: root",
		"From: a@x",
		"From: A B <a@x>",
		"From: (x) a@x",
		"From: J\303\274rgen A a@x",
		"From: nobody:;",
		"From: A <b c>",
		"From: \"<\" (<) a@x",
		"From: \"A <a@x",

		"To: undisclosed-recipients:;",
		"To: a b",
		"To: Undisclosed recipients",
		"Cc: a@x (b)",
		"Sender: root",
		"Sender: a b",
		"Reply-To: a, b",
		"Bcc:",
		"Subject:",
		"X:",
		"Date: Thu, 18 Jul 2024 10:00:00 +0200",
		"Date: 18 Jul 24 10:00 EST",
		"Date: Thu Jul 18 10:00:00 2024",
		"Date: 18-JUL-2024 10:00:00",
		"Date: Thu, 18\n July 2024 10:00",
		"Date: Do, 18 Jul 2024 10:00:00",
		"Date: - 1 Sept 2024",
		"Message-ID: <a@b>",
		"Message-ID: <a>",
		"Message-ID:\n <a\n b@c>",
		"Message-ID: (x) <a@b> (y)",
		"Message-ID: <[a]@b> c",
		"Resent-From:",
		"Resent-Date: x",
		"Resent-Message-ID: x",
		"Resent-To:",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(values); i++) {
		char *header = alloc_printf("%s\nC: d\n", values[i]);

		print_message("# %s\n", values[i]);
		assert_cleaned(header, header, true);
		free(header);
	}
}

static void
keeps_fields_that_the_settings_leave_alone(void **state)
{
	static const struct header_settings off = {
		.from = HEADER_MODE_OFF,
		.date = HEADER_MODE_OFF,
		.message_id = HEADER_MODE_OFF,
	};
	static const char header[] = "From: A B\nDate: x\nMessage-ID:\n";
	struct cleaned c = clean(header, &off, false);

	(void)state;
	assert_string_equal(c.header, header);
	assert_null(c.name);
	cleaned_free(&c);
}

static void
returns_the_words_of_from(void **state)
{
	static const struct {
		const char *from, *name;
	} cases[] = {
		{ "", NULL },
		{ "<>", NULL },
		{ "Backup Service", "Backup Service" },
		{ "Backup\n Service ", "Backup Service" },
		{ "\"Backup Service\" <>", "\"Backup Service\"" },
		{ "Backup <>", "Backup" },
		{ "Backup [db] 5", "\"Backup [db] 5\"" },
		{ "\"Backup Service", "\"\\\"Backup Service\"" },
		{ "=?utf-8?Q?=C3=A4?= b", "=?utf-8?Q?=C3=A4?= b" },
		{ "J\303\274rgen A", "J\303\274rgen A" },
		{ "J\303\274rgen", "J\303\274rgen" },
		{ "(Cron Daemon)", "\"(Cron Daemon)\"" },
		{ "A B <a@x", "A B" },
		{ "<a@x", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *header = alloc_printf("From: %s\n", cases[i].from);
		struct cleaned c = clean(header, &automatic, false);

		assert_string_equal(c.header, "");
		if (cases[i].name == NULL)
			assert_null(c.name);
		else
			assert_string_equal(c.name, cases[i].name);
		cleaned_free(&c);
		free(header);
	}
}

static void
cleans_the_current_resent_block_only(void **state)
{
	static const char before[] =
	    "Resent-To: a@x\nResent-From: \nResent-Message-ID: b\n"
	    "Resent-Date: c\nResent-Cc:\nResent-Sender: <>\n"
	    "Received: d\nResent-From:\nResent-Date: e\n";

	(void)state;
	assert_cleaned(before,
	    "Resent-To: a@x\nReceived: d\nResent-From:\nResent-Date: e\n",
	    true);
	assert_cleaned(before, before, false);
}

static void
removes_equal_copies(void **state)
{
	static const char *const fields[] = { "From: a@x",
		"Date: 1 Jan 2024 00:00", "Sender: a@x", "Reply-To: a@x",
		"To: a@x", "Cc: a@x", "Message-ID: <a@x>", "In-Reply-To: <a>",
		"References: <a>\n <b>", "Subject: x y", "MIME-Version: 1.0",
		"Content-Type: text/plain", "Content-Transfer-Encoding: 8bit",
		"Content-ID: <a>", "Content-Description: a",
		"Content-Disposition: inline" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		const char *colon = strchr(fields[i], ':');
		char *before = alloc_printf("%s\nX: y\nX: y\n%.*s : %s\n%s\n",
		    fields[i], (int)(colon - fields[i]), fields[i], colon + 1,
		    fields[i]);
		char *after = alloc_printf("%s\nX: y\nX: y\n", fields[i]);

		assert_cleaned(before, after, false);
		free(before);
		free(after);
	}
}

static void
joins_recipients(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "To: a@x\nX: y\nTO :\n B <b@x>,\n c@x\n",
		    "To: a@x,\n B <b@x>,\n c@x\nX: y\n" },
		{ "Cc:a@x , \n \nCc: b@x\nTo: d@x\nCc: c@x\nTo: e@x\n",
		    "Cc:a@x,\n b@x,\n c@x\nTo: d@x,\n e@x\n" },
		{ "To:\nTo: a@x\nTo: b@x\n", "To: a@x,\n b@x\n" },
		{ "To: g: a@x;\nTo: h:;\n", "To: g: a@x;,\n h:;\n" },
		{ "To: \"a\" <a@x>\nTo: b@x (c)\nTo: \"a\" <a@x>\n",
		    "To: \"a\" <a@x>,\n b@x (c)\n" },
		/* In doubt. */
		{ "To: g: a@x\nTo: b@x\n", "To: g: a@x\nTo: b@x\n" },
		{ "To: a b\nTo: b@x\n", "To: a b\nTo: b@x\n" },
		{ "To: b@x\nTo: (a\n", "To: b@x\nTo: (a\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_cleaned(cases[i].before, cases[i].after, false);
}

static void
notes_what_it_replaces_and_keeps(void **state)
{
	static const struct {
		const char *header, *note;
	} cases[] = {
		{ "Subject: a\nSubject: b\nsubject: c\n", "several Subject" },
		{ "From: a@x\nFrom: b@x\n", "several From" },
		{ "To: a@x\nTo: a b\n", "several To" },
		{ "Content-Type: a\nContent-Type: b\n",
		    "several Content-Type" },
		{ "Date: a\n", "the field Date was replaced" },
		{ "Message-ID: a\n", "invalid: a" },
		{ "From: a b\n", "From was replaced" },
		{ "From: A <a@x\n", "From was replaced" },
		{ "Date:\n", NULL },
		{ "Subject: a\nSubject: a\n", NULL },
		{ "To: a@x\nTo: b@x\n", NULL },
		{ "Received: a\nReceived: b\n", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct cleaned c = clean(cases[i].header, &automatic, false);

		assert_int_equal(c.notes.count, cases[i].note != NULL);
		if (cases[i].note != NULL)
			assert_non_null(
			    strstr(c.notes.items[0], cases[i].note));
		cleaned_free(&c);
	}
}

/* A quadratic run time would take minutes. */
static void
cleans_many_fields(void **state)
{
	static const char *const repeated[] = { "To: b@x\n", "To: \n",
		"To: \"b@x\n", "From: \"\n", "From: a b\n", "Date: \n",
		"Subject: b\n", "Resent-To: b\n", "Resent-Date: b\n",
		"Received: b\n" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(repeated); i++) {
		struct str header = { 0 };
		struct cleaned c;

		str_add(&header, "Subject: \nTo: ");
		for (size_t n = 0; n < 50000; n++)
			str_add(&header, "alice@x,\n ");
		str_add(&header, "bob@x\n");
		for (size_t n = 0; n < 50000; n++)
			str_add(&header, repeated[i]);
		c = clean(str_text(&header), &automatic, true);
		assert_non_null(c.header);
		cleaned_free(&c);
		str_free(&header);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(removes_impossible_values),
		cmocka_unit_test(keeps_possible_values),
		cmocka_unit_test(keeps_fields_that_the_settings_leave_alone),
		cmocka_unit_test(returns_the_words_of_from),
		cmocka_unit_test(cleans_the_current_resent_block_only),
		cmocka_unit_test(removes_equal_copies),
		cmocka_unit_test(joins_recipients),
		cmocka_unit_test(notes_what_it_replaces_and_keeps),
		cmocka_unit_test(cleans_many_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
