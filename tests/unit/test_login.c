/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The exchange of AUTH, for the mechanisms of auth/simple.h. */
#include <string.h>
#include <sysexits.h>

#include "auth_peer.h"
#include "base/base64.h"
#include "client/session.h"
#include "error_says.h"
#include "unit.h"

static const struct login_row {
	const char *name, *setting, *offered, *script;
} logins[] = {
	{ "PLAIN", "plain", "PLAIN",
	    "C: AUTH PLAIN " PLAIN_64 "\nS: 235 2.7.0 welcome\n" },
	{ "the best offered mechanism", "on", "LOGIN PLAIN CRAM-MD5",
	    "C: AUTH PLAIN " PLAIN_64 "\nS: 235 ok\n" },
	{ "a server that ignores the initial response", "plain", "PLAIN",
	    "C: AUTH PLAIN " PLAIN_64 "\nS: 334 \nC: " PLAIN_64
	    "\nS: 235 ok\n" },
	{ "a reply of several lines", "plain", "PLAIN",
	    "C: AUTH PLAIN " PLAIN_64
	    "\nS: 235-2.7.0 hello\nS: 235 2.7.0 you\n" },
	{ "LOGIN", "login", "LOGIN",
	    "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: YWxpY2U=\n"
	    "S: 334 UGFzc3dvcmQ6\nC: " PASSWORD_64 "\nS: 235 ok\n" },
	{ "LOGIN with other prompts", "login", "LOGIN",
	    "C: AUTH LOGIN\nS: 334 V2VyIGRhPw==\nC: YWxpY2U=\n"
	    "S: 334\nC: " PASSWORD_64 "\nS: 235 ok\n" },
	{ "EXTERNAL", "external", "EXTERNAL",
	    "C: AUTH EXTERNAL YWxpY2U=\nS: 235 ok\n" },
	{ "XOAUTH2", "xoauth2", "XOAUTH2",
	    "C: AUTH XOAUTH2 " XOAUTH2_64 "\nS: 235 ok\n" },
	{ "OAUTHBEARER", "oauthbearer", "OAUTHBEARER",
	    "C: AUTH OAUTHBEARER " BEARER_64 "\nS: 235 ok\n" },
};

static void
logs_in(void **state ATTR_UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(logins); i++) {
		const struct login_row *row = &logins[i];
		struct attempt a;

		attempt_prepare(&a, row->setting, row->offered);
		attempt_run(&a, peer_run, row->script);
		attempt_check(&a, row->name);
		assert_true(a.ok);
		assert_non_null(a.session.mechanism);
		attempt_free(&a);
	}
}

/* 30, 150 and 600 times "x" in base64. */
#define XXX_10_64 "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4"
#define XXX_50_64 XXX_10_64 XXX_10_64 XXX_10_64 XXX_10_64 XXX_10_64
#define XXX_200_64 XXX_50_64 XXX_50_64 XXX_50_64 XXX_50_64

