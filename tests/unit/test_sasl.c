/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The client side of each mechanism of libgsasl talks to its server side. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsasl.h>

#include "auth/sasl.h"
#include "base/alloc.h"
#include "base/attr.h"
#include "base/base64.h"

/*
 * libgsasl 2.2 leaks the salt if SASLprep rejects the password; libgssglue leaks
 * a list of names if there is no ticket.
 */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libgsasl.so\nleak:libgssapi_krb5.so\n";
}

#define USER "alice"
#define PASSWORD "sesame open"
#define ROUNDS 6

static const char binding_bytes[] = "0123456789abcdef0123456789abcdef";

/* Flags for the behaviour of the server. */
struct server {
	const char *password;
	const char *iterations;
	const char *binding; /* in base64, or NULL */
	Gsasl_property binding_kind;
	/* The text to replace in a challenge, or NULL. */
	const char *replace, *by;
};

/* The result of an exchange. */
struct outcome {
	bool done;          /* the client side is complete */
	int server;         /* the last result of the server side */
	struct str first;   /* the first response */
	struct error error; /* error of the client */
};

static int
provide_property(Gsasl *library, Gsasl_session *session,
    Gsasl_property property)
{
	const struct server *server = gsasl_callback_hook_get(library);
	const char *value = NULL;

	if (property == GSASL_PASSWORD)
		value = server->password;
	else if (property == GSASL_SCRAM_ITER)
		value = server->iterations;
	else if (property == GSASL_SERVICE)
		value = "smtp";
	else if (property == GSASL_HOSTNAME || property == GSASL_REALM)
		value = "mail.example.org";
	else if (server->binding != NULL && property == server->binding_kind)
		value = server->binding;
	if (value == NULL)
		return GSASL_NO_CALLBACK;
	return gsasl_property_set(session, property, value);
}

static void
forge(struct str *challenge, const struct server *server)
{
	struct str forged = { 0 };
	const char *at;

	if (server->replace == NULL)
		return;
	at = strstr(str_text(challenge), server->replace);
	if (at == NULL)
		return;
	str_append(&forged, str_text(challenge),
	    (size_t)(at - str_text(challenge)));
	str_add(&forged, server->by);
	str_add(&forged, at + strlen(server->replace));
	str_free(challenge);
	*challenge = forged;
}

static bool
server_step(Gsasl_session *session, const struct server *server,
    const struct str *response, struct str *challenge, int *rc)
{
	char *output = NULL;
	size_t len = 0;

	*rc = gsasl_step(session, response == NULL ? NULL : str_text(response),
	    response == NULL ? 0 : response->len, &output, &len);
	str_truncate(challenge, 0);
	if (output != NULL)
		str_append(challenge, output, len);
	gsasl_free(output);
	forge(challenge, server);
	return *rc == GSASL_NEEDS_MORE || (*rc == GSASL_OK && len > 0);
}

static void
talk(struct sasl *sasl, Gsasl_session *session, const struct server *server,
    bool server_first, struct outcome *outcome)
{
	struct str challenge = { 0 }, response = { 0 };
	bool ok = true;

	if (server_first)
		ok = server_step(session, server, NULL, &challenge,
		    &outcome->server);
	for (int i = 0; ok && !outcome->done && i < ROUNDS; i++) {
		bool silent = i == 0 && !server_first;

		str_truncate(&response, 0);
		ok = sasl_step(sasl, silent ? NULL : &challenge, &response,
		    &outcome->done, &outcome->error);
		if (i == 0)
			str_append(&outcome->first, str_text(&response),
			    response.len);
		if (ok && outcome->server != GSASL_OK)
			ok = server_step(session, server, &response, &challenge,
			    &outcome->server);
	}
	str_free(&challenge);
	str_free(&response);
}

