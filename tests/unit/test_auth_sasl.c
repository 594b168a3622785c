/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The exchange of AUTH with the mechanisms of libgsasl, which also runs the
 * server side.
 */
#include <string.h>
#include <sysexits.h>

#include <gsasl.h>

#include "auth_peer.h"
#include "base/base64.h"
#include "client/session.h"
#include "error_says.h"
#include "unit.h"

/* Flags for the behaviour of the server. */
enum {
	ANOTHER_PASSWORD = 1 << 0,
	NO_PROOF = 1 << 1,     /* sends 235 instead of the last challenge */
	FORGED_PROOF = 1 << 2, /* wrong server signature */
	FEW_ITERATIONS = 1 << 3,
	MANY_ITERATIONS = 1 << 4,
	OTHER_BINDING = 1 << 5, /* uses the binding of another TLS session */
	ECHO_RESPONSE = 1 << 6  /* repeats the response in the reply */
};

static unsigned now;

static int
provide_property(Gsasl *library ATTR_UNUSED, Gsasl_session *session,
    Gsasl_property property)
{
	static const char binding[] = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNk"
				      "ZWY=";
	const char *value = NULL;

	if (property == GSASL_PASSWORD)
		value = now & ANOTHER_PASSWORD ? "another" : PASSWORD;
	else if (property == GSASL_SCRAM_ITER && now & FEW_ITERATIONS)
		value = "1000";
	else if (property == GSASL_SCRAM_ITER && now & MANY_ITERATIONS)
		value = "1000001";
	else if (property == GSASL_SERVICE)
		value = "smtp";
	else if (property == GSASL_HOSTNAME || property == GSASL_REALM)
		value = "mx.example";
	else if (property == GSASL_CB_TLS_EXPORTER)
		value = now & OTHER_BINDING ? "b3RoZXI=" : binding;
	if (value == NULL)
		return GSASL_NO_CALLBACK;
	return gsasl_property_set(session, property, value);
}

static void
say(const struct peer_thread *peer, const char *text)
{
	struct str line = { 0 };

	str_printf(&line, "%s\r\n", text);
	peer_send(peer->fd, &line);
	str_free(&line);
}

/* Makes the next challenge for a response in base64. */
static int
next_challenge(Gsasl_session *session, const char *response,
    struct str *challenge)
{
	char *output = NULL;
	int rc = gsasl_step64(session, response, &output);

	str_truncate(challenge, 0);
	str_add(challenge, "334 ");
	if (output != NULL && now & FORGED_PROOF
	    && strncmp(output, "dj", 2) == 0)
		str_add(challenge, "dj1BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=");
	else if (output != NULL)
		str_add(challenge, output);
	gsasl_free(output);
	return rc;
}

static void
send_final_reply(const struct peer_thread *peer, int rc, const char *last)
{
	struct str text = { 0 };

	if (rc == GSASL_OK)
		str_add(&text, "235 2.7.0 welcome");
	else if (strcmp(last, "*") == 0)
		str_add(&text, "501 5.7.0 as you like");
	else
		str_printf(&text, "535 5.7.8 no %s",
		    now & ECHO_RESPONSE ? last : "");
	say(peer, text.data);
	str_free(&text);
}

static void
serve(const struct peer_thread *peer, Gsasl_session *session, struct str *line)
{
	struct str challenge = { 0 };
	char *initial = strrchr(line->data, ' ') + 1;
	char *response = strncmp(line->data, "AUTH", 4) == 0
		&& strchr(line->data + 5, ' ') == NULL
	    ? NULL
	    : initial;
	int rc = next_challenge(session, response, &challenge);

	/* The last challenge authenticates the server and requires a
	 * response. */
	while (rc == GSASL_NEEDS_MORE
	    || (rc == GSASL_OK && challenge.len > strlen("334 "))) {
		if (rc == GSASL_OK && now & NO_PROOF)
			break;
		say(peer, challenge.data);
		if (!peer_read_line(peer->fd, line))
			break;
		if (strcmp(str_text(line), "*") == 0)
			rc = GSASL_AUTHENTICATION_ERROR;
		if (rc != GSASL_NEEDS_MORE)
			break;
		rc = next_challenge(session, str_text(line), &challenge);
	}
	send_final_reply(peer, rc, str_text(line));
	str_free(&challenge);
}