static const struct rejection {
	const char *name, *setting, *script;
	enum error_kind kind;
	int exit;
	const char *says; /* part of the text or the reply */
	bool unusable;
} rejections[] = {
	{ "wrong password", "plain",
	    "C: AUTH PLAIN " PLAIN_64 "\nS: 535 5.7.8 no\n", ERROR_REJECTED,
	    EX_NOPERM, "535 5.7.8 no", false },
	{ "without enhanced code", "plain",
	    "C: AUTH PLAIN " PLAIN_64 "\nS: 535 no\n", ERROR_REJECTED,
	    EX_NOPERM, "535 no", false },
	{ "temporary failure of the server", "plain",
	    "C: AUTH PLAIN " PLAIN_64 "\nS: 454 4.7.0 later\n", ERROR_REJECTED,
	    EX_TEMPFAIL, "later", false },
	{ "password transition", "plain",
	    "C: AUTH PLAIN " PLAIN_64 "\nS: 432 4.7.12 change it\n",
	    ERROR_REJECTED, EX_TEMPFAIL, "change it", false },
	{ "mechanism too weak", "plain",
	    "C: AUTH PLAIN " PLAIN_64 "\nS: 534 5.7.9 too weak\n",
	    ERROR_REJECTED, EX_CONFIG, "too weak", false },
	{ "mechanism too weak, bare", "plain",
	    "C: AUTH PLAIN " PLAIN_64 "\nS: 534 too weak\n", ERROR_REJECTED,
	    EX_CONFIG, "too weak", false },
	{ "server shuts down", "plain",
	    "C: AUTH PLAIN " PLAIN_64 "\nS: 421 4.3.2 bye\n", ERROR_REJECTED,
	    EX_TEMPFAIL, "bye", true },
	{ "no second mechanism is tried", "on",
	    "C: AUTH PLAIN " PLAIN_64 "\nS: 504 5.5.4 not that\n",
	    ERROR_REJECTED, EX_CONFIG, "not that", false },
	{ "unknown user in LOGIN", "login",
	    "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: YWxpY2U=\n"
	    "S: 535 5.7.8 who\n",
	    ERROR_REJECTED, EX_NOPERM, "who", false },

	/* The server repeats the data that the client sent. */
	{ "echo of the command", "plain",
	    "C: AUTH PLAIN " PLAIN_64 "\n"
	    "S: 535 5.7.8 AUTH PLAIN " PLAIN_64 " is wrong\n",
	    ERROR_REJECTED, EX_NOPERM, "AUTH PLAIN [hidden] is wrong", false },
	{ "echo of the password", "plain",
	    "C: AUTH PLAIN " PLAIN_64 "\n"
	    "S: 535-5.7.8 \"" PASSWORD "\" and " PASSWORD_64 "\n"
	    "S: 535 5.7.8 are wrong\n",
	    ERROR_REJECTED, EX_NOPERM, "are wrong", false },
	{ "echo of the password among other octets", "plain",
	    "C: AUTH PLAIN " PLAIN_64
	    "\nS: 535 not d2hhdDpzZXNhbWUgb3BlbiE=, no\n",
	    ERROR_REJECTED, EX_NOPERM, "not d2hhdDp[hidden]iE=, no", false },
	{ "echo of the password in hexadecimal", "plain",
	    "C: AUTH PLAIN " PLAIN_64 "\n"
	    "S: 535 not 00736573616d65206f70656e, nor 736573616D65206F70656E\n",
	    ERROR_REJECTED, EX_NOPERM, "not 00[hidden], nor [hidden]", false },
	{ "echo in a challenge", "login",
	    "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: YWxpY2U=\n"
	    "S: 334 " PASSWORD_64 "\nC: " PASSWORD_64 "\nS: 535 no\n",
	    ERROR_REJECTED, EX_NOPERM, "no", false },
	{ "echo of the token", "xoauth2",
	    "C: AUTH XOAUTH2 " XOAUTH2_64 "\nS: 535 " TOKEN " is bad\n",
	    ERROR_REJECTED, EX_NOPERM, "is bad", false },

	/* {"status":"401","schemes":"Bearer","scope":"https://mail.x/"} */
	{ "XOAUTH2 with a reason", "xoauth2",
	    "C: AUTH XOAUTH2 " XOAUTH2_64 "\n"
	    "S: 334 eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiQmVhcmVyIiwic2NvcGUiOiJo"
	    "dHRwczovL21haWwueC8ifQ==\n"
	    "C: \nS: 535 5.7.8 bad credentials\n",
	    ERROR_REJECTED, EX_NOPERM,
	    "token rejected ({\"status\":\"401\",\"schemes\":\"Bearer\","
	    "\"scope\":\"https://mail.x/\"})",
	    false },
	/* {"status":"invalid_token","error_description":"expired\u001b[2J"} */
	{ "OAUTHBEARER with a reason", "oauthbearer",
	    "C: AUTH OAUTHBEARER " BEARER_64 "\n"
	    "S: 334 eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwiZXJyb3JfZGVzY3JpcHRpb24i"
	    "OiJleHBpcmVkXHUwMDFiWzJKIn0=\n"
	    "C: AQ==\nS: 454 4.7.0 try another\n",
	    ERROR_REJECTED, EX_TEMPFAIL,
	    "({\"status\":\"invalid_token\",\"error_description\":"
	    "\"expired\\u001b[2J\"})",
	    false },
	/* {"status":"ya29.A-token_with/all+its~letters=="} */
	{ "reason that contains the token", "xoauth2",
	    "C: AUTH XOAUTH2 " XOAUTH2_64 "\n"
	    "S: 334 eyJzdGF0dXMiOiJ5YTI5LkEtdG9rZW5fd2l0aC9hbGwraXRzfmxldHRlcnM9"
	    "PSJ9\nC: \nS: 535 5.7.8 bad\n",
	    ERROR_REJECTED, EX_NOPERM, "{\"status\":\"[hidden]\"}", false },
	/*
	 * {"scope":"https:\/\/mail.x",
	 * "status":"ya29.A-token_with\/all+its~letters=="}
	 */
	{ "reason that contains the token with an escaped slash", "xoauth2",
	    "C: AUTH XOAUTH2 " XOAUTH2_64 "\n"
	    "S: 334 eyJzY29wZSI6Imh0dHBzOlwvXC9tYWlsLngiLCJzdGF0dXMiOiJ5YTI5LkEt"
	    "dG9rZW5fd2l0aFwvYWxsK2l0c35sZXR0ZXJzPT0ifQ=="
	    "\nC: \nS: 535 5.7.8 bad\n",
	    ERROR_REJECTED, EX_NOPERM,
	    "({\"scope\":\"https://mail.x\",\"status\":\"[hidden]\"})", false },
	/* {"status":"\x1b[2J\r\nno"} with octets that are not UTF-8 */
	{ "reason with control characters", "xoauth2",
	    "C: AUTH XOAUTH2 " XOAUTH2_64 "\n"
	    "S: 334 eyJzdGF0dXMiOiIbWzJKDQpub/8ifQ=="
	    "\nC: \nS: 535 5.7.8 bad\n",
	    ERROR_REJECTED, EX_NOPERM, "({\"status\":\"?[2J no?\"})", false },
	/* {"s":" and 600 times "x" */
	{ "long reason", "xoauth2",
	    "C: AUTH XOAUTH2 " XOAUTH2_64 "\n"
	    "S: 334 eyJzIjoi" XXX_200_64 "\nC: \nS: 535 5.7.8 bad\n",
	    ERROR_REJECTED, EX_NOPERM, "xxx...)", false },
	{ "reason that is not JSON", "xoauth2",
	    "C: AUTH XOAUTH2 " XOAUTH2_64 "\nS: 334 bm8gd2F5\n"
	    "C: \nS: 535 5.7.8 bad\n",
	    ERROR_REJECTED, EX_NOPERM, "token rejected (no way)", false },
	{ "235 after a reason", "xoauth2",
	    "C: AUTH XOAUTH2 " XOAUTH2_64 "\nS: 334 bm8gd2F5\n"
	    "C: \nS: 235 2.7.0 welcome\n",
	    ERROR_PROTOCOL, EX_PROTOCOL, "before XOAUTH2 was complete", true },
	{ "a second reason", "xoauth2",
	    "C: AUTH XOAUTH2 " XOAUTH2_64 "\nS: 334 bm8gd2F5\nC: \n"
	    "S: 334 bm8gd2F5\nC: *\nS: 501 5.7.0 as you like\n",
	    ERROR_PROTOCOL, EX_PROTOCOL, "unexpected challenge", false },

	/* Invalid challenges and replies. */
	{ "not base64", "login",
	    "C: AUTH LOGIN\nS: 334 Username:\nC: *\nS: 501 5.5.2 cancelled\n",
	    ERROR_PROTOCOL, EX_PROTOCOL, "not base64", false },
	{ "bad padding", "login",
	    "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU\nC: *\nS: 501 cancelled\n",
	    ERROR_PROTOCOL, EX_PROTOCOL, "not base64", false },
	{ "challenge of two lines", "login",
	    "C: AUTH LOGIN\nS: 334-VXNlcm5hbWU6\nS: 334 VXNlcm5hbWU6\n"
	    "C: *\nS: 501 cancelled\n",
	    ERROR_PROTOCOL, EX_PROTOCOL, "more than one line", false },
	{ "one challenge too many", "login",
	    "C: AUTH LOGIN\nS: 334 \nC: YWxpY2U=\nS: 334 \nC: " PASSWORD_64
	    "\nS: 334 UElO\nC: *\nS: 501 cancelled\n",
	    ERROR_PROTOCOL, EX_PROTOCOL, "unexpected challenge", false },
	{ "too many challenges for PLAIN", "plain",
	    "C: AUTH PLAIN " PLAIN_64 "\nS: 334 \nC: " PLAIN_64 "\nS: 334 \n"
	    "C: *\nS: 535 no\n",
	    ERROR_PROTOCOL, EX_PROTOCOL, "unexpected challenge", false },
	{ "235 to a cancelled login", "login",
	    "C: AUTH LOGIN\nS: 334 !\nC: *\nS: 235 2.7.0 welcome\n",
	    ERROR_PROTOCOL, EX_PROTOCOL, "not base64", true },
	{ "challenge to a cancelled login", "login",
	    "C: AUTH LOGIN\nS: 334 !\nC: *\nS: 334 \n", ERROR_PROTOCOL,
	    EX_PROTOCOL, "not base64", true },
	{ "235 before the password", "login",
	    "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: YWxpY2U=\nS: 235 ok\n",
	    ERROR_PROTOCOL, EX_PROTOCOL, "before LOGIN was complete", true },
	{ "250 in place of 235", "plain",
	    "C: AUTH PLAIN " PLAIN_64 "\nS: 250 2.0.0 ok\n", ERROR_PROTOCOL,
	    EX_PROTOCOL, "unexpected reply", false },
	{ "354 in place of 235", "plain",
	    "C: AUTH PLAIN " PLAIN_64 "\nS: 354 go on\n", ERROR_PROTOCOL,
	    EX_PROTOCOL, "unexpected reply", false },
	{ "replies before their commands", "login",
	    "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nS: 235 2.7.0 welcome\n",
	    ERROR_PROTOCOL, EX_PROTOCOL, "", true },
	{ "a challenge of a mebibyte", "login",
	    "C: AUTH LOGIN\nS: 334-A\nS* 1048576 A\n", ERROR_PROTOCOL,
	    EX_PROTOCOL, "a line of more than", true },
	{ "an incomplete code", "plain", "C: AUTH PLAIN " PLAIN_64 "\nS: 23\n",
	    ERROR_PROTOCOL, EX_PROTOCOL, "", true },
};

