/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/process.h"
#include "dns/dns.h"
#include "dns_lies.h"

static struct dns_server server;
static struct dns_params params;
static struct dns_source source;

static int
set_up(void **state)
{
	struct error err = { 0 };
	char text[32];

	(void)state;
	dns_server_start(&server, lies_answer);
	snprintf(text, sizeof(text), "127.0.0.1:%u", server.port);
	assert_true(dns_server_add(&params.servers, text, &err));
	dns_source_init(&source, &params);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	dns_server_stop(&server);
	dns_params_free(&params);
	return 0;
}

static void
expect_no_child(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void
check_answer(size_t i, const struct dns_answer *got)
{
	const char *shown = got->why != NULL ? got->why : got->name;

	if (got->status != lies[i].status || got->secure != lies[i].secure
	    || got->count != lies[i].count || shown == NULL
	    || strcmp(shown, lies[i].shown) != 0)
		fail_msg("%s: status %d, secure %d, %zu records, %s",
		    lies[i].name, got->status, got->secure, got->count,
		    shown != NULL ? shown : "NULL");
}

static void
answers_all_questions_at_once_and_believes_no_lie(void **state)
{
	struct dns_questions q = { 0 };
	struct error err = { 0 };
	int64_t begun = clock_now();

	(void)state;
	params.timeout = 3;
	for (size_t i = 0; i < COUNT_OF(lies); i++)
		dns_questions_add(&q, lies[i].type, "%s", lies[i].name);
	assert_true(dns_ask(&source, &q, CLOCK_NEVER, &err));
	for (size_t i = 0; i < COUNT_OF(lies); i++)
		check_answer(i, &q.items[i].answer);
	assert_true(clock_now() - begun < 8000);
	dns_questions_free(&q);
	expect_no_child();
}

static void
keeps_the_deadline_of_the_caller(void **state)
{
	struct dns_questions q = { 0 };
	struct error err = { 0 };
	int64_t begun = clock_now();

	(void)state;
	params.timeout = 0;
	dns_questions_add(&q, DNS_MX, "silent.example");
	dns_questions_add(&q, DNS_MX, "mx.example");
	assert_true(dns_ask(&source, &q, clock_after_seconds(1), &err));
	assert_true(clock_now() - begun < 4000);
	assert_int_equal(q.items[0].answer.status, DNS_FAILED);
	assert_string_equal(q.items[0].answer.why, SILENCE);
	assert_int_equal(q.items[1].answer.status, DNS_FOUND);
	/* After it nobody is asked. */
	assert_true(dns_ask(&source, &q, clock_now() - 1, &err));
	assert_int_equal(q.items[1].answer.status, DNS_FAILED);
	assert_string_equal(q.items[1].answer.why, SILENCE);
	dns_questions_free(&q);
	expect_no_child();
}

static void
ends_for_a_signal(void **state)
{
	struct dns_questions q = { 0 };
	struct error err = { 0 };

	(void)state;
	process_catch_signals();
	raise(SIGTERM);
	dns_questions_add(&q, DNS_MX, "silent.example");
	assert_false(dns_ask(&source, &q, CLOCK_NEVER, &err));
	assert_int_equal(err.kind, ERROR_INTERRUPTED);
	error_free(&err);
	dns_questions_free(&q);
	expect_no_child();
}

static void
asks_more_questions_than_there_may_be_children(void **state)
{
	struct dns_questions q = { 0 };
	struct error err = { 0 };

	(void)state;
	for (int i = 0; i < 70; i++)
		dns_questions_add(&q, DNS_A, "target.example");
	assert_true(dns_ask(&source, &q, CLOCK_NEVER, &err));
	for (int i = 0; i < 70; i++)
		assert_int_equal(q.items[i].answer.status, DNS_FOUND);
	dns_questions_free(&q);
	expect_no_child();
}

/* There is silence about three of them, at places of their own. */
static void
gets_its_answers_beside_those_that_never_come(void **state)
{
	struct dns_questions q = { 0 };
	struct error err = { 0 };

	(void)state;
	params.timeout = 3;
	for (int i = 0; i < 120; i++)
		dns_questions_add(&q, DNS_A, "%s",
		    i % 50 == 0 ? "silent.example" : "target.example");
	assert_true(dns_ask(&source, &q, CLOCK_NEVER, &err));
	for (int i = 0; i < 120; i++)
		assert_int_equal(q.items[i].answer.status,
		    i % 50 == 0 ? DNS_FAILED : DNS_FOUND);
	dns_questions_free(&q);
	expect_no_child();
}

static void
asks_with_a_size_and_for_authenticity(void **state)
{
	struct dns_questions q = { 0 };
	struct error err = { 0 };

	(void)state;
	dns_questions_add(&q, DNS_TXT, "question.example");
	assert_true(dns_ask(&source, &q, CLOCK_NEVER, &err));
	assert_int_equal(q.items[0].answer.status, DNS_FOUND);
	assert_string_equal(q.items[0].answer.records[0].data.data,
	    "size 1232 ad 1 rd 1");
	dns_questions_free(&q);
}

static const char *const bad_names[] = { "", ".", "a b.example", "a>b.example",
	"a\r\nb.example", "a..example", "-.example", "192.0.2.1", "[192.0.2.1]",
	"1.2.3", "\xff.example",
	"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0123456789ab.ex" };

static void
asks_nobody_for_what_is_no_name(void **state)
{
	struct dns_questions q = { 0 };
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad_names); i++)
		dns_questions_add(&q, DNS_A, "%s", bad_names[i]);
	assert_true(dns_ask(&source, &q, CLOCK_NEVER, &err));
	for (size_t i = 0; i < COUNT_OF(bad_names); i++) {
		assert_int_equal(q.items[i].answer.status, DNS_FAILED);
		assert_non_null(
		    strstr(q.items[i].answer.why, "not a host name"));
	}
	dns_questions_free(&q);
}

