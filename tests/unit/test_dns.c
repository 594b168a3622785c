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
#include "dns/params.h"
#include "dns_responses.h"

static struct dns_server server;
static struct dns_params params;
static struct dns_source source;

static int
set_up(void **state)
{
	struct error err = { 0 };
	char text[32];

	(void)state;
	dns_server_start(&server, respond);
	snprintf(text, sizeof(text), "127.0.0.1:%u", server.port);
	assert_true(dns_nameserver_add(&params.servers, text, &err));
	dns_source_init(&source, &params);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	dns_server_stop(&server);
	endpoint_list_free(&params.servers);
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

	if (got->status != responses[i].status
	    || got->secure != responses[i].secure
	    || got->count != responses[i].count || shown == NULL
	    || strcmp(shown, responses[i].shown) != 0)
		fail_msg("%s: status %d, secure %d, %zu records, %s",
		    responses[i].name, got->status, got->secure, got->count,
		    shown != NULL ? shown : "NULL");
}

static void
resolves_all_questions_in_parallel_and_rejects_bad_responses(void **state)
{
	struct dns_questions q = { 0 };
	struct error err = { 0 };
	int64_t begun = clock_now();

	(void)state;
	params.timeout = 3;
	for (size_t i = 0; i < COUNT_OF(responses); i++)
		dns_questions_add(&q, responses[i].type, "%s",
		    responses[i].name);
	assert_true(dns_ask(&source, &q, CLOCK_NEVER, &err));
	for (size_t i = 0; i < COUNT_OF(responses); i++)
		check_answer(i, &q.items[i].answer);
	assert_true(clock_now() - begun < 20000);
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
	assert_true(dns_ask(&source, &q, clock_after_seconds(2), &err));
	assert_true(clock_now() - begun < 20000);
	assert_int_equal(q.items[0].answer.status, DNS_FAILED);
	assert_string_equal(q.items[0].answer.why, SILENCE);
	assert_int_equal(q.items[1].answer.status, DNS_FOUND);
	/* After the deadline no query is sent. */
	assert_true(dns_ask(&source, &q, clock_now() - 1, &err));
	assert_int_equal(q.items[1].answer.status, DNS_FAILED);
	assert_string_equal(q.items[1].answer.why, SILENCE);
	dns_questions_free(&q);
	expect_no_child();
}

static void
stops_after_a_signal(void **state)
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
asks_more_questions_than_the_limit_of_children(void **state)
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

/* The server does not respond to three of the questions. */
static void
resolves_other_questions_while_some_time_out(void **state)
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
sends_the_udp_size_and_the_ad_flag(void **state)
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

/* glibc waits for another response first. */
static void
queries_without_edns_after_an_error_without_a_question(void **state)
{
	struct dns_questions q = { 0 };
	struct error err = { 0 };

	(void)state;
	params.timeout = 6;
	dns_questions_add(&q, DNS_MX, "older.example");
	assert_true(dns_ask(&source, &q, CLOCK_NEVER, &err));
	assert_int_equal(q.items[0].answer.status, DNS_FOUND);
	dns_questions_free(&q);
}

static const char *const bad_names[] = { "", ".", "a b.example", "a>b.example",
	"a\r\nb.example", "a..example", "-.example", "192.0.2.1", "[192.0.2.1]",
	"1.2.3", "\xff.example",
	"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0123456789ab.ex" };

static void
sends_no_query_for_invalid_host_names(void **state)
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
reports_that_no_server_is_reachable(void **state)
{
	struct dns_params closed = { .timeout = 5 };
	struct dns_questions q = { 0 };
	struct error err = { 0 };
	struct dns_source unreachable;

	(void)state;
	assert_true(dns_nameserver_add(&closed.servers, "127.0.0.1:1", &err));
	dns_source_init(&unreachable, &closed);
	dns_questions_add(&q, DNS_A, "target.example");
	assert_true(dns_ask(&unreachable, &q, CLOCK_NEVER, &err));
	assert_int_equal(q.items[0].answer.status, DNS_FAILED);
	assert_string_equal(q.items[0].answer.why, "Connection refused");
	dns_questions_free(&q);
	endpoint_list_free(&closed.servers);
}

static void
asks_the_next_server_if_one_is_down(void **state)
{
	struct dns_params two = { .timeout = 10 };
	struct dns_questions q = { 0 };
	struct error err = { 0 };
	struct dns_source both;
	char text[32];

	(void)state;
	snprintf(text, sizeof(text), "127.0.0.1:%u", server.port);
	assert_true(dns_nameserver_add(&two.servers, "127.0.0.1:1", &err));
	assert_true(dns_nameserver_add(&two.servers, text, &err));
	dns_source_init(&both, &two);
	dns_questions_add(&q, DNS_A, "target.example");
	assert_true(dns_ask(&both, &q, CLOCK_NEVER, &err));
	assert_int_equal(q.items[0].answer.status, DNS_FOUND);
	dns_questions_free(&q);
	endpoint_list_free(&two.servers);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    resolves_all_questions_in_parallel_and_rejects_bad_responses),
		cmocka_unit_test(keeps_the_deadline_of_the_caller),
		cmocka_unit_test(
		    asks_more_questions_than_the_limit_of_children),
		cmocka_unit_test(resolves_other_questions_while_some_time_out),
		cmocka_unit_test(sends_the_udp_size_and_the_ad_flag),
		cmocka_unit_test(
		    queries_without_edns_after_an_error_without_a_question),
		cmocka_unit_test(sends_no_query_for_invalid_host_names),
		cmocka_unit_test(reports_that_no_server_is_reachable),
		cmocka_unit_test(asks_the_next_server_if_one_is_down),
		/* This test runs last, because a caught signal stays caught. */
		cmocka_unit_test(stops_after_a_signal),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
