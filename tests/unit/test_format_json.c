/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <string.h>

#include "base/alloc.h"
#include "report/format_json.h"
#include "report/recorder.h"

static void
expect(const struct log_entry *entry, const char *const wanted[])
{
	struct str out = { 0 };

	report_json(entry, &out);
	for (size_t i = 0; wanted[i] != NULL; i++)
		if (strstr(out.data, wanted[i]) == NULL)
			fail_msg("no %s in %s", wanted[i], out.data);
	str_free(&out);
}

static bool
keeps_all(const struct error *failure)
{
	(void)failure;
	return true;
}

static void
fail_one(struct envelope *e, size_t i, enum error_kind kind, bool uncertain)
{
	struct error err = { 0 };

	error_set(&err, kind, "why");
	err.uncertain = uncertain;
	recipient_fail(&e->recipients[i], &err);
}

static void
tells_recipients_apart(void **state)
{
	struct envelope e = { 0 };
	struct log_entry entry = { .envelope = &e };
	const char *const addresses[] = { "sent", "deferred", "failed",
		"uncertain", "queued" };

	(void)state;
	for (size_t i = 0; i < 5; i++)
		envelope_add(&e, addresses[i], NULL);
	e.recipients[0].state = RECIPIENT_DELIVERED;
	e.recipients[0].host = alloc_string("mx.example");
	fail_one(&e, 1, ERROR_CONNECT, false);
	fail_one(&e, 2, ERROR_UNSUPPORTED, false);
	fail_one(&e, 3, ERROR_NETWORK, true);
	fail_one(&e, 4, ERROR_CONNECT, false);
	e.recipients[4].state = RECIPIENT_QUEUED;
	entry.err = envelope_result(&e);
	expect(&entry,
	    (const char *const[]){ "\"result\": \"partial\"",
		"\"sent\", \"original\": null, \"result\": \"sent\", \"host\": "
		"\"mx.example\"",
		"\"deferred\", \"original\": null, \"result\": \"deferred\"",
		"\"failed\", \"original\": null, \"result\": \"failed\"",
		"\"uncertain\", \"original\": null, \"result\": \"uncertain\"",
		"\"queued\", \"original\": null, \"result\": \"queued\"",
		"\"exit\": 0}]", NULL });
	entry.keeps = keeps_all;
	expect(&entry,
	    (const char *const[]){
		"\"failed\", \"original\": null, \"result\": \"deferred\"",
		NULL });
	envelope_free(&e);
}

/* They have no results of their own yet. */
static void
gives_an_early_error_to_all_recipients(void **state)
{
	struct envelope e = { 0 };
	struct error err = { 0 };
	const struct log_entry entry = { .envelope = &e,
		.err = &err,
		.exit_status = 78 };

	(void)state;
	envelope_add(&e, "bob@x", NULL);
	error_set(&err, ERROR_CONFIG, "a \"setting\"");
	expect(&entry,
	    (const char *const[]){ "\"result\": \"failed\"",
		"\"error\": \"a \\\"setting\\\"\", \"phase\": null, \"details\": "
		"[], \"exit\": 78",
		"\"bob@x\", \"original\": null, \"result\": \"failed\", "
		"\"host\": null, \"code\": null",
		"\"exit\": 78}]}\n", NULL });
	error_free(&err);
	envelope_free(&e);
}

/* The last stage is not that of an earlier address. */
static void
names_the_phase_only_if_it_is_known(void **state)
{
	struct envelope e = { 0 };
	struct error err = { 0 }, next = { 0 };
	const struct recorder recorder = { .last = STAGE_EHLO };
	const struct log_entry entry = { .envelope = &e,
		.err = &err,
		.recorder = &recorder };

	(void)state;
	error_set(&err, ERROR_TIMEOUT, "too late");
	expect(&entry, (const char *const[]){ "\"phase\": \"ehlo\"", NULL });
	error_copy(&next, &err);
	error_free(&err);
	error_merge_attempt(&err, &next);
	error_merge_attempt(&err, &next);
	expect(&entry, (const char *const[]){ "\"phase\": null", NULL });
	error_set(&err, ERROR_CERTIFICATE, "expired");
	expect(&entry, (const char *const[]){ "\"phase\": \"tls\"", NULL });
	error_reject(&err, STAGE_MAIL, NULL);
	expect(&entry, (const char *const[]){ "\"phase\": \"mail\"", NULL });
	error_set(&err, ERROR_MESSAGE, "two From fields");
	expect(&entry, (const char *const[]){ "\"phase\": null", NULL });
	error_free(&err);
	error_free(&next);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_recipients_apart),
		cmocka_unit_test(gives_an_early_error_to_all_recipients),
		cmocka_unit_test(names_the_phase_only_if_it_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
