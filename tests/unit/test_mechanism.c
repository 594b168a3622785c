/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The choice of a mechanism. */
#include <stdlib.h>
#include <string.h>

#include "auth/mechanism.h"
#include "auth/sasl.h"
#include "base/alloc.h"
#include "base/text.h"
#include "unit.h"

/* Flags for the properties of a case. */
enum {
	PLAIN_TEXT = 1 << 0, /* no TLS */
	UNVERIFIED = 1 << 1, /* TLS with an unverified server */
	LOCAL = 1 << 2,      /* the server is on this machine */
	CLEARTEXT = 1 << 3,  /* `tls off` is set */
	ALLOWED = 1 << 4,    /* `tls_certcheck off` is set */
	NO_USER = 1 << 5,
	NO_PASSWORD = 1 << 6,
	CERTIFICATE = 1 << 7, /* a certificate is configured and was sent */
	NOT_ASKED = 1 << 8,   /* the server did not request the certificate */
	BINDING = 1 << 9,     /* the session has a channel binding */
	NO_AUTH = 1 << 10,    /* the server does not offer AUTH */
	IS_TOKEN = 1 << 11    /* the password is an access token */
};

static void
set_up_params(struct auth_params *params, unsigned traits, const char *setting)
{
	params->mechanism = alloc_string(setting);
	params->cleartext = (traits & CLEARTEXT) != 0;
	params->is_token = (traits & IS_TOKEN) != 0;
	params->unverified = (traits & ALLOWED) != 0;
	params->has_certificate = (traits & CERTIFICATE) != 0;
	if ((traits & NO_USER) == 0)
		params->user = alloc_string("alice");
	if ((traits & NO_PASSWORD) == 0)
		secret_set(&params->password, "sesame", 6);
}

/* Makes an offer of the mechanisms in `offered`, which are separated by
 * blanks. */
static void
set_up_offer(struct auth_offer *offer, struct strv *mechanisms, unsigned traits,
    const char *offered)
{
	char *copy = alloc_string(offered), *rest = copy, *word;

	while ((word = strsep(&rest, " ")) != NULL)
		if (*word != '\0')
			strv_add(mechanisms, word);
	free(copy);
	*offer = (struct auth_offer){
		.has_auth = (traits & NO_AUTH) == 0,
		.mechanisms = mechanisms,
		.encrypted = (traits & PLAIN_TEXT) == 0,
		.verified = (traits & (PLAIN_TEXT | UNVERIFIED)) == 0,
		.local = (traits & LOCAL) != 0,
		.sent_certificate = (traits & (PLAIN_TEXT | NOT_ASKED)) == 0,
		.has_binding = (traits & BINDING) != 0,
	};
}