static void
tells_when_nobody_listens(void **state)
{
	struct dns_params closed = { .timeout = 5 };
	struct dns_questions q = { 0 };
	struct error err = { 0 };
	struct dns_source nobody;

	(void)state;
	assert_true(dns_server_add(&closed.servers, "127.0.0.1:1", &err));
	dns_source_init(&nobody, &closed);
	dns_questions_add(&q, DNS_A, "target.example");
	assert_true(dns_ask(&nobody, &q, CLOCK_NEVER, &err));
	assert_int_equal(q.items[0].answer.status, DNS_FAILED);
	assert_string_equal(q.items[0].answer.why, "Connection refused");
	dns_questions_free(&q);
	dns_params_free(&closed);
}

static void
takes_the_next_server_when_one_is_down(void **state)
{
	struct dns_params two = { .timeout = 10 };
	struct dns_questions q = { 0 };
	struct error err = { 0 };
	struct dns_source both;
	char text[32];

	(void)state;
	snprintf(text, sizeof(text), "127.0.0.1:%u", server.port);
	assert_true(dns_server_add(&two.servers, "127.0.0.1:1", &err));
	assert_true(dns_server_add(&two.servers, text, &err));
	dns_source_init(&both, &two);
	dns_questions_add(&q, DNS_A, "target.example");
	assert_true(dns_ask(&both, &q, CLOCK_NEVER, &err));
	assert_int_equal(q.items[0].answer.status, DNS_FOUND);
	dns_questions_free(&q);
	dns_params_free(&two);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    answers_all_questions_at_once_and_believes_no_lie),
		cmocka_unit_test(keeps_the_deadline_of_the_caller),
		cmocka_unit_test(
		    asks_more_questions_than_there_may_be_children),
		cmocka_unit_test(gets_its_answers_beside_those_that_never_come),
		cmocka_unit_test(asks_with_a_size_and_for_authenticity),
		cmocka_unit_test(asks_nobody_for_what_is_no_name),
		cmocka_unit_test(tells_when_nobody_listens),
		cmocka_unit_test(takes_the_next_server_when_one_is_down),
		/* The last one: the signal stays. */
		cmocka_unit_test(ends_for_a_signal),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
