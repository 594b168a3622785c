/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "mail/header.h"
#include "mail/rewrite.h"

static int look_ups;

/* The host is web.example.org, its alias web, and its mail domain
 * example.org. */
static void
look_up(struct rewrite_rules *r)
{
	look_ups++;
	alloc_replace(&r->domain, "example.org");
	strv_add(&r->hosts, "web");
	strv_add(&r->hosts, "web.example.org");
	strv_add(&r->hosts, "example.org");
}

/* Rules are separated by ";". */
static struct rewrite_rules
rules_of(const char *sender, const char *rules)
{
	struct rewrite_rules r = { .sender = alloc_string(sender),
		.look_up = look_up };
	struct error err = { 0 };
	char *copy = alloc_string(rules);

	for (char *rule = strtok(copy, ";"); rule; rule = strtok(NULL, ";"))
		assert_true(rewrite_add_rule(&r, rule, &err));
	free(copy);
	if (sender != NULL)
		strv_add(&r.own, sender);
	return r;
}

static void
assert_header(struct rewrite_rules *r, const char *before, const char *after)
{
	struct str header = { 0 };

	str_add(&header, before);
	rewrite_header(r, &header);
	assert_string_equal(str_text(&header), after);
	str_free(&header);
}

static void
qualifies_bare_names_and_changes_nothing_else(void **state)
{
	/* "^" marks the end of each bare name. */
	static const char *const cases[] = {
		"From: root^\n",
		"From: \"(Cron Daemon)\" <root^>\n",
		"from : root^ (Cron Daemon)\n",
		"To:root^,daemon^\n",
		"To: root^,\n\tdaemon^ ,, <bin^>\n",
		"Cc: a@b.example, \"x, y\" <root^>, =?utf-8?Q?=C3=A4?= <sys^>\n",
		"Reply-To: (a (b)) root^ (c)\n",
		"Sender: \"john doe\"^\n",
		"To: undisclosed-recipients:;\n",
		"To: staff: root^, a@b, bin^;, daemon^\n",
		"Bcc: root^\nResent-Bcc: root^\nResent-To: root^\n",
		"Resent-From: root^\nResent-Sender: root^\nResent-Cc: root^\n",
		"To: \303\244 <root^>\n",
		"To: Cron Daemon\n",
		"To: root, <a\n",
		/* Not ASCII: probably "Bücher, Inc." without quotes. */
		"To: B\303\274cher, Inc. <root^>\n",
		"To: \n",
		"To:\n \n",
		"To: |cmd, root\n",
		"Subject: root\nX-To: root\nReceived: from root\n",
		"To: root^\n \nSubject: x\n",
		"To: root@localhost\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct rewrite_rules r = rules_of(NULL, "");
		struct str before = { 0 }, after = { 0 };

		for (const char *p = cases[i]; *p != '\0'; p++) {
			if (*p == '^') {
				str_add(&after, "@example.org");
				continue;
			}
			str_add_char(&before, *p);
			str_add_char(&after, *p);
		}
		assert_header(&r, before.data, after.data);
		/* Rewriting the result again changes nothing. */
		assert_header(&r, after.data, after.data);
		str_free(&before);
		str_free(&after);
		rewrite_rules_free(&r);
	}
}

static void
keeps_bare_names_without_a_domain(void **state)
{
	struct rewrite_rules r = { 0 };
	char *address = rewrite_recipient(&r, "root");

	(void)state;
	assert_string_equal(address, "root");
	free(address);
	assert_header(&r, "From: root\nTo: root\n", "From: root\nTo: root\n");
	rewrite_rules_free(&r);
}

static void
replaces_local_senders(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "root", "alerts@p.example" },
		{ "root@localhost", "alerts@p.example" },
		{ "root@localhost.localdomain", "alerts@p.example" },
		{ "root@a.LOCALHOST", "alerts@p.example" },
		{ "www-data@web", "alerts@p.example" },
		{ "www-data@other", "www-data@other" },
		{ "root@nas.localdomain", "root@nas.localdomain" },
		{ "root@localdomain", "root@localdomain" },
		{ "www-data@WEB.example.org", "alerts@p.example" },
		{ "\"a b\"@web", "alerts@p.example" },
		{ "alice@example.org", "alerts@p.example" },
		{ "alice@elsewhere.example", "alice@elsewhere.example" },
		{ "alice@[192.0.2.1]", "alice@[192.0.2.1]" },
		{ "alice@[IPv6:::1]", "alice@[IPv6:::1]" },
		{ "alerts@p.example", "alerts@p.example" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct rewrite_rules r = rules_of("alerts@p.example", "");
		char *sender = rewrite_sender(&r, cases[i].before, NULL);
		char *recipient = rewrite_recipient(&r, cases[i].before);

		assert_string_equal(sender, cases[i].after);
		if (strchr(cases[i].before, '@') != NULL)
			assert_string_equal(recipient, cases[i].before);
		free(sender);
		free(recipient);
		rewrite_rules_free(&r);
	}
}