static const struct choice {
	const char *setting;
	unsigned traits;
	const char *offered;
	const char *chosen; /* NULL: no mechanism, but an error */
	const char *says;   /* part of the text of the error */
} choices[] = {
	/* A token is no password. */
	{ "on", IS_TOKEN, "PLAIN LOGIN XOAUTH2 SCRAM-SHA-256", "XOAUTH2",
	    NULL },
	{ "on", IS_TOKEN, "XOAUTH2 OAUTHBEARER", "OAUTHBEARER", NULL },
	{ "on", IS_TOKEN, "PLAIN", NULL,
	    "PLAIN (needs a password, and this account has an access token" },
	/* "on" chooses the best mechanism, independent of the order of the
	 * offer. */
	{ "on", BINDING,
	    "PLAIN LOGIN SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-256-PLUS",
	    "SCRAM-SHA-256-PLUS", NULL },
	{ "on", BINDING, "SCRAM-SHA-256 SCRAM-SHA-1-PLUS", "SCRAM-SHA-1-PLUS",
	    NULL },
	{ "on", 0, "SCRAM-SHA-1 SCRAM-SHA-256-PLUS SCRAM-SHA-256",
	    "SCRAM-SHA-256", NULL },
	{ "on", 0, "LOGIN PLAIN SCRAM-SHA-1", "SCRAM-SHA-1", NULL },
	{ "on", 0, "LOGIN PLAIN", "PLAIN", NULL },
	{ "on", 0, "login", "LOGIN", NULL },
	{ "ON", 0, "PLAIN", "PLAIN", NULL },
	{ "on", CERTIFICATE, "EXTERNAL PLAIN", "EXTERNAL", NULL },
	{ "on", CERTIFICATE, "EXTERNAL SCRAM-SHA-1", "SCRAM-SHA-1", NULL },
	{ "on", CERTIFICATE | NO_PASSWORD, "EXTERNAL SCRAM-SHA-1", "EXTERNAL",
	    NULL },
	{ "on", CERTIFICATE | NOT_ASKED, "EXTERNAL PLAIN", "PLAIN", NULL },
	{ "on", 0, "EXTERNAL PLAIN", "PLAIN", NULL },
	{ "on", NO_PASSWORD, "PLAIN GSSAPI", "GSSAPI", NULL },
	{ "on", 0, "GSSAPI PLAIN", "PLAIN", NULL },

	/* An offer without good mechanisms, as after an attack. */
	{ "on", 0, "CRAM-MD5 NTLM DIGEST-MD5", NULL,
	    "CRAM-MD5 (weak, used only by name: \"auth cram-md5\"), NTLM (weak, used "
	    "only by name: \"auth ntlm\"), DIGEST-MD5 (weak, used only by name: "
	    "\"auth digest-md5\")" },
	{ "on", 0, "ANONYMOUS", NULL, "ANONYMOUS (unknown mechanism)" },
	{ "on", 0, "XOAUTH2 OAUTHBEARER", NULL,
	    "XOAUTH2 (needs an access token, used only by name: \"auth "
	    "xoauth2\")" },
	{ "on", 0, "GSSAPI", NULL,
	    "with a password only by name: \"auth gssapi\"" },
	{ "on", 0, "SCRAM-SHA-256-PLUS", NULL, "has no TLS channel binding" },
	{ "on", CERTIFICATE | NOT_ASKED, "EXTERNAL", NULL,
	    "did not request a client certificate" },
	{ "on", 0, "EXTERNAL", NULL, "\"tls_cert_file\"" },
	{ "on", NO_USER, "PLAIN", NULL, "set \"user\"" },
	{ "on", NO_PASSWORD, "PLAIN", NULL, "set \"passwordeval\"" },
	{ "on", 0, "A-NAME-THAT-IS-LONGER-THAN-IT-MAY-BE", NULL,
	    "A-NAME-THAT-IS-LONGE (unknown mechanism)" },
	{ "on", 0, "A B C D E F G H I J K L M N O P Q R", NULL,
	    "P (unknown mechanism) and 2 more" },

	/* No secret is revealed without TLS or to an unverified server. */
	{ "on", PLAIN_TEXT, "PLAIN LOGIN", NULL,
	    "PLAIN (would reveal the password without TLS: set \"tls on\")" },
	{ "on", PLAIN_TEXT, "SCRAM-SHA-256", NULL,
	    "without TLS only by name: set \"tls on\" or \"auth scram-sha-256\"" },
	{ "on", PLAIN_TEXT | CLEARTEXT, "PLAIN", NULL, "set \"tls on\"" },
	{ "on", PLAIN_TEXT | LOCAL, "PLAIN", NULL,
	    "or explicitly \"tls off\"" },
	{ "on", PLAIN_TEXT | LOCAL | CLEARTEXT, "PLAIN", "PLAIN", NULL },
	{ "on", UNVERIFIED, "PLAIN", NULL,
	    "an unverified server: set \"tls on\"" },
	{ "on", UNVERIFIED, "SCRAM-SHA-1", NULL, "or \"auth scram-sha-1\"" },
	{ "on", UNVERIFIED | ALLOWED, "PLAIN", "PLAIN", NULL },
	{ "on", UNVERIFIED | LOCAL | CLEARTEXT, "PLAIN", "PLAIN", NULL },
	{ "plain", PLAIN_TEXT, "PLAIN", NULL, "cannot log in with PLAIN" },
	{ "login", PLAIN_TEXT, "LOGIN", NULL, "without TLS" },
	{ "xoauth2", PLAIN_TEXT | ALLOWED, "XOAUTH2", NULL, "without TLS" },
	{ "oauthbearer", UNVERIFIED, "OAUTHBEARER", NULL, "unverified server" },
	{ "scram-sha-256", PLAIN_TEXT, "SCRAM-SHA-256", "SCRAM-SHA-256", NULL },
	{ "cram-md5", PLAIN_TEXT, "CRAM-MD5", "CRAM-MD5", NULL },
	{ "scram-sha-1", UNVERIFIED, "SCRAM-SHA-1", "SCRAM-SHA-1", NULL },

	/* The name of a mechanism allows no other mechanism. */
	{ "cram-md5", 0, "CRAM-MD5 PLAIN", "CRAM-MD5", NULL },
	{ "digest-md5", 0, "DIGEST-MD5", "DIGEST-MD5", NULL },
	{ "ntlm", 0, "NTLM", "NTLM", NULL },
	{ "gssapi", 0, "GSSAPI", "GSSAPI", NULL },
	{ "xoauth2", 0, "XOAUTH2", "XOAUTH2", NULL },
	{ "PLAIN", 0, "SCRAM-SHA-256 PLAIN", "PLAIN", NULL },
	{ "plain", 0, "SCRAM-SHA-256 LOGIN", NULL,
	    "does not offer PLAIN, which \"auth plain\" requires; it offers "
	    "SCRAM-SHA-256, LOGIN" },
	{ "scram-sha-256-plus", BINDING, "SCRAM-SHA-256", NULL,
	    "does not offer SCRAM-SHA-256-PLUS" },
	{ "scram-sha-256-plus", 0, "SCRAM-SHA-256-PLUS", NULL,
	    "has no TLS channel binding" },
	{ "external", PLAIN_TEXT | LOCAL, "EXTERNAL", "EXTERNAL", NULL },
	{ "external", PLAIN_TEXT, "EXTERNAL", NULL, "\"tls_cert_file\"" },
	{ "external", CERTIFICATE | NO_USER, "EXTERNAL", "EXTERNAL", NULL },

	/* The server offers no mechanism. */
	{ "on", NO_AUTH, "", NULL,
	    "does not offer AUTH; if it needs no login, set \"auth off\"" },
	{ "on", NO_AUTH | PLAIN_TEXT, "", NULL,
	    "does not offer AUTH without TLS; set \"tls on\"" },
	{ "plain", NO_AUTH, "PLAIN", NULL, "does not offer AUTH" },
	{ "on", 0, "", NULL, "names no mechanism" },
};