/* Runs the server; peer->script is the name of the mechanism. */
static void *
library_run(void *ctx)
{
	struct peer_thread *peer = ctx;
	struct str line = { 0 };
	Gsasl *library;
	Gsasl_session *session;

	if (gsasl_init(&library) != GSASL_OK
	    || gsasl_server_start(library, peer->script, &session)
		!= GSASL_OK) {
		str_add(&peer->problem, "has no library");
		close(peer->fd);
		return NULL;
	}
	gsasl_callback_set(library, provide_property);
	if (peer_read_line(peer->fd, &line))
		serve(peer, session, &line);
	gsasl_finish(session);
	gsasl_done(library);
	str_free(&line);
	peer_end(peer);
	return NULL;
}

static const struct sasl_row {
	const char *setting, *offered, *used;
	unsigned traits;
	enum error_kind kind; /* ERROR_NONE: the login succeeds */
	int exit;
	const char *says;
} rows[] = {
	{ "on", "PLAIN SCRAM-SHA-1", "SCRAM-SHA-1", 0, ERROR_NONE, EX_OK, "" },
	{ "on", "PLAIN SCRAM-SHA-256 SCRAM-SHA-1", "SCRAM-SHA-256", 0,
	    ERROR_NONE, EX_OK, "" },
	{ "on", "SCRAM-SHA-256 SCRAM-SHA-256-PLUS", "SCRAM-SHA-256-PLUS", 0,
	    ERROR_NONE, EX_OK, "" },
	{ "scram-sha-1-plus", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1-PLUS", 0,
	    ERROR_NONE, EX_OK, "" },
	{ "cram-md5", "CRAM-MD5", "CRAM-MD5", 0, ERROR_NONE, EX_OK, "" },
	{ "digest-md5", "DIGEST-MD5", "DIGEST-MD5", 0, ERROR_NONE, EX_OK, "" },

	{ "on", "SCRAM-SHA-256", "SCRAM-SHA-256", ANOTHER_PASSWORD,
	    ERROR_REJECTED, EX_NOPERM, "535 5.7.8 no" },
	{ "on", "SCRAM-SHA-256", "SCRAM-SHA-256",
	    ANOTHER_PASSWORD | ECHO_RESPONSE, ERROR_REJECTED, EX_NOPERM,
	    "535 5.7.8 no [hidden]" },
	{ "cram-md5", "CRAM-MD5", "CRAM-MD5", ANOTHER_PASSWORD, ERROR_REJECTED,
	    EX_NOPERM, "535 5.7.8 no" },
	{ "digest-md5", "DIGEST-MD5", "DIGEST-MD5", ANOTHER_PASSWORD,
	    ERROR_REJECTED, EX_NOPERM, "535 5.7.8 no" },

	/* A server that accepts the login without knowing the password. */
	{ "on", "SCRAM-SHA-256", "SCRAM-SHA-256", NO_PROOF, ERROR_REJECTED,
	    EX_NOPERM, "without proving" },
	{ "digest-md5", "DIGEST-MD5", "DIGEST-MD5", NO_PROOF, ERROR_REJECTED,
	    EX_NOPERM, "without proving" },
	{ "on", "SCRAM-SHA-256", "SCRAM-SHA-256", FORGED_PROOF, ERROR_REJECTED,
	    EX_NOPERM, "did not prove" },
	{ "on", "SCRAM-SHA-1", "SCRAM-SHA-1", FEW_ITERATIONS, ERROR_REJECTED,
	    EX_NOPERM, "1000 SCRAM iterations" },
	{ "on", "SCRAM-SHA-1", "SCRAM-SHA-1", MANY_ITERATIONS, ERROR_REJECTED,
	    EX_NOPERM, "1000001 SCRAM iterations" },
	{ "on", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256-PLUS", OTHER_BINDING,
	    ERROR_REJECTED, EX_NOPERM, "535 5.7.8 no" },
};

static void
check_row(const struct sasl_row *row)
{
	struct attempt a;
	const char *said;

	now = row->traits;
	attempt_prepare(&a, row->setting, row->offered);
	attempt_run(&a, library_run, row->used);
	attempt_check(&a, row->used);
	said = a.error.said == NULL ? "" : a.error.said;
	if (a.error.kind != row->kind
	    || (row->kind == ERROR_REJECTED && a.error.stage != STAGE_AUTH)
	    || error_exit_status(&a.error) != row->exit)
		fail_msg("%s, %u: %s: %s", row->used, row->traits,
		    a.error.text == NULL ? "no text" : a.error.text, said);
	if (row->kind == ERROR_NONE) {
		assert_true(a.ok);
		assert_string_equal(a.session.mechanism, row->used);
	} else if (!error_says(&a.error, row->says)
	    && strstr(said, row->says) == NULL) {
		fail_msg("%s, %u: %s: %s", row->used, row->traits,
		    a.error.text == NULL ? "no text" : a.error.text, said);
	}
	attempt_free(&a);
}