static void
keeps_the_addresses_of_the_account(void **state)
{
	struct rewrite_rules r = rules_of("alerts@p.example", "");

	(void)state;
	strv_add(&r.own, "*@example.org");
	assert_header(&r, "From: root\nSender: bin@web\n",
	    "From: root@example.org\nSender: alerts@p.example\n");
	rewrite_rules_free(&r);
}

static void
rewrites_sender_fields_and_keeps_display_names(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "From: \"(Cron Daemon)\" <root>\nTo: root\n",
		    "From: \"(Cron Daemon)\" <alerts@p.example>\n"
		    "To: root@example.org\n" },
		{ "Sender: root@localhost (me)\nReply-To: a@b, root@web\n"
		  "To: root@localhost\nCc: root@web.example.org\n",
		    "Sender: alerts@p.example (me)\n"
		    "Reply-To: a@b, alerts@p.example\n"
		    "To: root@localhost\nCc: root@web.example.org\n" },
		{ "Resent-From: root\nResent-Sender: =?x?Q?=E4?=\n <root>\n",
		    "Resent-From: alerts@p.example\n"
		    "Resent-Sender: =?x?Q?=E4?=\n <alerts@p.example>\n" },
		{ "From: root@(x) localhost , alice@x.example\n",
		    "From: alerts@p.example , alice@x.example\n" },
		{ "From: broken\n \"root <root@web>\n",
		    "From: broken\n \"root <root@web>\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct rewrite_rules r = rules_of("alerts@p.example", "");

		assert_header(&r, cases[i].before, cases[i].after);
		rewrite_rules_free(&r);
	}
}

static void
quotes_display_names_that_are_no_phrases(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "a@x.example <a@x.example>",
		    "\"a@x.example\" <a@x.example>" },
		{ "[Team] Bob <a@x>", "\"[Team] Bob\" <a@x>" },
		{ "[Team]\n Bob  <a@x>", "\"[Team] Bob\" <a@x>" },
		{ "J. Doe [Support] <a@x>,\n J. Doe <b@y>",
		    "\"J. Doe [Support]\" <a@x>,\n J. Doe <b@y>" },
		{ "\"Doe, \\\"J\\\".\" [x] (home) <root>",
		    "\"Doe, \\\"J\\\". [x] (home)\" <root@example.org>" },
		{ "\"a\n b\"@c <a@x>", "\"a b@c\" <a@x>" },
		{ "[x] =?utf-8?Q?=C3=A4?= =?utf-8?Q?=C3=B6?= @b c <a@x>",
		    "\"[x]\" =?utf-8?Q?=C3=A4?= =?utf-8?Q?=C3=B6?= \"@b c\""
		    " <a@x>" },
		{ "=?utf-8?Q?[x]?= y@z <a@x>",
		    "=?utf-8?Q?[x]?= \"y@z\" <a@x>" },
		{ "=?a\tb?= =?(c)?= @ <a@x>", "\"=?a b?= =?(c)?= @\" <a@x>" },
		{ "DOMAIN\\bob) <a@x>", "\"DOMAIN\\\\bob)\" <a@x>" },
		{ "[\303\244] <a@x>", "\"[\303\244]\" <a@x>" },
		{ "g: [x] <a@x>, b: c <d@x>;",
		    "g: \"[x]\" <a@x>, \"b: c\" <d@x>;" },
		{ "[x] <@r:a@x>", "\"[x]\" <@r:a@x>" },
		{ "[a] <>, [x] <a@x>", "[a] <>, \"[x]\" <a@x>" },
		/* In doubt: kept as it is. */
		{ "[x] <a@x> y", "[x] <a@x> y" },
		{ "[x] \"a <a@x>", "[x] \"a <a@x>" },
	};
	static const char *const names[] = { "From", "Sender", "Reply-To", "To",
		"Cc", "Bcc", "Resent-From", "Resent-To" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases) * COUNT_OF(names); i++) {
		const char *name = names[i % COUNT_OF(names)];
		struct rewrite_rules r = rules_of(NULL, "");
		char *before = alloc_printf("%s: %s\nX: y\n", name,
		    cases[i / COUNT_OF(names)].before);
		char *after = alloc_printf("%s: %s\nX: y\n", name,
		    cases[i / COUNT_OF(names)].after);

		assert_header(&r, before, after);
		assert_header(&r, after, after);
		free(before);
		free(after);
		rewrite_rules_free(&r);
	}
}

static void
applies_the_first_matching_rule(void **state)
{
	static const char rules[] = "root@db.example  dba@p.example;"
				    "backup\tbackup@p.example;"
				    "*@*.internal @p.example;"
				    "root@* never@p.example;"
				    "www-* web@p.example";
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "root@db.example", "dba@p.example" },
		{ "root@DB.example", "dba@p.example" },
		{ "Root@db.example", "dba@p.example" },
		{ "backup", "backup@p.example" },
		{ "backup@localhost", "backup@p.example" },
		{ "backup@example.org", "backup@p.example" },
		{ "backup@other.example", "backup@other.example" },
		{ "alice@a.internal", "alice@p.example" },
		{ "\"a b\"@a.internal", "\"a b\"@p.example" },
		{ "root@a.internal", "root@p.example" },
		{ "root", "never@p.example" },
		{ "www-data", "web@p.example" },
		{ "bin", "alerts@p.example" },
		{ "bin@x.example", "bin@x.example" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct rewrite_rules r = rules_of("alerts@p.example", rules);
		char *sender = rewrite_sender(&r, cases[i].before, NULL);

		assert_string_equal(sender, cases[i].after);
		free(sender);
		rewrite_rules_free(&r);
	}
}