static void
check_rejection(const struct rejection *row)
{
	struct attempt a;
	const char *said;

	attempt_prepare(&a, row->setting,
	    row->setting[0] == 'o' && row->setting[1] == 'n'
		? "PLAIN LOGIN"
		: "PLAIN LOGIN EXTERNAL XOAUTH2 OAUTHBEARER");
	attempt_run(&a, peer_run, row->script);
	attempt_check(&a, row->name);
	assert_false(a.ok);
	assert_null(a.session.mechanism);
	assert_string_equal(a.error.host, "mx.example");
	said = a.error.said == NULL ? "" : a.error.said;
	if (a.error.kind != row->kind
	    || (row->kind == ERROR_REJECTED && a.error.stage != STAGE_AUTH)
	    || error_exit_status(&a.error) != row->exit
	    || (strstr(said, row->says) == NULL
		&& !error_says(&a.error, row->says)))
		fail_msg("%s: kind %d, exit %d: %s: %s", row->name,
		    (int)a.error.kind, error_exit_status(&a.error),
		    a.error.text == NULL ? "no text" : a.error.text, said);
	if ((a.session.state == SESSION_UNUSABLE) != row->unusable)
		fail_msg("%s: the session is %s", row->name,
		    session_state_name(a.session.state));
	attempt_free(&a);
}

