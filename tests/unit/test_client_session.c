/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "client/handshake.h"
#include "transcript.h"

/* How far the client wants to go. */
enum goal {
	GREETING,
	HELLO,
	HELLO_ESMTP,
	STARTTLS,
	STARTTLS_IF_OFFERED,
	STARTTLS_OFF
};

static const struct scene {
	const char *name;
	enum goal goal;
	bool lmtp;
	const char *transcript;
	enum error_kind kind;
	enum smtp_stage stage;
	bool temporary;
	enum tls_level demand;
	enum tls_source source;
	const char *says; /* in the text of the error; or NULL */
} scenes[] = {
	{ "greeted", GREETING, .transcript = "S: 220 mx\nC: QUIT\nEND" },
	{ "greeted in several lines", GREETING,
	    .transcript = "S: 220-mx\nS: 220 ESMTP\nC: QUIT\nEND" },
	{ "refused at the door", GREETING,
	    .transcript = "S: 554 5.3.2 no mail here\nC: QUIT\nEND",
	    .kind = ERROR_REJECTED, .stage = STAGE_GREETING },
	{ "too busy", GREETING, .transcript = "S: 421 later\nEND",
	    .kind = ERROR_REJECTED, .stage = STAGE_GREETING,
	    .temporary = true },
	{ "250 is no greeting", GREETING, .transcript = "S: 250 mx\nEND",
	    .kind = ERROR_PROTOCOL },
	{ "hung up without a word", GREETING, .transcript = "CLOSE",
	    .kind = ERROR_NETWORK, .temporary = true },
	{ "HTTP", GREETING, .transcript = "S: HTTP/1.1 400 Bad Request\nEND",
	    .kind = ERROR_PROTOCOL },
	{ "EHLO", HELLO,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 250 mx\nC: QUIT\nEND" },
	{ "HELO when EHLO is unknown", HELLO,
	    .transcript = "S: 220 mx\nC: EHLO me.example\nS: 502 what\n"
			  "C: HELO me.example\nS: 250 mx\nC: QUIT\nEND" },
	{ "both refused", HELLO,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 502 what\n"
		"C: HELO me.example\nS: 550 5.7.1 go away\nC: QUIT\nEND",
	    .kind = ERROR_REJECTED, .stage = STAGE_EHLO },
	{ "no HELO where TLS or AUTH is due", HELLO_ESMTP,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 502 what\nC: QUIT\nEND",
	    .kind = ERROR_REJECTED, .stage = STAGE_EHLO },
	{ "no HELO after a temporary refusal", HELLO,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 451 4.3.0 later\nC: QUIT\nEND",
	    .kind = ERROR_REJECTED, .stage = STAGE_EHLO, .temporary = true },
	{ "no HELO after nonsense", HELLO,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 354 go on\nC: QUIT\nEND",
	    .kind = ERROR_PROTOCOL },
	{ "LHLO", HELLO, .lmtp = true,
	    .transcript =
		"S: 220 mx\nC: LHLO me.example\nS: 250 mx\nC: QUIT\nEND" },
	{ "no HELO in LMTP", HELLO, .lmtp = true,
	    .transcript =
		"S: 220 mx\nC: LHLO me.example\nS: 500 what\nC: QUIT\nEND",
	    .kind = ERROR_REJECTED, .stage = STAGE_EHLO },
	{ "a reply nobody asked for", HELLO,
	    .transcript = "S: 220 mx|250 mx\nEND", .kind = ERROR_PROTOCOL },
	{ "421 before we could say EHLO", HELLO,
	    .transcript = "S: 220 mx|421 4.4.2 too slow\nEND",
	    .kind = ERROR_REJECTED, .temporary = true },
	{ "STARTTLS not offered", STARTTLS,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 250 mx\nC: QUIT\nEND",
	    .kind = ERROR_TLS_MISSING, .temporary = true,
	    .says = "does not offer STARTTLS, and \"tls on\" requires it" },
	{ "STARTTLS refused", STARTTLS,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 250-mx\nS: 250 STARTTLS\n"
		"C: STARTTLS\nS: 454 4.7.0 not now\nC: QUIT\nEND",
	    .kind = ERROR_REJECTED, .stage = STAGE_TLS, .temporary = true },
	{ "STARTTLS answered with 502", STARTTLS,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 250-mx\nS: 250 STARTTLS\n"
		"C: STARTTLS\nS: 502 5.5.1 what\nC: QUIT\nEND",
	    .kind = ERROR_REJECTED, .stage = STAGE_TLS, .temporary = true },
	{ "plain text behind 220", STARTTLS,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 250-mx\nS: 250 STARTTLS\n"
		"C: STARTTLS\nS: 220 go|250 injected\nEND",
	    .kind = ERROR_TLS, .temporary = true },
	{ "demanded: not offered", STARTTLS_IF_OFFERED,
	    .demand = TLS_LEVEL_ENCRYPT, .source = TLS_BY_DANE,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 250 mx\nC: QUIT\nEND",
	    .kind = ERROR_TLS_MISSING, .temporary = true,
	    .says = "does not offer STARTTLS, and DANE requires it" },
	{ "demanded: refused", STARTTLS_IF_OFFERED, .demand = TLS_LEVEL_VERIFY,
	    .source = TLS_BY_MTA_STS,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 250-mx\nS: 250 STARTTLS\n"
		"C: STARTTLS\nS: 454 4.7.0 not now\nC: QUIT\nEND",
	    .kind = ERROR_REJECTED, .stage = STAGE_TLS, .temporary = true },
	{ "demanded: not prepared", STARTTLS_OFF, .demand = TLS_LEVEL_VERIFY,
	    .source = TLS_BY_MTA_STS,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 250-mx\nS: 250 STARTTLS\n"
		"C: QUIT\nEND",
	    .kind = ERROR_TLS_MISSING, .temporary = true,
	    .says = "MTA-STS requires TLS with this host, and \"tls off\"" },
	{ "off", STARTTLS_OFF,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 250-mx\nS: 250 STARTTLS\n"
		"C: QUIT\nEND" },
	{ "opportunistic: not offered", STARTTLS_IF_OFFERED,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 250 mx\nC: QUIT\nEND" },
	{ "opportunistic: refused", STARTTLS_IF_OFFERED,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 250-mx\nS: 250 STARTTLS\n"
		"C: STARTTLS\nS: 454 4.7.0 not now\nC: QUIT\nEND" },
};

static bool
go(struct session *s, enum goal goal, const struct tls_policy *policy,
    struct error *err)
{
	struct session_target to = { .tls = { .mode = TLS_ON,
					 .starttls = true },
		.policy = policy };

	if (goal == STARTTLS_IF_OFFERED)
		to.tls.mode = TLS_OPPORTUNISTIC;
	if (goal == STARTTLS_OFF)
		to.tls.mode = TLS_OFF;
	return session_greeting(s, err)
	    && (goal == GREETING || session_ehlo(s, goal == HELLO_ESMTP, err))
	    && (goal < STARTTLS || session_starttls(s, &to, err));
}

static void
play_scene(const struct scene *scene)
{
	struct session_params params = { .domain = "me.example",
		.timeout = 10,
		.protocol = scene->lmtp ? PROTOCOL_LMTP : PROTOCOL_SMTP };
	struct tls_policy policy = { .level = scene->demand,
		.source = scene->source };
	struct session s = { .params = &params };
	struct error err = { 0 };
	struct transcript *server;
	char *fault;
	bool ok;

	s.host = alloc_string("mx.example");
	server = transcript_start(scene->transcript, &s.stream.transport);
	ok = go(&s, scene->goal, &policy, &err);
	session_close(&s);
	fault = transcript_end(server, NULL);
	if (fault[0] != '\0')
		fail_msg("%s: the client %s", scene->name, fault);
	if (ok != (scene->kind == ERROR_NONE) || err.kind != scene->kind)
		fail_msg("%s: kind %d: %s", scene->name, (int)err.kind,
		    err.text);
	assert_int_equal(err.stage, scene->stage);
	assert_int_equal(err.temporary, scene->temporary);
	if (scene->says != NULL && strstr(err.text, scene->says) == NULL)
		fail_msg("%s: %s", scene->name, err.text);
	if (err.kind == ERROR_TLS_MISSING || err.stage == STAGE_TLS)
		assert_string_equal(err.status.enhanced, "4.7.4");
	if (!ok)
		assert_string_equal(err.host, "mx.example");
	free(fault);
	error_free(&err);
	session_free(&s);
}

static void
plays_each_scene(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(scenes); i++)
		play_scene(&scenes[i]);
}

static void
says_the_literal_of_its_address_without_a_name(void **state)
{
	struct session_params params = { .timeout = 10 };
	struct session s = { .params = &params, .state = SESSION_GREETED };
	struct error err = { 0 };
	struct transcript *server =
	    transcript_start("C: EHLO [127.0.0.1]\nS: 250 mx\nC: QUIT\nEND",
		&s.stream.transport);
	char *fault;

	(void)state;
	assert_true(session_ehlo(&s, false, &err));
	session_close(&s);
	fault = transcript_end(server, NULL);
	assert_string_equal(fault, "");
	free(fault);
	session_free(&s);
}

static void
formats_no_line_ends_into_a_command(void **state)
{
	static const char *const bad[] = { "a\r\nRCPT TO:<x>", "a\n", "a\r",
		"a\tb", "a\x7f", "a\x01" };
	struct error err = { 0 };
	char *line;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		assert_null(session_format(&err, "MAIL FROM:<%s>", bad[i]));
		assert_int_equal(err.kind, ERROR_ADDRESS);
		error_free(&err);
	}
	line = session_format(&err, "MAIL FROM:<%s>", "al@x");
	assert_string_equal(line, "MAIL FROM:<al@x>");
	free(line);
}

static void
waits_as_long_as_rfc_5321_says_unless_told(void **state)
{
	struct session_params params = { 0 };
	struct session s = { .params = &params };

	(void)state;
	assert_int_equal(session_timeout(&s, STAGE_MAIL), 300);
	assert_int_equal(session_timeout(&s, STAGE_DATA), 120);
	assert_int_equal(session_timeout(&s, STAGE_BODY), 180);
	assert_int_equal(session_timeout(&s, STAGE_END_OF_DATA), 600);
	params.timeout = 7;
	assert_int_equal(session_timeout(&s, STAGE_END_OF_DATA), 7);
	s.stream.deadline = clock_now();
	assert_true(session_reply_deadline(&s, STAGE_MAIL) <= clock_now());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plays_each_scene),
		cmocka_unit_test(
		    says_the_literal_of_its_address_without_a_name),
		cmocka_unit_test(formats_no_line_ends_into_a_command),
		cmocka_unit_test(waits_as_long_as_rfc_5321_says_unless_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