static void
free_params(struct auth_params *params)
{
	free(params->mechanism);
	free(params->user);
	secret_free(&params->password);
}

/* Without libgsasl only the other mechanisms can be tested. */
static bool
is_available(const char *name)
{
	static const char *const built_in[] = { "EXTERNAL", "PLAIN", "LOGIN",
		"OAUTHBEARER", "XOAUTH2" };

	for (size_t i = 0; i < COUNT_OF(built_in); i++)
		if (strcmp(name, built_in[i]) == 0)
			return true;
	return sasl_has(name);
}

static bool
is_possible(const struct choice *c)
{
	char *copy = alloc_string(c->offered), *rest = copy, *word;
	bool possible = true;

	while ((word = strsep(&rest, " ")) != NULL)
		if (auth_mechanism_name(word) != NULL && !is_available(word))
			possible = false;
	free(copy);
	return possible;
}

static void
check_choice(const struct choice *c, size_t row)
{
	struct auth_offer offer;
	struct strv mechanisms = { 0 };
	struct auth_params params = { 0 };
	struct error err = { 0 };
	const struct mechanism *m;

	set_up_params(&params, c->traits, c->setting);
	set_up_offer(&offer, &mechanisms, c->traits, c->offered);
	m = mechanism_choose(&offer, &params, &err);
	if (c->chosen != NULL) {
		assert_string_equal(m == NULL ? err.text : m->name, c->chosen);
	} else {
		if (m != NULL)
			fail_msg("row %zu: chose %s", row, m->name);
		assert_int_equal(err.kind, ERROR_NO_MECHANISM);
		if (strstr(err.text, c->says) == NULL)
			fail_msg("row %zu: \"%s\" lacks \"%s\"", row, err.text,
			    c->says);
		assert_null(strstr(err.text, "sesame"));
	}
	error_free(&err);
	free_params(&params);
	strv_free(&mechanisms);
}

static void
chooses_the_best_usable_mechanism_or_explains_why_none_is(
    void **state ATTR_UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(choices); i++)
		if (is_possible(&choices[i]))
			check_choice(&choices[i], i);
}

static void
reports_mechanisms_that_the_build_does_not_support(void **state ATTR_UNUSED)
{
	static const struct choice row = { "on", 0, "SCRAM-SHA-256 CRAM-MD5",
		NULL, "SCRAM-SHA-256 (not supported by this build" };

	if (sasl_is_available())
		skip();
	check_choice(&row, 0);
}