static void
reports_each_failed_login(void **state ATTR_UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(rejections); i++)
		check_rejection(&rejections[i]);
}

static void
reports_a_closed_connection(void **state ATTR_UNUSED)
{
	struct attempt a;

	attempt_prepare(&a, "login", "LOGIN");
	a.peer.script_closes = true;
	attempt_run(&a, peer_run,
	    "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\n"
	    "C: YWxpY2U=\n");
	attempt_check(&a, "hang-up");
	assert_false(a.ok);
	assert_int_equal(a.error.kind, ERROR_NETWORK);
	assert_int_equal(a.session.state, SESSION_UNUSABLE);
	attempt_free(&a);
}

static void
hides_the_secrets_in_the_trace(void **state ATTR_UNUSED)
{
	struct attempt a;

	attempt_prepare(&a, "plain", "PLAIN");
	attempt_run(&a, peer_run,
	    "C: AUTH PLAIN " PLAIN_64 "\nS: 334 \nC: " PLAIN_64
	    "\nS: 235 ok\n");
	attempt_check(&a, "trace");
	assert_string_equal(a.trace.data,
	    "C: AUTH PLAIN [hidden]\nS: 334\nC: [hidden]\nS: 235 ok\n");
	attempt_free(&a);
}

static void
names_the_command_but_not_the_secret_in_errors(void **state ATTR_UNUSED)
{
	struct attempt a;

	attempt_prepare(&a, "plain", "PLAIN");
	attempt_run(&a, peer_run, "C: AUTH PLAIN " PLAIN_64 "\nS: 535 no\n");
	assert_string_equal(a.error.command, "AUTH PLAIN");
	attempt_free(&a);
}

