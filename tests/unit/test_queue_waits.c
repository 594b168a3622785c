/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Which results begin and end the pauses of destinations, and who waits. */
#include "unit.h"

#include <stdlib.h>

#include "queue/waits.h"
#include "queue_folder.h"
#include "runner/events.h"
#include "runner/pause.h"

static struct queue_pauses pauses;
static struct account smarthost, mx;
static char name[] = "work";

static int
open_queue(void **state)
{
	(void)state;
	pauses = (struct queue_pauses){ .folder = &folder };
	smarthost.name = mx.name = name;
	smarthost.queue.schedule.first_pause = 120;
	smarthost.queue.schedule.longest_pause = 7200;
	mx.queue = smarthost.queue;
	strv_add(&smarthost.hosts, "mx.example");
	strv_add(&mx.hosts, "mx");
	return open_queue_folder(state);
}

static int
close_queue(void **state)
{
	strv_free(&smarthost.hosts);
	strv_free(&mx.hosts);
	queue_pauses_free(&pauses);
	return close_queue_folder(state);
}

static void
set_result(struct recipient *r, enum error_kind kind, enum smtp_stage stage,
    int code)
{
	error_free(&r->outcome);
	r->state = kind == ERROR_NONE ? RECIPIENT_DELIVERED : RECIPIENT_FAILED;
	if (kind == ERROR_NONE)
		return;
	error_set(&r->outcome, kind, "because");
	r->outcome.stage = stage;
	r->outcome.temporary |= code / 100 == 4;
	r->outcome.status.code = code;
}

static enum pause_outcome
attempt(const struct account *account, const struct envelope *e, bool opened,
    enum pause_evidence evidence)
{
	const struct session_log session = { .opened = opened };

	return pause_after_attempt(&pauses,
	    &(struct pause_attempt){ .account = account,
		.envelope = e,
		.session = &session,
		.evidence = evidence });
}

/* Returns the pause that the recipients of the envelope wait for. */
static const struct queue_pause *
pause_of(const struct envelope *e)
{
	struct queue_entry entry = { .account = alloc_string("work") };
	const struct queue_pause *pause;

	for (size_t i = 0; i < e->count; i++)
		queue_entry_add(&entry, e->recipients[i].address, NULL);
	pause = queue_pause_of_message(&pauses, &entry, queue_now());
	queue_entry_free(&entry);
	return pause;
}

static void
the_result_tells_whether_the_server_works(void **state)
{
	static const struct {
		enum error_kind kind;
		enum smtp_stage stage;
		int code;
		bool opened;
		enum pause_outcome outcome;
	} rows[] = {
		{ ERROR_CONNECT, 0, 0, false, OUTCOME_PAUSED },
		{ ERROR_RESOLVE, 0, 0, false, OUTCOME_PAUSED },
		{ ERROR_TIMEOUT, 0, 0, false, OUTCOME_PAUSED },
		{ ERROR_TIMEOUT, 0, 0, true, OUTCOME_UNKNOWN },
		{ ERROR_NETWORK, 0, 0, false, OUTCOME_PAUSED },
		{ ERROR_NETWORK, 0, 0, true, OUTCOME_UNKNOWN },
		{ ERROR_CERTIFICATE, 0, 0, false, OUTCOME_PAUSED },
		{ ERROR_TLS_MISSING, 0, 0, false, OUTCOME_PAUSED },
		{ ERROR_NO_MECHANISM, 0, 0, false, OUTCOME_PAUSED },
		{ ERROR_SECRET, 0, 0, false, OUTCOME_PAUSED },
		{ ERROR_INTERRUPTED, 0, 0, false, OUTCOME_UNKNOWN },
		{ ERROR_FILE, 0, 0, false, OUTCOME_UNKNOWN },
		{ ERROR_REJECTED, STAGE_GREETING, 554, false, OUTCOME_PAUSED },
		{ ERROR_REJECTED, STAGE_AUTH, 535, false, OUTCOME_PAUSED },
		{ ERROR_REJECTED, STAGE_MAIL, 530, true, OUTCOME_PAUSED },
		{ ERROR_REJECTED, STAGE_MAIL, 421, true, OUTCOME_UNKNOWN },
		{ ERROR_REJECTED, STAGE_MAIL, 451, true, OUTCOME_WORKS },
		{ ERROR_REJECTED, STAGE_RCPT, 550, true, OUTCOME_WORKS },
		{ ERROR_REJECTED, STAGE_END_OF_DATA, 452, true, OUTCOME_WORKS },
		{ ERROR_NONE, 0, 250, true, OUTCOME_WORKS },
	};
	struct envelope e = { 0 };

	(void)state;
	envelope_add(&e, "bob@example.org", NULL);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		set_result(&e.recipients[0], rows[i].kind, rows[i].stage,
		    rows[i].code);
		if (attempt(&smarthost, &e, rows[i].opened, EVIDENCE_OF_RESULT)
			!= rows[i].outcome
		    || (pause_of(&e) != NULL)
			!= (rows[i].outcome == OUTCOME_PAUSED))
			fail_msg("row %zu", i);
		queue_pauses_lock(&pauses);
		queue_pauses_end_all(&pauses, queue_now());
		assert_true(queue_pauses_write(&pauses));
	}
	envelope_free(&e);
}

