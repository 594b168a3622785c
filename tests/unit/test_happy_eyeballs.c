/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "connect_attempt.h"

#include <stdlib.h>

#include "error_says.h"
#include "net/happy_eyeballs.h"

/* "4a 6b 4c": the family of each address, and a letter that names it. */
static void
make_list(struct endpoint_list *list, const char *text)
{
	for (; *text != '\0'; text += text[2] == '\0' ? 2 : 3) {
		struct endpoint a = { 0 };

		a.any.sa_family = text[0] == '4' ? AF_INET : AF_INET6;
		a.ipv4.sin_port = (in_port_t)text[1];
		endpoint_list_add(list, &a);
	}
}

static void
alternates_address_families(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "", "" },
		{ "4a", "a" },
		{ "4a 4b 4c", "abc" },
		{ "6a 6b 4c 4d", "acbd" },
		{ "4a 4b 6c 6d 6e", "acbde" },
		{ "6a 4b 6c 4d", "abcd" },
		{ "6a 6b 6c 4d", "adbc" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct endpoint_list list = { 0 };
		struct str order = { 0 };

		make_list(&list, cases[i].before);
		connect_order(&list);
		for (size_t j = 0; j < list.count; j++)
			str_add_char(&order, (char)list.items[j].ipv4.sin_port);
		assert_string_equal(str_text(&order), cases[i].after);
		str_free(&order);
		endpoint_list_free(&list);
	}
}

static void
add_address(struct endpoint_list *list, const char *address, unsigned port)
{
	struct endpoint a;

	assert_true(endpoint_parse(&a, address));
	endpoint_set_port(&a, port);
	endpoint_list_add(list, &a);
}

static void
is_not_delayed_by_an_address_that_does_not_respond(void **state)
{
	struct endpoint_list list = { 0 };
	struct connect_attempts attempts = { .list = &list,
		.timeout = 30,
		.deadline = CLOCK_NEVER };
	struct transport t = { 0 };
	struct endpoint reached;
	struct error err = { 0 };
	struct str text = { 0 };
	int64_t start = clock_now();
	unsigned port = 0;
	int dead = bind_to("127.0.0.1", &port), refused, alive, fds[4];

	(void)state;
	assert_int_equal(listen(dead, 0), 0);
	fill_queue("127.0.0.1", port, fds);
	refused = bind_to("127.0.0.2", &port);
	alive = listen_at("127.0.0.3", &port);
	add_address(&list, "127.0.0.1", port);
	add_address(&list, "127.0.0.2", port);
	add_address(&list, "127.0.0.3", port);
	add_address(&list, "127.0.0.4", port);
	assert_true(connect_attempts_run(&attempts, &t, &reached, &err));
	assert_true(clock_now() - start < 20000);
	endpoint_text(&reached, &text);
	assert_string_equal(str_text(&text), "127.0.0.3");

	/* The list keeps the slow address and the address that was not
	 * tried. */
	assert_int_equal(list.count, 2);
	str_truncate(&text, 0);
	endpoint_text(&list.items[0], &text);
	str_add_char(&text, ' ');
	endpoint_text(&list.items[1], &text);
	assert_string_equal(str_text(&text), "127.0.0.1 127.0.0.4");
	str_free(&text);
	transport_close(&t);
	endpoint_list_free(&list);
	for (int i = 0; i < 4; i++)
		close(fds[i]);
	close(dead);
	close(refused);
	close(alive);
}

static void
reports_each_address_at_the_deadline(void **state)
{
	struct endpoint_list list = { 0 };
	struct connect_attempts attempts = { .list = &list, .timeout = 30 };
	struct transport t = { 0 };
	struct endpoint reached;
	struct error err = { 0 };
	unsigned port = 0;
	int dead = bind_to("127.0.0.1", &port), fds[4];

	(void)state;
	assert_int_equal(listen(dead, 0), 0);
	fill_queue("127.0.0.1", port, fds);
	attempts.deadline = clock_after_seconds(1);
	add_address(&list, "127.0.0.1", port);
	assert_false(connect_attempts_run(&attempts, &t, &reached, &err));
	assert_int_equal(err.kind, ERROR_TIMEOUT);
	expect_message(&err, "127.0.0.1: no response in 1 seconds");
	error_free(&err);
	endpoint_list_free(&list);
	for (int i = 0; i < 4; i++)
		close(fds[i]);
	close(dead);
}

/* The number of calls of the hook, and whether the hook fails. */
struct work {
	int count;
	bool fails;
};

static bool
do_work(void *ctx, struct error *err)
{
	struct work *work = ctx;

	work->count++;
	if (work->fails)
		return error_set(err, ERROR_CONFIG, "no good");
	return true;
}

/* Tests with and without a server, and with a hook that fails or does not
 * fail. */
static void
runs_the_hook_once(void **state)
{
	unsigned port = 0;
	int alive = listen_at("127.0.0.1", &port);

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct endpoint_list list = { 0 };
		struct work work = { .fails = i >= 2 };
		struct connect_attempts attempts = { .list = &list,
			.timeout = 30,
			.deadline = CLOCK_NEVER,
			.hook = { do_work, &work } };
		struct transport t = { 0 };
		struct endpoint reached;
		struct error err = { 0 };

		/* There is no server at the other addresses. */
		add_address(&list, i % 2 ? "127.0.0.2" : "127.0.0.1", port);
		add_address(&list, "127.0.0.3", port);
		assert_int_equal(connect_attempts_run(&attempts, &t, &reached,
				     &err),
		    i == 0);
		assert_int_equal(work.count, 1);
		assert_int_equal(attempts.hook_failed, work.fails);
		if (work.fails)
			assert_string_equal(err.text, "no good");
		else
			assert_int_equal(err.kind,
			    i == 0 ? ERROR_NONE : ERROR_CONNECT);
		assert_int_equal(transport_is_open(&t), i == 0);
		transport_close(&t);
		error_free(&err);
		endpoint_list_free(&list);
	}
	close(alive);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_the_hook_once),
		cmocka_unit_test(alternates_address_families),
		cmocka_unit_test(
		    is_not_delayed_by_an_address_that_does_not_respond),
		cmocka_unit_test(reports_each_address_at_the_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