static struct outcome
play(const struct sasl_input *input, const struct server *server,
    bool server_first)
{
	struct outcome outcome = { .server = GSASL_NEEDS_MORE };
	struct server copy = *server;
	struct sasl *sasl;
	Gsasl *library;
	Gsasl_session *session;

	assert_int_equal(gsasl_init(&library), GSASL_OK);
	gsasl_callback_set(library, provide_property);
	gsasl_callback_hook_set(library, &copy);
	assert_int_equal(gsasl_server_start(library, input->mechanism,
			     &session),
	    GSASL_OK);
	assert_true(sasl_begin(input, &sasl, &outcome.error));
	talk(sasl, session, server, server_first, &outcome);
	sasl_end(sasl);
	gsasl_finish(session);
	gsasl_done(library);
	return outcome;
}

static void
outcome_free(struct outcome *outcome)
{
	str_free(&outcome->first);
	error_free(&outcome->error);
}

static struct sasl_input
input_for(const char *mechanism)
{
	return (struct sasl_input){ .mechanism = mechanism,
		.user = USER,
		.password = PASSWORD,
		.host = "mail.example.org",
		.service = "smtp" };
}

static void
logs_in_with_each_mechanism(void **state ATTR_UNUSED)
{
	static const struct {
		const char *mechanism;
		bool server_first;
	} cases[] = {
		{ "SCRAM-SHA-256", false },
		{ "SCRAM-SHA-1", false },
		{ "CRAM-MD5", true },
		{ "DIGEST-MD5", true },
	};
	const struct server server = { .password = PASSWORD };

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct sasl_input input = input_for(cases[i].mechanism);
		struct outcome o = play(&input, &server, cases[i].server_first);

		assert_false(error_is_set(&o.error));
		assert_true(o.done);
		assert_int_equal(o.server, GSASL_OK);
		outcome_free(&o);
	}
}

static void
does_not_succeed_with_a_wrong_password(void **state ATTR_UNUSED)
{
	static const struct {
		const char *mechanism;
		bool server_first, done;
	} cases[] = {
		{ "SCRAM-SHA-256", false, false },
		{ "SCRAM-SHA-1", false, false },
		/* CRAM-MD5 does not authenticate the server. */
		{ "CRAM-MD5", true, true },
		{ "DIGEST-MD5", true, false },
	};
	const struct server server = { .password = "another" };

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct sasl_input input = input_for(cases[i].mechanism);
		struct outcome o = play(&input, &server, cases[i].server_first);

		assert_int_equal(o.done, cases[i].done);
		assert_int_equal(o.server, GSASL_AUTHENTICATION_ERROR);
		outcome_free(&o);
	}
}

static void
encode_binding(struct str *raw, struct str *encoded)
{
	str_add(raw, binding_bytes);
	base64_encode(encoded, raw->data, raw->len);
}

static void
binds_the_login_to_the_tls_session(void **state ATTR_UNUSED)
{
	static const struct {
		const char *mechanism;
		bool exporter;
		const char *first; /* start of the first response */
	} cases[] = {
		{ "SCRAM-SHA-256-PLUS", true, "p=tls-exporter,," },
		{ "SCRAM-SHA-256-PLUS", false, "p=tls-unique,," },
		{ "SCRAM-SHA-1-PLUS", true, "p=tls-exporter,," },
		{ "SCRAM-SHA-1-PLUS", false, "p=tls-unique,," },
	};
	struct str raw = { 0 }, encoded = { 0 };

	encode_binding(&raw, &encoded);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct sasl_input input = input_for(cases[i].mechanism);
		struct server server = { .password = PASSWORD,
			.binding = encoded.data,
			.binding_kind = cases[i].exporter
			    ? GSASL_CB_TLS_EXPORTER
			    : GSASL_CB_TLS_UNIQUE };
		struct outcome o;

		if (cases[i].exporter)
			input.binding_exporter = &raw;
		else
			input.binding_unique = &raw;
		o = play(&input, &server, false);
		assert_false(error_is_set(&o.error));
		assert_true(o.done);
		assert_int_equal(o.server, GSASL_OK);
		assert_memory_equal(o.first.data, cases[i].first,
		    strlen(cases[i].first));
		outcome_free(&o);
	}
	str_free(&raw);
	str_free(&encoded);
}