static void
adds_reply_to_if_the_rule_requires_it(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "From: \"Web\"\n <root>\nTo: a@b\n",
		    "From: \"Web\"\n <relay@p.example>\nTo: a@b\n"
		    "Reply-To: \"Web\" <root@example.org>\n" },
		{ "From: root@web\nReply-To: bob@x.example\n",
		    "From: relay@p.example\nReply-To: bob@x.example\n" },
		{ "From: a@x.example\nReply-To: root@web\n",
		    "From: a@x.example\nReply-To: root@web\n" },
		{ "From: a@x.example\n", "From: a@x.example\n" },
		{ "From: bin\nSender: root\n",
		    "From: other@p.example\nSender: relay@p.example\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct rewrite_rules r = rules_of(NULL,
		    "root relay@p.example reply-to;bin other@p.example");

		assert_header(&r, cases[i].before, cases[i].after);
		rewrite_rules_free(&r);
	}
}

static void
returns_the_old_address_of_a_sender(void **state)
{
	struct rewrite_rules r =
	    rules_of(NULL, "root relay@p.example reply-to;bin other@p.example");
	char *old = NULL;

	(void)state;
	free(rewrite_sender(&r, "root", &old));
	assert_string_equal(old, "root@example.org");
	free(old);
	free(rewrite_sender(&r, "bin", &old));
	assert_null(old);
	rewrite_rules_free(&r);
}

static void
returns_the_rule_for_a_sender(void **state)
{
	struct rewrite_rules r = rules_of("alerts@p.example",
	    "www-data web@p.example;*@old.example @p.example");

	(void)state;
	assert_ptr_equal(rewrite_rule_of(&r, "www-data"), &r.rules[0]);
	assert_ptr_equal(rewrite_rule_of(&r, "al@old.example"), &r.rules[1]);
	assert_null(rewrite_rule_of(&r, "root"));
	assert_null(rewrite_rule_of(&r, "alice@elsewhere.example"));
	assert_null(rewrite_rule_of(&r, ""));
	rewrite_rules_free(&r);
}

static void
looks_up_names_only_when_needed(void **state)
{
	static const struct {
		const char *header, *rules;
		int count;
	} cases[] = {
		{ "From: alerts@p.example\nTo: a@b.example\n", "", 0 },
		{ "From: a@localhost\nTo: a@b.example\n", "", 0 },
		{ "From: a@x.example\n", "a@* b@p.example", 0 },
		{ "From: a@x.example\nSender: b@y.example\n", "", 1 },
		{ "From: alerts@p.example\nTo: root, bin\n", "", 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct rewrite_rules r =
		    rules_of("alerts@p.example", cases[i].rules);
		struct str header = { 0 };

		look_ups = 0;
		str_add(&header, cases[i].header);
		rewrite_header(&r, &header);
		assert_int_equal(look_ups, cases[i].count);
		str_free(&header);
		rewrite_rules_free(&r);
	}
}

static void
rejects_invalid_rules(void **state)
{
	static const char *const cases[] = {
		"",
		"root",
		" root ",
		"root bob",
		"root @",
		"root bob@",
		"root a@x, b@x",
		"root a@x reply",
		"root a@x reply-to-me",
		"root a@x reply-to b",
		"root <a@x>",
		"root a@x\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct rewrite_rules r = { 0 };
		struct error err = { 0 };

		if (rewrite_add_rule(&r, cases[i], &err))
			fail_msg("%s", cases[i]);
		assert_int_equal(err.kind, ERROR_CONFIG);
		assert_int_equal(r.count, 0);
		error_free(&err);
		rewrite_rules_free(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(qualifies_bare_names_and_changes_nothing_else),
		cmocka_unit_test(keeps_bare_names_without_a_domain),
		cmocka_unit_test(replaces_local_senders),
		cmocka_unit_test(keeps_the_addresses_of_the_account),
		cmocka_unit_test(
		    rewrites_sender_fields_and_keeps_display_names),
		cmocka_unit_test(quotes_display_names_that_are_no_phrases),
		cmocka_unit_test(applies_the_first_matching_rule),
		cmocka_unit_test(adds_reply_to_if_the_rule_requires_it),
		cmocka_unit_test(returns_the_old_address_of_a_sender),
		cmocka_unit_test(returns_the_rule_for_a_sender),
		cmocka_unit_test(looks_up_names_only_when_needed),
		cmocka_unit_test(rejects_invalid_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
