/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/process.h"
#include "net/resolve.h"

/*
 * The linker prefers this getaddrinfo() to that of the C library.  The name of
 * the host selects the result.  The function runs in a child process, so it
 * cannot count its calls.
 */
static const struct {
	const char *name;
	int code;
} results[] = {
	{ "nxdomain.example", EAI_NONAME },
	{ "nodata.example", EAI_NODATA },
	{ "family.example", EAI_ADDRFAMILY },
	{ "again.example", EAI_AGAIN },
	{ "fail.example", EAI_FAIL },
	{ "memory.example", EAI_MEMORY },
	{ "system.example", EAI_SYSTEM },
};

static void
add_address(struct addrinfo **result, struct sockaddr *sa, socklen_t size)
{
	struct addrinfo *info = calloc(1, sizeof(*info));

	info->ai_family = sa->sa_family;
	info->ai_addr = sa;
	info->ai_addrlen = size;
	info->ai_next = *result;
	*result = info;
}

static void
add_ipv4(struct addrinfo **result, unsigned last)
{
	struct sockaddr_in *sin = calloc(1, sizeof(*sin));

	sin->sin_family = AF_INET;
	sin->sin_addr.s_addr = htonl(0xc0000200u + last);
	add_address(result, (struct sockaddr *)sin, sizeof(*sin));
}

static void
add_ipv6(struct addrinfo **result)
{
	struct sockaddr_in6 *sin6 = calloc(1, sizeof(*sin6));

	sin6->sin6_family = AF_INET6;
	inet_pton(AF_INET6, "fe80::1", &sin6->sin6_addr);
	sin6->sin6_scope_id = 1;
	add_address(result, (struct sockaddr *)sin6, sizeof(*sin6));
}

int
getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
    struct addrinfo **result)
{
	(void)service;
	*result = NULL;
	errno = ENFILE;
	for (size_t i = 0; i < COUNT_OF(results); i++)
		if (strcmp(name, results[i].name) == 0)
			return results[i].code;
	if (strcmp(name, "slow.example") == 0)
		sleep(600);
	if (strcmp(name, "crash.example") == 0)
		_exit(3);
	if (strcmp(name, "empty.example") == 0)
		return 0;
	if (strcmp(name, "many.example") == 0)
		for (unsigned i = 0; i < 200; i++)
			add_ipv4(result, 199 - i);
	if (strcmp(name, "many.example") == 0)
		return 0;
	if (hints->ai_family != AF_INET)
		add_ipv6(result);
	if (hints->ai_family != AF_INET6)
		add_ipv4(result, 1);
	return 0;
}

static void
show(const struct endpoint_list *list, struct str *out)
{
	for (size_t i = 0; i < list->count; i++) {
		str_add(out, i == 0 ? "" : " ");
		endpoint_text_port(&list->items[i], out);
	}
}

static void
expect_no_child(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static const struct {
	const char *host;
	enum address_family family;
	const char *list; /* the addresses; NULL: an error */
	enum error_kind kind;
	const char *text;
} rows[] = {
	{ "192.0.2.7", FAMILY_ANY, "192.0.2.7:25", 0, NULL },
	{ "[192.0.2.7]", FAMILY_IPV4, "192.0.2.7:25", 0, NULL },
	{ "2001:db8::7", FAMILY_ANY, "[2001:db8::7]:25", 0, NULL },
	{ "[IPv6:2001:db8::7]", FAMILY_IPV6, "[2001:db8::7]:25", 0, NULL },
	{ "fe80::1%lo", FAMILY_ANY, "[fe80::1%lo]:25", 0, NULL },
	{ "localhost", FAMILY_ANY, "127.0.0.1:25 [::1]:25", 0, NULL },
	{ "LocalHost.", FAMILY_IPV4, "127.0.0.1:25", 0, NULL },
	{ "a.localhost", FAMILY_IPV6, "[::1]:25", 0, NULL },
	{ "mx.example", FAMILY_ANY, "192.0.2.1:25 [fe80::1%lo]:25", 0, NULL },
	{ "[mx.example]", FAMILY_IPV4, "192.0.2.1:25", 0, NULL },
	{ "notlocalhost", FAMILY_IPV4, "192.0.2.1:25", 0, NULL },
	{ "mx.example", FAMILY_IPV6, "[fe80::1%lo]:25", 0, NULL },
	{ "192.0.2.7", FAMILY_IPV6, NULL, ERROR_CONFIG, "no IPv6 address" },
	{ "::1", FAMILY_IPV4, NULL, ERROR_CONFIG, "no IPv4 address" },
	{ "nxdomain.example", FAMILY_ANY, NULL, ERROR_CONFIG,
	    "does not exist" },
	{ "nodata.example", FAMILY_ANY, NULL, ERROR_CONFIG, "does not exist" },
	{ "family.example", FAMILY_IPV6, NULL, ERROR_CONFIG, "IPv6" },
	{ "empty.example", FAMILY_ANY, NULL, ERROR_CONFIG, "does not exist" },
	{ "again.example", FAMILY_ANY, NULL, ERROR_RESOLVE, "look up" },
	{ "fail.example", FAMILY_ANY, NULL, ERROR_RESOLVE, "look up" },
	{ "memory.example", FAMILY_ANY, NULL, ERROR_RESOLVE, "look up" },
	{ "system.example", FAMILY_ANY, NULL, ERROR_RESOLVE, "Too many open" },
	{ "crash.example", FAMILY_ANY, NULL, ERROR_RESOLVE, "resolver failed" },
};

static void
finds_addresses_or_reports_an_error(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct endpoint_list list = { 0 };
		struct error err = { 0 };
		struct str shown = { 0 };
		bool ok = resolve_host(rows[i].host, 25, rows[i].family,
		    clock_after_seconds(60), &list, &err);

		show(&list, &shown);
		if (ok != (rows[i].list != NULL))
			fail_msg("%s: %s%s", rows[i].host, str_text(&shown),
			    ok ? "" : err.text);
		if (ok)
			assert_string_equal(str_text(&shown), rows[i].list);
		assert_int_equal(err.kind, rows[i].kind);
		if (!ok && !strstr(err.text, rows[i].text))
			fail_msg("%s: %s", rows[i].host, err.text);
		if (err.kind == ERROR_CONFIG)
			assert_string_equal(err.status.enhanced, "5.3.5");
		error_free(&err);
		str_free(&shown);
		endpoint_list_free(&list);
		expect_no_child();
	}
}