static void
rejects_an_unknown_mechanism(void **state ATTR_UNUSED)
{
	struct auth_offer offer;
	struct strv mechanisms = { 0 };
	struct auth_params params = { 0 };
	struct error err = { 0 };

	set_up_params(&params, 0, "anonymous");
	set_up_offer(&offer, &mechanisms, 0, "ANONYMOUS");
	assert_null(mechanism_choose(&offer, &params, &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	error_free(&err);
	free_params(&params);
	strv_free(&mechanisms);
}

static void
knows_whether_user_and_password_are_needed(void **state ATTR_UNUSED)
{
	static const struct {
		const char *setting;
		unsigned traits;
		bool user, password;
	} cases[] = {
		{ NULL, 0, false, false },
		{ "off", 0, false, false },
		{ "on", 0, true, true },
		{ "on", NO_USER | NO_PASSWORD, true, true },
		{ "on", CERTIFICATE, true, true },
		{ "on", CERTIFICATE | NO_USER | NO_PASSWORD, false, false },
		{ "plain", 0, true, true },
		{ "xoauth2", 0, true, true },
		{ "external", 0, false, false },
		{ "gssapi", 0, false, false },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct auth_params params = { 0 };
		struct mechanism_needs needs;

		set_up_params(&params, cases[i].traits, cases[i].setting);
		needs = auth_needs(&params);
		assert_int_equal(needs.user, cases[i].user);
		assert_int_equal(needs.password, cases[i].password);
		free_params(&params);
	}
}

static void
knows_when_a_ticket_may_be_used(void **state ATTR_UNUSED)
{
	static const struct {
		const char *setting;
		unsigned traits;
		bool may;
	} cases[] = {
		{ NULL, 0, false },
		{ "off", NO_PASSWORD, false },
		{ "on", 0, false },
		{ "on", NO_PASSWORD, true },
		{ "plain", 0, false },
		{ "GSSAPI", 0, true },
		{ "gs2-krb5", NO_PASSWORD, true },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct auth_params params = { 0 };

		set_up_params(&params, cases[i].traits, cases[i].setting);
		assert_int_equal(auth_may_use_ticket(&params), cases[i].may);
		free_params(&params);
	}
}

static void
knows_the_names(void **state ATTR_UNUSED)
{
	struct str list = { 0 };

	assert_string_equal(auth_mechanism_name("scram-sha-256-plus"),
	    "SCRAM-SHA-256-PLUS");
	assert_string_equal(auth_mechanism_name("Plain"), "PLAIN");
	assert_null(auth_mechanism_name("on"));
	assert_null(auth_mechanism_name("off"));
	assert_null(auth_mechanism_name(""));
	auth_mechanism_list(&list);
	assert_int_equal(strncmp(list.data, "scram-", 6), 0);
	assert_non_null(strstr(list.data, ", xoauth2"));
	str_free(&list);
}

static void
knows_which_offers_need_a_channel_binding(void **state ATTR_UNUSED)
{
	static const struct {
		const char *offered;
		bool needs;
	} cases[] = {
		{ "", false },
		{ "PLAIN SCRAM-SHA-256 X-PLUS", false },
		{ "PLAIN SCRAM-SHA-256-PLUS", true },
		{ "scram-sha-1-plus PLAIN", true },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct auth_offer offer;
		struct strv mechanisms = { 0 };

		set_up_offer(&offer, &mechanisms, 0, cases[i].offered);
		assert_int_equal(auth_needs_binding(&mechanisms),
		    cases[i].needs);
		strv_free(&mechanisms);
	}
}

static void
lists_the_mechanisms_that_auth_on_may_choose(void **state)
{
	struct auth_params params = { 0 };
	struct str list = { 0 };

	(void)state;
	auth_preferences(&params, true, &list);
	if (sasl_is_available())
		assert_string_equal(list.data,
		    "SCRAM-SHA-256-PLUS, SCRAM-SHA-1-PLUS, SCRAM-SHA-256, "
		    "SCRAM-SHA-1, PLAIN, LOGIN");
	else
		assert_string_equal(list.data, "PLAIN, LOGIN");
	str_truncate(&list, 0);
	params.has_certificate = true;
	auth_preferences(&params, false, &list);
	assert_string_equal(list.data,
	    sasl_is_available() ? "EXTERNAL, GSSAPI, GS2-KRB5" : "EXTERNAL");
	str_free(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    chooses_the_best_usable_mechanism_or_explains_why_none_is),
		cmocka_unit_test(
		    reports_mechanisms_that_the_build_does_not_support),
		cmocka_unit_test(rejects_an_unknown_mechanism),
		cmocka_unit_test(knows_whether_user_and_password_are_needed),
		cmocka_unit_test(knows_when_a_ticket_may_be_used),
		cmocka_unit_test(knows_the_names),
		cmocka_unit_test(knows_which_offers_need_a_channel_binding),
		cmocka_unit_test(lists_the_mechanisms_that_auth_on_may_choose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