static void
detects_another_tls_session_by_its_channel_binding(void **state ATTR_UNUSED)
{
	struct str raw = { 0 }, encoded = { 0 };
	struct sasl_input input = input_for("SCRAM-SHA-256-PLUS");
	struct server server = { .password = PASSWORD,
		.binding = "b3RoZXIgc2Vzc2lvbg==",
		.binding_kind = GSASL_CB_TLS_EXPORTER };
	struct outcome o;

	encode_binding(&raw, &encoded);
	input.binding_exporter = &raw;
	o = play(&input, &server, false);
	assert_false(o.done);
	assert_int_not_equal(o.server, GSASL_OK);
	outcome_free(&o);
	str_free(&raw);
	str_free(&encoded);
}

static void
rejects_invalid_scram_messages(void **state ATTR_UNUSED)
{
	static const struct {
		const char *iterations, *replace, *by;
		enum error_kind kind;
		const char *says;
	} cases[] = {
		{ "4095", NULL, NULL, ERROR_REJECTED, "4095 SCRAM iterations" },
		{ NULL, "i=4096", "i=1", ERROR_REJECTED, "1 SCRAM iterations" },
		{ NULL, "i=4096", "i=1000001", ERROR_REJECTED, "only 4096 to" },
		{ NULL, "i=4096", "i=4096x", ERROR_REJECTED, "4096x SCRAM" },
		{ NULL, "i=4096", "i=99999999999999999999999", ERROR_REJECTED,
		    "only 4096 to" },
		{ NULL, "i=4096", "i=", ERROR_REJECTED, "only 4096 to" },
		{ NULL, ",i=4096", "", ERROR_PROTOCOL, "no iteration count" },
		{ NULL, "r=", "m=x,r=", ERROR_PROTOCOL,
		    "challenge is invalid" },
		{ NULL, "r=", "q=", ERROR_PROTOCOL, "challenge is invalid" },
		{ NULL, "s=", "s=!", ERROR_PROTOCOL, "challenge is invalid" },
		{ NULL, "r=", "r=other", ERROR_REJECTED, "did not prove" },
		/* server-final-message */
		{ NULL, "v=", "v=AAAA", ERROR_REJECTED, "did not prove" },
		{ NULL, "v=", "e=invalid-proof,x=", ERROR_REJECTED,
		    "rejected the SCRAM proof: invalid-proof" },
		{ NULL, "v=", "\033[2Jv=", ERROR_PROTOCOL,
		    "challenge is invalid" },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct sasl_input input = input_for("SCRAM-SHA-256");
		struct server server = { .password = PASSWORD,
			.iterations = cases[i].iterations,
			.replace = cases[i].replace,
			.by = cases[i].by };
		struct outcome o = play(&input, &server, false);

		assert_false(o.done);
		if (o.error.text == NULL
		    || strstr(o.error.text, cases[i].says) == NULL)
			fail_msg("case %zu: \"%s\" lacks \"%s\"", i,
			    o.error.text == NULL ? "" : o.error.text,
			    cases[i].says);
		assert_int_equal(o.error.kind, cases[i].kind);
		assert_int_equal(o.error.stage,
		    cases[i].kind == ERROR_REJECTED ? STAGE_AUTH : STAGE_NONE);
		outcome_free(&o);
	}
}

static void
accepts_common_iteration_counts(void **state ATTR_UNUSED)
{
	static const char *const counts[] = { "4096", "10000" };

	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		struct sasl_input input = input_for("SCRAM-SHA-1");
		struct server server = { .password = PASSWORD,
			.iterations = counts[i] };
		struct outcome o = play(&input, &server, false);

		assert_true(o.done);
		outcome_free(&o);
	}
}