static void
what_works_ends_a_pause_and_the_unknown_does_not(void **state)
{
	struct envelope e = { 0 };

	(void)state;
	envelope_add(&e, "bob@example.org", NULL);
	set_result(&e.recipients[0], ERROR_CONNECT, 0, 0);
	assert_int_equal(attempt(&smarthost, &e, false, EVIDENCE_OF_RESULT),
	    OUTCOME_PAUSED);
	set_result(&e.recipients[0], ERROR_INTERRUPTED, 0, 0);
	attempt(&smarthost, &e, false, EVIDENCE_OF_RESULT);
	assert_non_null(pause_of(&e));
	set_result(&e.recipients[0], ERROR_NONE, 0, 250);
	attempt(&smarthost, &e, true, EVIDENCE_OF_RESULT);
	assert_null(pause_of(&e));
	envelope_free(&e);
}

static void
other_evidence_prevails_over_the_result(void **state)
{
	struct envelope e = { 0 };

	(void)state;
	envelope_add(&e, "bob@example.org", NULL);
	set_result(&e.recipients[0], ERROR_NETWORK, 0, 0);
	/* The message may be the reason, so that it keeps its own schedule. */
	assert_int_equal(attempt(&smarthost, &e, true, EVIDENCE_OF_SESSIONS),
	    OUTCOME_UNKNOWN);
	assert_non_null(pause_of(&e));
	set_result(&e.recipients[0], ERROR_FILE, 0, 0);
	assert_int_equal(attempt(&mx, &e, false, EVIDENCE_OF_ACCOUNT),
	    OUTCOME_PAUSED);
	assert_null(pause_of(&e)->domain);
	envelope_free(&e);
}

static void
with_host_mx_each_domain_has_a_pause(void **state)
{
	struct envelope both = { 0 }, one = { 0 };

	(void)state;
	envelope_add(&both, "bob@down.example", NULL);
	envelope_add(&both, "carol@up.example", NULL);
	envelope_add(&one, "dave@DOWN.example", NULL);
	set_result(&both.recipients[0], ERROR_CONNECT, 0, 0);
	set_result(&both.recipients[1], ERROR_NONE, 0, 250);
	assert_int_equal(attempt(&mx, &both, true, EVIDENCE_OF_RESULT),
	    OUTCOME_PAUSED);
	assert_null(pause_of(&both));
	assert_string_equal(pause_of(&one)->domain, "down.example");
	set_result(&both.recipients[1], ERROR_REJECTED, STAGE_RCPT, 450);
	assert_int_equal(attempt(&mx, &both, true, EVIDENCE_OF_RESULT),
	    OUTCOME_WORKS);
	envelope_free(&both);
	envelope_free(&one);
}

static void
the_reason_of_a_pause_is_an_error_that_is_kept(void **state)
{
	struct error reason = { 0 };
	struct envelope e = { 0 };

	(void)state;
	envelope_add(&e, "bob@example.org", NULL);
	set_result(&e.recipients[0], ERROR_REJECTED, STAGE_AUTH, 535);
	e.recipients[0].outcome.said = alloc_string("535 5.7.8 no");
	attempt(&smarthost, &e, false, EVIDENCE_OF_RESULT);
	assert_true(pause_of(&e)->needs_administrator);
	pause_error(pause_of(&e), &reason);
	assert_true(reason.temporary);
	assert_int_equal(reason.status.code, 535);
	assert_string_equal(reason.said, "535 5.7.8 no");
	error_free(&reason);
	envelope_free(&e);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_queue, close_queue)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_result_tells_whether_the_server_works),
		TEST(what_works_ends_a_pause_and_the_unknown_does_not),
		TEST(other_evidence_prevails_over_the_result),
		TEST(with_host_mx_each_domain_has_a_pause),
		TEST(the_reason_of_a_pause_is_an_error_that_is_kept),
	};

	return cmocka_run_group_tests(tests, make_queue_parent,
	    remove_queue_parent);
}