static void
sends_an_empty_initial_response_as_an_equals_sign(void **state ATTR_UNUSED)
{
	struct attempt a;

	attempt_prepare(&a, "external", "EXTERNAL");
	free(a.params.user);
	a.params.user = NULL;
	attempt_run(&a, peer_run, "C: AUTH EXTERNAL =\nS: 235 ok\n");
	attempt_check(&a, "EXTERNAL");
	assert_true(a.ok);
	attempt_free(&a);
}

/* A line has 510 octets: "AUTH PLAIN " and up to 499, so 496 of base64. */
static void
sends_a_long_initial_response_after_a_challenge(void **state ATTR_UNUSED)
{
	static const struct {
		size_t password;
		bool held;
	} cases[] = { { 365, false }, { 366, true }, { 2000, true } };

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str password = { 0 }, plain = { 0 }, encoded = { 0 };
		struct str script = { 0 };
		struct attempt a;

		for (size_t n = 0; n < cases[i].password; n++)
			str_add_char(&password, (char)('a' + n % 26));
		str_append(&plain, "\0alice\0", 7);
		str_append(&plain, password.data, password.len);
		base64_encode(&encoded, plain.data, plain.len);
		str_printf(&script, "C: AUTH PLAIN%s%s\nS: 235 ok\n",
		    cases[i].held ? "\nS: 334 \nC: " : " ", encoded.data);
		attempt_prepare(&a, "plain", "PLAIN");
		secret_set(&a.params.password, password.data, password.len);
		attempt_run(&a, peer_run, script.data);
		attempt_check(&a, "long password");
		assert_true(a.ok);
		attempt_free(&a);
		str_free(&password);
		str_free(&plain);
		str_free(&encoded);
		str_free(&script);
	}
}

static void
sends_nothing_if_user_or_password_is_invalid(void **state ATTR_UNUSED)
{
	static const struct {
		const char *setting, *user, *password;
		size_t len;
		const char *says;
	} cases[] = {
		{ "plain", "ali\r\nce", "x", 1, "\"user\"" },
		{ "on", "ali\nRSET", "x", 1, "\"user\"" },
		{ "xoauth2", "a\001auth=x", TOKEN, sizeof(TOKEN) - 1,
		    "\"user\"" },
		{ "plain", "", "x", 1, "\"user\"" },
		{ "login", "alice\177", "x", 1, "\"user\"" },
		{ "plain", USER, "se\0same", 7, "NUL" },
		{ "xoauth2", USER, "not a token", 11, "access token" },
		{ "xoauth2", USER, "{\"a\":1}", 7, "access token" },
		{ "oauthbearer", USER, "tok\001en", 6, "access token" },
		{ "oauthbearer", USER, "a=b", 3, "access token" },
		{ "oauthbearer", USER, "", 0, "access token" },
		{ "anonymous", USER, "x", 1, "unknown mechanism" },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct attempt a;

		attempt_prepare(&a, cases[i].setting,
		    "PLAIN LOGIN XOAUTH2 OAUTHBEARER");
		alloc_replace(&a.params.user, cases[i].user);
		secret_set(&a.params.password, cases[i].password, cases[i].len);
		attempt_run(&a, peer_run, "");
		attempt_check(&a, cases[i].says);
		assert_false(a.ok);
		assert_int_equal(a.error.kind, ERROR_CONFIG);
		assert_non_null(strstr(a.error.text, cases[i].says));
		assert_int_equal(a.session.stream.sent, 0);
		attempt_free(&a);
	}
}