/* SASLprep removes a soft hyphen, and maps a no-break space to a space (RFC
 * 4013 section 2). */
static void
prepares_the_password_for_scram(void **state ATTR_UNUSED)
{
	struct sasl_input input = input_for("SCRAM-SHA-256");
	const struct server server = { .password = PASSWORD };
	struct outcome o;

	input.password = "ses\xc2\xad"
			 "ame\xc2\xa0open";
	o = play(&input, &server, false);
	assert_true(o.done);
	outcome_free(&o);
}

static void
rejects_characters_that_saslprep_prohibits(void **state ATTR_UNUSED)
{
	static const char *const passwords[] = { "bell\007", "latin\xe9" };
	const struct server server = { .password = PASSWORD };

	for (size_t i = 0; i < COUNT_OF(passwords); i++) {
		struct sasl_input input = input_for("SCRAM-SHA-256");
		struct outcome o;

		input.password = passwords[i];
		o = play(&input, &server, false);
		assert_false(o.done);
		assert_int_equal(o.error.kind, ERROR_CONFIG);
		assert_non_null(strstr(o.error.text, "SASLprep"));
		assert_null(strstr(o.error.text, "bell"));
		outcome_free(&o);
	}
}

static bool
one_step(struct sasl *sasl, const char *challenge, size_t len,
    struct str *response, bool *done, struct error *err)
{
	struct str text = { 0 };
	bool ok;

	str_append(&text, challenge, len);
	ok = sasl_step(sasl, &text, response, done, err);
	str_free(&text);
	return ok;
}

/* The example of RFC 2195 section 2. */
static void
responds_to_the_cram_md5_example_of_the_rfc(void **state ATTR_UNUSED)
{
	static const char challenge[] =
	    "<1896.697170952@postoffice.reston.mci.net>";
	struct sasl_input input = input_for("CRAM-MD5");
	struct str response = { 0 };
	struct error err = { 0 };
	struct sasl *sasl;
	bool done;

	input.user = "tim";
	input.password = "tanstaaftanstaaf";
	assert_true(sasl_begin(&input, &sasl, &err));
	assert_true(one_step(sasl, challenge, strlen(challenge), &response,
	    &done, &err));
	assert_true(done);
	assert_string_equal(response.data,
	    "tim b913a602c7eda7a495b4e6e7334d3890");
	sasl_end(sasl);
	str_free(&response);
}

/* The challenge is a type 2 message without target information. */
static void
responds_to_an_ntlm_challenge(void **state ATTR_UNUSED)
{
	static const char type2[] =
	    "TlRMTVNTUAACAAAAAAAAADgAAAABgoEAASNFZ4mrze8AAAAAAAAAAAAAAAA4AAAA";
	struct sasl_input input = input_for("NTLM");
	struct str challenge = { 0 }, response = { 0 };
	struct error err = { 0 };
	struct sasl *sasl;
	bool done;

	if (!sasl_has("NTLM"))
		skip();
	input.domain = "EXAMPLE";
	assert_true(base64_decode(&challenge, type2, strlen(type2)));
	assert_true(sasl_begin(&input, &sasl, &err));
	assert_true(sasl_step(sasl, NULL, &response, &done, &err));
	assert_false(done);
	assert_memory_equal(response.data, "NTLMSSP\0\001\0\0\0", 12);
	str_truncate(&response, 0);
	assert_true(sasl_step(sasl, &challenge, &response, &done, &err));
	assert_true(done);
	assert_memory_equal(response.data, "NTLMSSP\0\003\0\0\0", 12);
	assert_non_null(
	    memmem(response.data, response.len, "E\0X\0A\0M\0P\0L\0E", 13));
	sasl_end(sasl);
	str_free(&challenge);
	str_free(&response);
}

