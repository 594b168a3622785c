/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "error_says.h"
#include "oauth/failure.h"
#include "oauth/token.h"
#include "secret_is.h"

#define NOW INT64_C(1795000000)

static char user[] = "alice@example.net", client[] = "id", scope[] = "mail",
	    token_url[] = "https://as.example/token",
	    issuer[] = "https://as.example", account[] = "work";

static struct oauth_params params = { .user = user,
	.account = account,
	.client_id = client,
	.scope = scope,
	.token_url = token_url };

static const char access_text[] = "veredus-oauth-access 1\n"
				  "token_url https://as.example/token\n"
				  "client_id id\n"
				  "user alice@example.net\n"
				  "scope mail\n"
				  "obtained 1795000000\n"
				  "expires 1795003600\n"
				  "access_token t0ken\n"
				  "end\n";

static void
writes_and_reads_an_access_token(void **state)
{
	struct oauth_access access = { .obtained = NOW, .expires = NOW + 3600 };
	struct oauth_access back = { 0 };
	struct str text = { 0 };

	(void)state;
	oauth_identity_set(&access.identity, &params, params.token_url);
	secret_set(&access.token, "t0ken", 5);
	assert_true(record_write(&oauth_access_record, &access, &text, NULL));
	assert_string_equal(text.data, access_text);
	assert_true(record_read(&oauth_access_record, &back, text.data,
	    text.len, NULL));
	assert_true(secret_is(&back.token, "t0ken"));
	assert_true(back.expires == NOW + 3600);
	oauth_access_free(&access);
	oauth_access_free(&back);
	str_wipe(&text);
}

/* A file that was cut anywhere is damaged. */
static void
an_access_token_that_was_cut_is_damaged(void **state)
{
	(void)state;
	for (size_t len = 0; len + 1 < sizeof(access_text); len++) {
		struct oauth_access access = { 0 };

		assert_false(record_read(&oauth_access_record, &access,
		    access_text, len, NULL));
		oauth_access_free(&access);
	}
}

static void
writes_and_reads_a_grant(void **state)
{
	struct oauth_grant_file grant = { .flow = OAUTH_DEVICE,
		.login = NOW,
		.renewed = NOW + 1 };
	struct oauth_grant_file back = { 0 };
	struct str text = { 0 };

	(void)state;
	oauth_identity_set(&grant.identity, &params, params.token_url);
	secret_set(&grant.refresh_token, "r", 1);
	assert_true(record_write(&oauth_grant_record, &grant, &text, NULL));
	assert_string_equal(text.data,
	    "veredus-oauth-grant 1\n"
	    "token_url https://as.example/token\n"
	    "client_id id\n"
	    "user alice@example.net\n"
	    "scope mail\n"
	    "flow device\n"
	    "login 1795000000\n"
	    "renewed 1795000001\n"
	    "refresh_token r\n"
	    "end\n");
	assert_true(
	    record_read(&oauth_grant_record, &back, text.data, text.len, NULL));
	assert_int_equal(back.flow, OAUTH_DEVICE);
	assert_null(back.revoke_url);
	oauth_grant_file_free(&grant);
	oauth_grant_file_free(&back);
	str_wipe(&text);
}