static void
logs_in_only_if_both_sides_know_the_password(void **state ATTR_UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		check_row(&rows[i]);
}

static void
stops_if_plus_is_missing_from_the_offer(void **state ATTR_UNUSED)
{
	struct attempt a;

	attempt_prepare(&a, "scram-sha-256-plus", "SCRAM-SHA-256 PLAIN");
	attempt_run(&a, peer_run, "");
	attempt_check(&a, "no -PLUS");
	assert_int_equal(a.error.kind, ERROR_NO_MECHANISM);
	attempt_free(&a);
}

/* The example of RFC 2195 section 2. */
static void
responds_to_cram_md5_in_one_round(void **state ATTR_UNUSED)
{
	struct attempt a;

	attempt_prepare(&a, "cram-md5", "CRAM-MD5");
	alloc_replace(&a.params.user, "tim");
	secret_set(&a.params.password, "tanstaaftanstaaf", 16);
	attempt_run(&a, peer_run,
	    "C: AUTH CRAM-MD5\n"
	    "S: 334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\n"
	    "C: dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\n"
	    "S: 235 Authentication successful\n");
	attempt_check(&a, "CRAM-MD5");
	assert_true(a.ok);
	attempt_free(&a);
}

static void
cancels_after_invalid_challenges(void **state ATTR_UNUSED)
{
	static const char *const scripts[] = {
		/* The server sends a challenge after the mechanism is
		 * complete. */
		"C: AUTH CRAM-MD5\nS: 334 PGFAYj4=\n"
		"C: YWxpY2UgZDg5MjFlZmVhMDEyMGFmNTczMjk0MWUwYWQyN2Q1NGY=\n"
		"S: 334 PGFAYj4=\nC: *\nS: 501 cancelled\n",
		/* The challenge contains a NUL. */
		"C: AUTH CRAM-MD5\nS: 334 PGEAYj4=\nC: *\nS: 501 cancelled\n",
		"C: AUTH CRAM-MD5\nS: 334 <a@b>\nC: *\nS: 501 cancelled\n",
	};

	for (size_t i = 0; i < COUNT_OF(scripts); i++) {
		struct attempt a;

		attempt_prepare(&a, "cram-md5", "CRAM-MD5");
		attempt_run(&a, peer_run, scripts[i]);
		attempt_check(&a, scripts[i]);
		assert_int_equal(a.error.kind, ERROR_PROTOCOL);
		assert_true(session_is_usable(&a.session));
		attempt_free(&a);
	}
}

/* libgsasl ignores an empty challenge, and waits for the first one. */
static void
gives_up_after_twenty_rounds(void **state ATTR_UNUSED)
{
	struct str script = { 0 };
	struct attempt a;

	str_add(&script, "C: AUTH CRAM-MD5\n");
	for (int i = 0; i < 20; i++)
		str_add(&script, "S: 334 \nC: \n");
	str_add(&script, "S: 334 \nC: *\nS: 501 5.7.0 at last\n");
	attempt_prepare(&a, "cram-md5", "CRAM-MD5");
	attempt_run(&a, peer_run, script.data);
	attempt_check(&a, "CRAM-MD5");
	assert_int_equal(a.error.kind, ERROR_PROTOCOL);
	assert_non_null(strstr(a.error.text, "too many challenges"));
	attempt_free(&a);
	str_free(&script);
}

static void
sends_nothing_if_saslprep_rejects_the_user(void **state ATTR_UNUSED)
{
	struct attempt a;

	attempt_prepare(&a, "scram-sha-256", "SCRAM-SHA-256");
	alloc_replace(&a.params.user, "al\xff");
	attempt_run(&a, peer_run, "");
	attempt_check(&a, "SASLprep");
	assert_int_equal(a.error.kind, ERROR_CONFIG);
	attempt_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logs_in_only_if_both_sides_know_the_password),
		cmocka_unit_test(stops_if_plus_is_missing_from_the_offer),
		cmocka_unit_test(responds_to_cram_md5_in_one_round),
		cmocka_unit_test(cancels_after_invalid_challenges),
		cmocka_unit_test(gives_up_after_twenty_rounds),
		cmocka_unit_test(sends_nothing_if_saslprep_rejects_the_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