static void
does_not_crash_on_hostile_challenges(void **state ATTR_UNUSED)
{
	static const char *const mechanisms[] = { "CRAM-MD5", "DIGEST-MD5",
		"NTLM", "SCRAM-SHA-256" };
	static const struct {
		const char *text;
		size_t len;
	} challenges[] = {
		{ "", 0 },
		{ "\0", 1 },
		{ "NTLMSSP\0\002\0\0\0", 12 },
		{ "realm=\"", 7 },
		{ "r=,s=,i=4096", 12 },
		{ ",i=4096", 7 },
		{ "nonce=\"a\",qop=\"auth-conf\",algorithm=md5-sess", 44 },
		{ "\xff\xfe\r\n.\r\n", 7 },
	};

	for (size_t i = 0; i < COUNT_OF(mechanisms) * COUNT_OF(challenges);
	     i++) {
		const char *name = mechanisms[i / COUNT_OF(challenges)];
		size_t row = i % COUNT_OF(challenges);
		struct sasl_input input = input_for(name);
		struct str response = { 0 };
		struct error err = { 0 };
		struct sasl *sasl;
		bool done;

		assert_true(sasl_begin(&input, &sasl, &err));
		if (strcmp(name, "NTLM") == 0
		    || strcmp(name, "SCRAM-SHA-256") == 0)
			assert_true(
			    sasl_step(sasl, NULL, &response, &done, &err));
		if (!one_step(sasl, challenges[row].text, challenges[row].len,
			&response, &done, &err))
			assert_true(error_is_set(&err));
		sasl_end(sasl);
		str_free(&response);
		error_free(&err);
	}
}

static void
reports_a_missing_kerberos_ticket(void **state ATTR_UNUSED)
{
	struct sasl_input input = input_for("GSSAPI");
	struct str response = { 0 };
	struct error err = { 0 };
	struct sasl *sasl;
	bool done;

	if (!sasl_has("GSSAPI"))
		skip();
	setenv("KRB5CCNAME", "FILE:/nonexistent/ticket", 1);
	assert_true(sasl_begin(&input, &sasl, &err));
	assert_false(sasl_step(sasl, NULL, &response, &done, &err));
	assert_true(error_is_rejection(&err, STAGE_AUTH));
	assert_non_null(strstr(err.text, "smtp@mail.example.org"));
	sasl_end(sasl);
	str_free(&response);
	error_free(&err);
}

static void
knows_which_mechanisms_libgsasl_supports(void **state ATTR_UNUSED)
{
	struct sasl_input input = input_for("NO-SUCH");
	struct error err = { 0 };
	struct str text = { 0 };
	struct sasl *sasl;

	assert_true(sasl_has("SCRAM-SHA-256"));
	assert_true(sasl_has("SCRAM-SHA-256-PLUS"));
	assert_false(sasl_has("NO-SUCH"));
	assert_true(sasl_is_available());
	sasl_describe_library(&text);
	assert_int_equal(strncmp(str_text(&text), "libgsasl ", 9), 0);
	str_free(&text);
	assert_false(sasl_begin(&input, &sasl, &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	sasl_end(sasl);
	error_free(&err);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logs_in_with_each_mechanism),
		cmocka_unit_test(does_not_succeed_with_a_wrong_password),
		cmocka_unit_test(binds_the_login_to_the_tls_session),
		cmocka_unit_test(
		    detects_another_tls_session_by_its_channel_binding),
		cmocka_unit_test(rejects_invalid_scram_messages),
		cmocka_unit_test(accepts_common_iteration_counts),
		cmocka_unit_test(prepares_the_password_for_scram),
		cmocka_unit_test(rejects_characters_that_saslprep_prohibits),
		cmocka_unit_test(responds_to_the_cram_md5_example_of_the_rfc),
		cmocka_unit_test(responds_to_an_ntlm_challenge),
		cmocka_unit_test(does_not_crash_on_hostile_challenges),
		cmocka_unit_test(reports_a_missing_kerberos_ticket),
		cmocka_unit_test(knows_which_mechanisms_libgsasl_supports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