static void
sends_nothing_that_is_too_long_for_smtp(void **state ATTR_UNUSED)
{
	struct str password = { 0 };
	struct attempt a;

	for (int i = 0; i < 10000; i++)
		str_add_char(&password, 'a');
	attempt_prepare(&a, "plain", "PLAIN");
	secret_set(&a.params.password, password.data, password.len);
	attempt_run(&a, peer_run, "");
	attempt_check(&a, "too long");
	assert_int_equal(a.error.kind, ERROR_CONFIG);
	assert_non_null(strstr(a.error.text, "and SMTP allows 12286"));
	attempt_free(&a);
	str_free(&password);
}

static void
sends_nothing_without_a_usable_mechanism(void **state ATTR_UNUSED)
{
	struct attempt a;

	attempt_prepare(&a, "on", "CRAM-MD5 NTLM");
	attempt_run(&a, peer_run, "");
	attempt_check(&a, "no mechanism");
	assert_int_equal(a.error.kind, ERROR_NO_MECHANISM);
	assert_string_equal(a.error.host, "mx.example");
	attempt_free(&a);
}

static void
does_nothing_with_auth_off(void **state ATTR_UNUSED)
{
	struct attempt a;

	attempt_prepare(&a, "off", "PLAIN");
	attempt_run(&a, peer_run, "");
	attempt_check(&a, "off");
	assert_true(a.ok);
	assert_null(a.session.mechanism);
	attempt_free(&a);
}

static void
hides_a_token_before_it_shortens_the_reason(void **state ATTR_UNUSED)
{
	for (size_t before = 476; before < 512; before++) {
		struct str script = { 0 }, reason = { 0 };
		struct attempt a;

		for (size_t i = 0; i < before; i++)
			str_add_char(&reason, 'x');
		str_add(&reason, TOKEN);
		str_add(&script, "C: AUTH XOAUTH2 " XOAUTH2_64 "\nS: 334 ");
		base64_encode(&script, reason.data, reason.len);
		str_add(&script, "\nC: \nS: 535 5.7.8 bad\n");
		attempt_prepare(&a, "xoauth2", "XOAUTH2");
		attempt_run(&a, peer_run, script.data);
		attempt_check(&a, "cut");
		assert_false(a.ok);
		assert_false(error_says(&a.error, "ya29"));
		attempt_free(&a);
		str_free(&script);
		str_free(&reason);
	}
}

/* A saslname encodes "," and "=" (RFC 5801 section 4). */
static void
escapes_the_user_of_oauthbearer(void **state ATTR_UNUSED)
{
	static const char plain[] = "n,a=a=2Cb=3Dc,\001auth=Bearer t\001\001";
	struct str script = { 0 };
	struct attempt a;

	str_add(&script, "C: AUTH OAUTHBEARER ");
	base64_encode(&script, plain, sizeof(plain) - 1);
	str_add(&script, "\nS: 235 ok\n");
	attempt_prepare(&a, "oauthbearer", "OAUTHBEARER");
	alloc_replace(&a.params.user, "a,b=c");
	secret_set(&a.params.password, "t", 1);
	str_truncate(&a.session.connection.address, 0);
	str_add(&a.session.connection.address, "/run/mail:1");
	attempt_run(&a, peer_run, script.data);
	attempt_check(&a, "saslname");
	assert_true(a.ok);
	attempt_free(&a);
	str_free(&script);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logs_in),
		cmocka_unit_test(reports_each_failed_login),
		cmocka_unit_test(reports_a_closed_connection),
		cmocka_unit_test(hides_the_secrets_in_the_trace),
		cmocka_unit_test(
		    names_the_command_but_not_the_secret_in_errors),
		cmocka_unit_test(
		    sends_an_empty_initial_response_as_an_equals_sign),
		cmocka_unit_test(
		    sends_a_long_initial_response_after_a_challenge),
		cmocka_unit_test(sends_nothing_if_user_or_password_is_invalid),
		cmocka_unit_test(sends_nothing_that_is_too_long_for_smtp),
		cmocka_unit_test(sends_nothing_without_a_usable_mechanism),
		cmocka_unit_test(does_nothing_with_auth_off),
		cmocka_unit_test(hides_a_token_before_it_shortens_the_reason),
		cmocka_unit_test(escapes_the_user_of_oauthbearer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