static void
a_token_is_fresh_until_its_margin(void **state)
{
	static const struct {
		int64_t lifetime, age;
		enum oauth_freshness freshness;
	} rows[] = {
		{ 3600, 0, OAUTH_FRESH },
		{ 3600, 3600 - 301, OAUTH_FRESH },
		{ 3600, 3600 - 300, OAUTH_IN_MARGIN },
		{ 3600, 3599, OAUTH_IN_MARGIN },
		{ 3600, 3600, OAUTH_STALE },
		{ 3600, 7200, OAUTH_STALE },
		/* The clocks of two hosts differ by up to five seconds. */
		{ 3600, -5, OAUTH_FRESH },
		{ 3600, -6, OAUTH_STALE },
		{ 3600, -7200, OAUTH_STALE },
		{ 600, 600 - 61, OAUTH_FRESH },
		{ 600, 600 - 60, OAUTH_IN_MARGIN },
		{ 60, 29, OAUTH_FRESH },
		{ 60, 30, OAUTH_IN_MARGIN },
		{ 5, 2, OAUTH_FRESH },
		{ 5, 3, OAUTH_IN_MARGIN },
		{ 5, 5, OAUTH_STALE },
		{ 1, 0, OAUTH_FRESH },
		{ 0, 0, OAUTH_STALE },
		{ -10, 0, OAUTH_STALE },
		{ 86400, 0, OAUTH_FRESH },
		{ 86401, 0, OAUTH_STALE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct oauth_access access = { .obtained = NOW,
			.expires = NOW + rows[i].lifetime };

		assert_int_equal(oauth_access_freshness(&access,
				     NOW + rows[i].age),
		    rows[i].freshness);
	}
}

static void
an_impossible_lifetime_is_replaced(void **state)
{
	(void)state;
	assert_true(oauth_lifetime(false, 0) == 3600);
	assert_true(oauth_lifetime(true, 0) == 60);
	assert_true(oauth_lifetime(true, -1) == 60);
	assert_true(oauth_lifetime(true, INT64_MIN) == 60);
	assert_true(oauth_lifetime(true, 5) == 5);
	assert_true(oauth_lifetime(true, 86400) == 86400);
	assert_true(oauth_lifetime(true, INT64_MAX) == 86400);
}

static void
expect_mismatch(const struct oauth_identity *id, const struct oauth_params *p,
    const char *says)
{
	struct error err = { 0 };

	assert_false(oauth_identity_check(id, p, "the login", &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	expect_message(&err, says);
	error_free(&err);
}

static void
a_token_belongs_to_one_client_and_server(void **state)
{
	struct oauth_identity id = { .token_url = token_url,
		.issuer = issuer,
		.client_id = client,
		.user = user,
		.scope = scope };
	struct oauth_params other = params;
	char text[] = "other";

	(void)state;
	assert_true(oauth_identity_check(&id, &params, "the login", NULL));
	other.token_url = text;
	expect_mismatch(&id, &other,
	    "the login was obtained for the token URL "
	    "https://as.example/token, not for other: run veredus --login -a "
	    "work");
	other = params;
	other.client_id = text;
	expect_mismatch(&id, &other,
	    "the login was obtained for the client ID id, not for other: run "
	    "veredus --login -a work");
	other.config_file = text;
	expect_mismatch(&id, &other,
	    "the login was obtained for the client ID id, not for other: run "
	    "veredus -C other --login -a work");
	other = params;
	other.scope = NULL;
	other.account = NULL;
	expect_mismatch(&id, &other,
	    "the login was obtained for the scope mail, not for none: run "
	    "veredus --login");
	/* The token URL comes from the metadata of the issuer. */
	other = params;
	other.token_url = NULL;
	other.issuer = issuer;
	assert_true(oauth_identity_check(&id, &other, "the login", NULL));
	other.issuer = text;
	expect_mismatch(&id, &other,
	    "the login was obtained for the issuer https://as.example, not for "
	    "other: run veredus --login -a work");
}

static void
a_failure_holds_for_its_time(void **state)
{
	char digest[] = "d";
	struct oauth_failure f = { .time = NOW,
		.outcome = OAUTH_TEMPORARY,
		.no_retry = NOW + 10,
		.digest = digest };
	struct oauth_failure none = { 0 };

	(void)state;
	assert_true(oauth_failure_holds(&f, "d", NOW));
	assert_true(oauth_failure_holds(&f, "d", NOW + 9));
	assert_false(oauth_failure_holds(&f, "d", NOW + 10));
	assert_false(oauth_failure_holds(&f, "d", NOW - 1));
	assert_false(oauth_failure_holds(&f, "other", NOW));
	assert_false(oauth_failure_holds(&none, "d", NOW));
	f.no_retry = NOW + 1000000;
	assert_false(oauth_failure_holds(&f, "d", NOW));
}

static void
the_provider_is_asked_again_later(void **state)
{
	(void)state;
	assert_true(oauth_no_retry(OAUTH_TEMPORARY, 0, NOW) == NOW + 10);
	assert_true(oauth_no_retry(OAUTH_TEMPORARY, 5, NOW) == NOW + 10);
	assert_true(oauth_no_retry(OAUTH_TEMPORARY, 60, NOW) == NOW + 60);
	assert_true(oauth_no_retry(OAUTH_TEMPORARY, 5000, NOW) == NOW + 300);
	assert_true(oauth_no_retry(OAUTH_LOGIN, 0, NOW) == NOW + 300);
	assert_true(oauth_no_retry(OAUTH_CONFIG, 0, NOW) == NOW + 10);
	assert_true(oauth_no_retry(OAUTH_SPACE, 0, NOW) == NOW);
}

static void
each_class_has_its_exit_status(void **state)
{
	(void)state;
	assert_int_equal(oauth_class_exit_status(OAUTH_OK), 0);
	assert_int_equal(oauth_class_exit_status(OAUTH_TEMPORARY), 75);
	assert_int_equal(oauth_class_exit_status(OAUTH_SPACE), 75);
	assert_int_equal(oauth_class_exit_status(OAUTH_LOGIN), 77);
	assert_int_equal(oauth_class_exit_status(OAUTH_PERMISSION), 77);
	assert_int_equal(oauth_class_exit_status(OAUTH_CONFIG), 78);
	assert_int_equal(oauth_exit_status_kind(75), ERROR_SECRET);
	assert_int_equal(oauth_exit_status_kind(77), ERROR_GRANT);
	assert_int_equal(oauth_exit_status_kind(78), ERROR_CONFIG);
	assert_int_equal(oauth_exit_status_kind(1), ERROR_SECRET);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_and_reads_an_access_token),
		cmocka_unit_test(an_access_token_that_was_cut_is_damaged),
		cmocka_unit_test(writes_and_reads_a_grant),
		cmocka_unit_test(a_token_is_fresh_until_its_margin),
		cmocka_unit_test(an_impossible_lifetime_is_replaced),
		cmocka_unit_test(a_token_belongs_to_one_client_and_server),
		cmocka_unit_test(a_failure_holds_for_its_time),
		cmocka_unit_test(the_provider_is_asked_again_later),
		cmocka_unit_test(each_class_has_its_exit_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