static void
rejects_invalid_hosts_without_a_lookup(void **state)
{
	static const char *const hosts[] = {
		"", "[]", ".", "a..b", ".a", "a b", "a>b", "<a>", "a\r\nb",
		"a\tb", "12345", "127.1", "0x7f000001", "1.2.3.4.",
		"mx.example:25", "[::1]:25", "-a.example", "a-.example",
		"fe80::1%no-such-if", "a/b", "a@b", "slow.example/",
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(hosts); i++) {
		struct error err = { 0 };
		struct resolve r;

		if (resolve_start(&r, hosts[i], 25, FAMILY_ANY, &err))
			fail_msg("\"%s\" is accepted as a host", hosts[i]);
		assert_int_equal(err.kind, ERROR_CONFIG);
		error_free(&err);
		expect_no_child();
	}
}

static void
rejects_invalid_ports(void **state)
{
	static const unsigned ports[] = { 0, 65536, 4294967295u };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ports); i++) {
		struct error err = { 0 };
		struct resolve r;

		assert_false(
		    resolve_start(&r, "::1", ports[i], FAMILY_ANY, &err));
		assert_int_equal(err.kind, ERROR_CONFIG);
		error_free(&err);
	}
}

static void
stops_a_slow_resolver_at_the_deadline(void **state)
{
	struct endpoint_list list = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_false(resolve_host("slow.example", 25, FAMILY_ANY,
	    clock_after_seconds(1), &list, &err));
	assert_int_equal(err.kind, ERROR_TIMEOUT);
	assert_non_null(strstr(err.text, "slow.example"));
	error_free(&err);
	expect_no_child();
}

static void
limits_the_number_of_addresses(void **state)
{
	struct endpoint_list list = { 0 };
	struct error err = { 0 };
	struct str shown = { 0 };

	(void)state;
	assert_true(resolve_host("many.example", 25, FAMILY_ANY,
	    clock_after_seconds(60), &list, &err));
	assert_int_equal(list.count, 64);
	endpoint_text(&list.items[63], &shown);
	assert_string_equal(str_text(&shown), "192.0.2.63");
	str_free(&shown);
	endpoint_list_free(&list);
}

static void
runs_several_lookups_at_once(void **state)
{
	struct endpoint_list list = { 0 };
	struct error err = { 0 };
	struct resolve first, second, third;

	(void)state;
	assert_true(resolve_start(&first, "mx.example", 25, FAMILY_IPV4, &err));
	assert_true(
	    resolve_start(&second, "slow.example", 25, FAMILY_ANY, &err));
	assert_true(resolve_start(&third, "::1", 25, FAMILY_ANY, &err));
	assert_true(
	    resolve_finish(&third, clock_after_seconds(60), &list, &err));
	assert_true(
	    resolve_finish(&first, clock_after_seconds(60), &list, &err));
	assert_int_equal(list.count, 2);
	resolve_free(&second);
	resolve_free(&second);
	expect_no_child();
	endpoint_list_free(&list);
}

/* The test runs in a child, because a caught signal stays caught. */
static void
stops_after_a_signal(void **state)
{
	int status;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		struct endpoint_list list = { 0 };
		struct error err = { 0 };
		struct resolve r;
		int bad = 0;

		process_catch_signals();
		bad += !resolve_start(&r, "slow.example", 25, FAMILY_ANY, &err);
		raise(SIGTERM);
		bad += resolve_finish(&r, CLOCK_NEVER, &list, &err);
		bad += err.kind != ERROR_INTERRUPTED;
		bad += waitpid(-1, NULL, WNOHANG) != -1;
		_exit(bad);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_addresses_or_reports_an_error),
		cmocka_unit_test(rejects_invalid_hosts_without_a_lookup),
		cmocka_unit_test(rejects_invalid_ports),
		cmocka_unit_test(stops_a_slow_resolver_at_the_deadline),
		cmocka_unit_test(limits_the_number_of_addresses),
		cmocka_unit_test(runs_several_lookups_at_once),
		cmocka_unit_test(stops_after_a_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
