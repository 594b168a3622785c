/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/option_names.h"
#include "config/providers.h"

#include <string.h>

#include "unit.h"

/* Every entry of the table in the tree can be found and is complete. */
static void
reads_the_table_that_is_installed(void **state)
{
	const struct option_choice *choices =
	    option_find("oauth_provider")->choices;
	struct str table = { 0 };
	struct strv names = { 0 };
	struct error err = { 0 };

	(void)state;
	if (!providers_read(&table, &err)
	    || !providers_names(&table, &names, &err))
		fail_msg("%s", err.text);
	assert_true(names.count > 30);
	for (size_t i = 0; i < names.count; i++) {
		struct provider p = { 0 };
		const struct option_choice *c = choices;
		char *star = strchr(names.items[i], '*');

		if (star != NULL)
			*star = 'x';
		assert_true(providers_find(&table, PROVIDER_NAME,
		    names.items[i], &p, &err));
		if (p.name == NULL)
			fail_msg("%s: not found", names.items[i]);
		assert_non_null(p.server);
		assert_true(p.port > 0);
		while (p.oauth != NULL && c->name != NULL
		    && strcmp(c->name, p.oauth) != 0)
			c++;
		assert_non_null(c->name);
		provider_free(&p);
	}
	strv_free(&names);
	str_free(&table);
}

static const struct {
	enum provider_key key;
	const char *value, *name, *server;
} found[] = {
	{ PROVIDER_DOMAIN, "gmail.com", "gmail", "smtp.gmail.com" },
	{ PROVIDER_DOMAIN, "GoogleMail.com", "gmail", "smtp.gmail.com" },
	{ PROVIDER_DOMAIN, "xgmail.com", NULL, NULL },
	{ PROVIDER_DOMAIN, "sub.gmail.com", NULL, NULL },
	{ PROVIDER_MX, "aspmx.l.google.com", "gmail", "smtp.gmail.com" },
	{ PROVIDER_MX, "google.com", NULL, NULL },
	{ PROVIDER_MX, "aspmx.l.google.com.example", NULL, NULL },
	{ PROVIDER_MX, "notgoogle.com", NULL, NULL },
	{ PROVIDER_MX, "example-org.mail.protection.outlook.com",
	    "microsoft365", "smtp.office365.com" },
	{ PROVIDER_MX, "example-org.o-v1.mx.microsoft", "microsoft365",
	    "smtp.office365.com" },
	{ PROVIDER_MX, "eur.olc.protection.outlook.com", "outlook",
	    "smtp-mail.outlook.com" },
	{ PROVIDER_MX, "inbound-smtp.eu-west-1.amazonaws.com", "ses-*",
	    "email-smtp.eu-west-1.amazonaws.com" },
	{ PROVIDER_MX, "inbound-smtp.a.b.amazonaws.com", NULL, NULL },
	{ PROVIDER_NAME, "ses-us-east-1", "ses-*",
	    "email-smtp.us-east-1.amazonaws.com" },
	{ PROVIDER_NAME, "ses-a.b", NULL, NULL },
	{ PROVIDER_NAME, "ses-", NULL, NULL },
	{ PROVIDER_SERVER, "smtp.fastmail.com", "fastmail",
	    "smtp.fastmail.com" },
	{ PROVIDER_MX, "mx02.mail.icloud.com", "icloud-domain",
	    "smtp.mail.me.com" },
	{ PROVIDER_DOMAIN, "icloud.com", "icloud", "smtp.mail.me.com" },
	{ PROVIDER_DOMAIN, "proton.me", "proton", "127.0.0.1" },
};

static void
finds_entries_by_their_patterns(void **state)
{
	struct str table = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_true(providers_read(&table, &err));
	for (size_t i = 0; i < COUNT_OF(found); i++) {
		struct provider p = { 0 };

		assert_true(providers_find(&table, found[i].key, found[i].value,
		    &p, &err));
		if (found[i].name == NULL
			? p.name != NULL
			: p.name == NULL || strcmp(p.name, found[i].name) != 0
			    || strcmp(p.server, found[i].server) != 0)
			fail_msg("%s: %s", found[i].value,
			    p.name != NULL ? p.server : "nothing");
		provider_free(&p);
	}
	str_free(&table);
}

static void
tells_what_the_mx_host_leaves_open(void **state)
{
	static const char text[] = "provider a A\nmx mx.example\n"
				   "server a.example 465 tls\nlogin address\n"
				   "note one\nmx_note two\n";
	struct str table = { 0 };
	struct provider p = { 0 };

	(void)state;
	str_add(&table, text);
	assert_true(
	    providers_find(&table, PROVIDER_MX, "mx.example", &p, NULL));
	assert_int_equal(p.notes.count, 2);
	provider_free(&p);
	assert_true(providers_find(&table, PROVIDER_NAME, "a", &p, NULL));
	assert_int_equal(p.notes.count, 1);
	provider_free(&p);
	str_free(&table);
}

static const char *const wrong[] = {
	"domain a.example\n",
	"provider a\n",
	"provider\n",
	"provider a A\nserver a.example 465\n",
	"provider a A\nserver a.example 0 tls\n",
	"provider a A\nserver a.example 465 ssl\n",
	"provider a A\nserver a.example 465 tls x\n",
	"provider a A\nlogin\n",
	"provider a A\nlogin none\n",
	"provider a A\nlogin fixed\n",
	"provider a A\nlogin address x\n",
	"provider a A\nlogin fixed a b\n",
	"provider a A\noauth\n",
	"provider a A\noauth google never\n",
	"provider a A\nnote\n",
	"provider a A\nmx_note\n",
	"provider a A\nhost a.example\n",
	"provider a A\ndomain \001\n",
};

static void
names_the_line_that_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct str table = { 0 };
		struct provider p = { 0 };
		struct error err = { 0 };

		str_add(&table, wrong[i]);
		if (providers_find(&table, PROVIDER_NAME, "x", &p, &err))
			fail_msg("accepted: %s", wrong[i]);
		assert_null(p.name);
		assert_int_equal(err.kind, ERROR_CONFIG);
		assert_non_null(strstr(err.text,
		    strchr(wrong[i], '\n')[1] != '\0' ? "providers:2: "
						      : "providers:1: "));
		error_free(&err);
		str_free(&table);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_table_that_is_installed),
		cmocka_unit_test(finds_entries_by_their_patterns),
		cmocka_unit_test(tells_what_the_mx_host_leaves_open),
		cmocka_unit_test(names_the_line_that_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
