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

/* The last step that the client performs. */
enum goal {
	GREETING,
	EHLO,
	EHLO_ONLY, /* without HELO */
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
	enum tls_level level;
	enum tls_source source;
	const char *says;   /* in the text of the error; or NULL */
	const char *status; /* of a failure of TLS; NULL: 4.7.4 */
} scenes[] = {
	{ "a greeting", GREETING, .transcript = "S: 220 mx\nC: QUIT\nEND" },
	{ "a greeting of several lines", GREETING,
	    .transcript = "S: 220-mx\nS: 220 ESMTP\nC: QUIT\nEND" },
	{ "the greeting rejects the client", GREETING,
	    .transcript = "S: 554 5.3.2 no mail here\nC: QUIT\nEND",
	    .kind = ERROR_REJECTED, .stage = STAGE_GREETING },
	{ "421 as the greeting", GREETING, .transcript = "S: 421 later\nEND",
	    .kind = ERROR_REJECTED, .stage = STAGE_GREETING,
	    .temporary = true },
	{ "250 is not a greeting", GREETING, .transcript = "S: 250 mx\nEND",
	    .kind = ERROR_PROTOCOL },
	{ "the server closes without a greeting", GREETING,
	    .transcript = "CLOSE", .kind = ERROR_NETWORK, .temporary = true },
	{ "the server speaks HTTP", GREETING,
	    .transcript = "S: HTTP/1.1 400 Bad Request\nEND",
	    .kind = ERROR_PROTOCOL },
	{ "EHLO is accepted", EHLO,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 250 mx\nC: QUIT\nEND" },
	{ "HELO if EHLO is unknown", EHLO,
	    .transcript = "S: 220 mx\nC: EHLO me.example\nS: 502 what\n"
			  "C: HELO me.example\nS: 250 mx\nC: QUIT\nEND" },
	{ "EHLO and HELO are rejected", EHLO,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 502 what\n"
		"C: HELO me.example\nS: 550 5.7.1 go away\nC: QUIT\nEND",
	    .kind = ERROR_REJECTED, .stage = STAGE_EHLO },
	{ "no HELO if TLS or AUTH is required", EHLO_ONLY,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 502 what\nC: QUIT\nEND",
	    .kind = ERROR_REJECTED, .stage = STAGE_EHLO },
	{ "no HELO after a temporary rejection", EHLO,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 451 4.3.0 later\nC: QUIT\nEND",
	    .kind = ERROR_REJECTED, .stage = STAGE_EHLO, .temporary = true },
	{ "no HELO after an unexpected reply", EHLO,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 354 go on\nC: QUIT\nEND",
	    .kind = ERROR_PROTOCOL },
	{ "LHLO is accepted", EHLO, .lmtp = true,
	    .transcript =
		"S: 220 mx\nC: LHLO me.example\nS: 250 mx\nC: QUIT\nEND" },
	{ "no HELO with LMTP", EHLO, .lmtp = true,
	    .transcript =
		"S: 220 mx\nC: LHLO me.example\nS: 500 what\nC: QUIT\nEND",
	    .kind = ERROR_REJECTED, .stage = STAGE_EHLO },
	{ "an unsolicited reply before EHLO", EHLO,
	    .transcript = "S: 220 mx|250 mx\nEND", .kind = ERROR_PROTOCOL },
	{ "421 before EHLO", EHLO,
	    .transcript = "S: 220 mx|421 4.4.2 too slow\nEND",
	    .kind = ERROR_REJECTED, .temporary = true },
	{ "STARTTLS is not offered", STARTTLS,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 250 mx\nC: QUIT\nEND",
	    .kind = ERROR_TLS_MISSING, .temporary = true,
	    .says = "does not offer STARTTLS, and \"tls on\" requires it" },
	{ "STARTTLS is rejected", STARTTLS,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 250-mx\nS: 250 STARTTLS\n"
		"C: STARTTLS\nS: 454 4.7.0 not now\nC: QUIT\nEND",
	    .kind = ERROR_REJECTED, .stage = STAGE_TLS, .temporary = true,
	    .status = "4.7.0" },
	{ "STARTTLS is unknown to the server", STARTTLS,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 250-mx\nS: 250 STARTTLS\n"
		"C: STARTTLS\nS: 502 5.5.1 what\nC: QUIT\nEND",
	    .kind = ERROR_REJECTED, .stage = STAGE_TLS, .temporary = true,
	    .says = "tls_starttls off" },
	{ "STARTTLS needs what follows it", STARTTLS,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 250-mx\nS: 250 STARTTLS\n"
		"C: STARTTLS\nS: 530 5.7.0 log in\nC: QUIT\nEND",
	    .kind = ERROR_REJECTED, .stage = STAGE_TLS, .status = "5.7.0",
	    .says = "tls_starttls off" },
	{ "required by a policy: rejected permanently", STARTTLS_IF_OFFERED,
	    .level = TLS_LEVEL_VERIFY, .source = TLS_BY_MTA_STS,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 250-mx\nS: 250 STARTTLS\n"
		"C: STARTTLS\nS: 530 5.7.0 log in\nC: QUIT\nEND",
	    .kind = ERROR_REJECTED, .stage = STAGE_TLS, .temporary = true },
	{ "plain text after 220", STARTTLS,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 250-mx\nS: 250 STARTTLS\n"
		"C: STARTTLS\nS: 220 go|250 injected\nEND",
	    .kind = ERROR_TLS, .temporary = true },
	{ "required by a policy: not offered", STARTTLS_IF_OFFERED,
	    .level = TLS_LEVEL_ENCRYPT, .source = TLS_BY_DANE,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 250 mx\nC: QUIT\nEND",
	    .kind = ERROR_TLS_MISSING, .temporary = true,
	    .says = "does not offer STARTTLS, and DANE requires it" },
	{ "required by a policy: rejected", STARTTLS_IF_OFFERED,
	    .level = TLS_LEVEL_VERIFY, .source = TLS_BY_MTA_STS,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 250-mx\nS: 250 STARTTLS\n"
		"C: STARTTLS\nS: 454 4.7.0 not now\nC: QUIT\nEND",
	    .kind = ERROR_REJECTED, .stage = STAGE_TLS, .temporary = true,
	    .status = "4.7.0" },
	{ "required by a policy: tls off", STARTTLS_OFF,
	    .level = TLS_LEVEL_VERIFY, .source = TLS_BY_MTA_STS,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 250-mx\nS: 250 STARTTLS\n"
		"C: QUIT\nEND",
	    .kind = ERROR_TLS_MISSING, .temporary = true,
	    .says = "MTA-STS requires TLS with this host, and \"tls off\"" },
	{ "tls off", STARTTLS_OFF,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 250-mx\nS: 250 STARTTLS\n"
		"C: QUIT\nEND" },
	{ "opportunistic: not offered", STARTTLS_IF_OFFERED,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 250 mx\nC: QUIT\nEND" },
	{ "opportunistic: rejected", STARTTLS_IF_OFFERED,
	    .transcript =
		"S: 220 mx\nC: EHLO me.example\nS: 250-mx\nS: 250 STARTTLS\n"
		"C: STARTTLS\nS: 454 4.7.0 not now\nC: QUIT\nEND" },
};

static bool
run(struct session *s, enum goal goal, const struct tls_policy *policy,
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
	    && (goal == GREETING || session_ehlo(s, goal == EHLO_ONLY, err))
	    && (goal < STARTTLS || session_starttls(s, &to, err));
}

static void
play_scene(const struct scene *scene)
{
	struct session_params params = { .domain = "me.example",
		.timeout = 10,
		.protocol = scene->lmtp ? PROTOCOL_LMTP : PROTOCOL_SMTP };
	struct tls_policy policy = { .level = scene->level,
		.source = scene->source };
	struct session s = { .params = &params };
	struct error err = { 0 };
	struct transcript *server;
	char *fault;
	bool ok;

	s.host = alloc_string("mx.example");
	server = transcript_start(scene->transcript, &s.stream.transport);
	ok = run(&s, scene->goal, &policy, &err);
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
		assert_string_equal(err.status.enhanced,
		    scene->status != NULL ? scene->status : "4.7.4");
	if (!ok)
		assert_string_equal(err.host, "mx.example");
	free(fault);
	error_free(&err);
	session_free(&s);
}

static void
follows_each_transcript(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(scenes); i++)
		play_scene(&scenes[i]);
}

static void
sends_an_address_literal_without_a_domain(void **state)
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
rejects_control_characters_in_a_command(void **state)
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
uses_the_timeouts_of_rfc_5321_by_default(void **state)
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
		cmocka_unit_test(follows_each_transcript),
		cmocka_unit_test(sends_an_address_literal_without_a_domain),
		cmocka_unit_test(rejects_control_characters_in_a_command),
		cmocka_unit_test(uses_the_timeouts_of_rfc_5321_by_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
