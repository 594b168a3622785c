/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "connect_attempt.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "base/process.h"

/*
 * The linker prefers this getaddrinfo() to that of the C library.  It returns
 * several loopback addresses for a host.
 */
static const struct {
	const char *name, *address;
} hosts_file[] = {
	{ "two.example", "127.0.0.1" },
	{ "two.example", "127.0.0.2" },
	{ "three.example", "127.0.0.3" },
	{ "three.example", "127.0.0.2" },
	{ "three.example", "127.0.0.1" },
};

int
getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
    struct addrinfo **result)
{
	(void)service;
	(void)hints;
	*result = NULL;
	for (size_t i = COUNT_OF(hosts_file); i-- > 0;) {
		struct addrinfo *info;
		struct sockaddr_in *sin;

		if (strcmp(name, hosts_file[i].name) != 0)
			continue;
		info = calloc(1, sizeof(*info));
		sin = calloc(1, sizeof(*sin));
		sin->sin_family = AF_INET;
		inet_pton(AF_INET, hosts_file[i].address, &sin->sin_addr);
		info->ai_addr = (struct sockaddr *)sin;
		info->ai_addrlen = sizeof(*sin);
		info->ai_next = *result;
		*result = info;
	}
	return *result != NULL ? 0 : EAI_AGAIN;
}

static void
expect_connection_with_lookup(const struct host_params *server,
    struct resolve *lookup, const char *address, unsigned port)
{
	struct outcome outcome;
	char wanted[64];

	snprintf(wanted, sizeof(wanted), "%s:%u", address, port);
	attempt_with_lookup(server, lookup, &outcome);
	if (!outcome.ok)
		fail_msg("%s", outcome.err.text);
	assert_string_equal(str_text(&outcome.connection.address), wanted);
	assert_true(outcome.connection.local);
	release(&outcome);
}

static void
expect_connection(const struct host_params *server, const char *address,
    unsigned port)
{
	expect_connection_with_lookup(server, NULL, address, port);
}

static void
connects_to_addresses_in_every_form(void **state)
{
	static char *const hosts[] = { "127.0.0.1", "[127.0.0.1]", "localhost",
		"LOCALHOST." };
	unsigned port = 0;
	int fd = listen_at("127.0.0.1", &port);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(hosts); i++) {
		const struct host_params server = { .host = hosts[i],
			.port = port };

		expect_connection(&server, "127.0.0.1", port);
	}
	close(fd);
}

static void
sets_the_options_of_the_socket(void **state)
{
	struct host_params server = { .host = "127.0.0.1" };
	int fd = listen_at("127.0.0.1", &server.port), on = 0;
	socklen_t size = sizeof(on);
	struct outcome outcome;

	(void)state;
	attempt(&server, &outcome);
	assert_true(outcome.ok);
	assert_int_equal(getsockopt(outcome.transport.fd_plus_1 - 1,
			     IPPROTO_TCP, TCP_NODELAY, &on, &size),
	    0);
	assert_true(on);
	release(&outcome);
	close(fd);
}

static void
reports_the_address_that_the_kernel_connected_to(void **state)
{
	struct host_params server = { .host = "0.0.0.0" };
	int fd = listen_at("127.0.0.1", &server.port);

	(void)state;
	expect_connection(&server, "127.0.0.1", server.port);
	close(fd);
}

static void
tries_the_next_address_after_a_refused_one(void **state)
{
	struct host_params server = { .host = "two.example" };
	int fd = listen_at("127.0.0.2", &server.port);

	(void)state;
	expect_connection(&server, "127.0.0.2", server.port);
	close(fd);
}

static void
reports_the_error_of_each_address(void **state)
{
	struct host_params server = { .host = "three.example" };
	int fd = bind_to("127.0.0.1", &server.port);
	char wanted[256];

	(void)state;
	snprintf(wanted, sizeof(wanted),
	    "three.example port %u: cannot connect: "
	    "127.0.0.3: connection refused; 127.0.0.2: connection refused; "
	    "127.0.0.1: connection refused",
	    server.port);
	expect_failure(&server, ERROR_CONNECT, wanted);
	close(fd);
}

static void
gives_each_address_its_own_timeout(void **state)
{
	struct host_params server = { .host = "127.0.0.1",
		.connect_timeout = 1 };
	int fd = bind_to("127.0.0.1", &server.port), second, fds[4];

	(void)state;
	assert_int_equal(listen(fd, 0), 0);
	fill_queue("127.0.0.1", server.port, fds);
	expect_failure(&server, ERROR_TIMEOUT, "no response in 1 seconds");

	/* The second address has a timeout of its own. */
	server.host = "two.example";
	second = listen_at("127.0.0.2", &server.port);
	expect_connection(&server, "127.0.0.2", server.port);
	close(second);
	for (int i = 0; i < 4; i++)
		close(fds[i]);
	close(fd);
}

/* The test runs in a child, because a caught signal stays caught. */
static void
stops_after_a_signal(void **state)
{
	struct host_params server = { .host = "127.0.0.1" };
	int fd = bind_to("127.0.0.1", &server.port), fds[4], status;
	pid_t child;

	(void)state;
	assert_int_equal(listen(fd, 0), 0);
	fill_queue("127.0.0.1", server.port, fds);
	child = fork();
	if (child == 0) {
		struct outcome outcome;

		process_catch_signals();
		raise(SIGTERM);
		attempt(&server, &outcome);
		_exit((int)outcome.err.kind);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), ERROR_INTERRUPTED);
	for (int i = 0; i < 4; i++)
		close(fds[i]);
	close(fd);
}

static void
reports_that_descriptors_have_run_out(void **state)
{
	const struct host_params servers[] = {
		{ .host = "127.0.0.1", .port = 25 },
		{ .host = "two.example", .port = 25 },
		{ .socket = "/nonexistent/socket" },
	};
	struct rlimit limit, none;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &limit);
	none = limit;
	none.rlim_cur = 3;
	for (size_t i = 0; i < COUNT_OF(servers); i++) {
		struct outcome outcome;

		setrlimit(RLIMIT_NOFILE, &none);
		attempt(&servers[i], &outcome);
		setrlimit(RLIMIT_NOFILE, &limit);
		assert_int_equal(error_exit_status(&outcome.err), EX_TEMPFAIL);
		if (!strcasestr(outcome.err.text, strerror(EMFILE)))
			fail_msg("%s", outcome.err.text);
		release(&outcome);
	}
}

static void
uses_the_source_address(void **state)
{
	struct host_params server = { .host = "127.0.0.1",
		.source_ip = "127.0.0.9" };
	int fd = listen_at("127.0.0.1", &server.port), served;
	struct sockaddr_in name;
	socklen_t size = sizeof(name);
	struct outcome outcome;

	(void)state;
	attempt(&server, &outcome);
	assert_true(outcome.ok);
	served = accept(fd, (struct sockaddr *)&name, &size);
	assert_int_equal(ntohl(name.sin_addr.s_addr), 0x7f000009);
	close(served);
	release(&outcome);

	server.source_ip = "192.0.2.99";
	expect_failure(&server, ERROR_CONNECT, "source address");
	server.source_ip = "mx.example";
	expect_failure(&server, ERROR_CONFIG, "source_ip");
	server.source_ip = "::1";
	expect_failure(&server, ERROR_CONFIG, "no IPv6 address");
	server.family = FAMILY_IPV4;
	expect_failure(&server, ERROR_CONFIG, "address_family");
	close(fd);
}

static const struct {
	struct host_params server;
	enum error_kind kind;
	const char *text;
} rows[] = {
	{ { .port = 25 }, ERROR_CONFIG, "no server" },
	{ { .host = "", .port = 25 }, ERROR_CONFIG, "no server" },
	{ { .host = "127.0.0.1" }, ERROR_CONFIG, "port" },
	{ { .host = "127.0.0.1", .port = 65536 }, ERROR_CONFIG, "port" },
	{ { .host = "127.0.0.1:25", .port = 25 }, ERROR_CONFIG, "port" },
	{ { .host = "a b", .port = 25 }, ERROR_CONFIG, "a b" },
	{ { .host = "12345", .port = 25 }, ERROR_CONFIG, "12345" },
	{ { .host = "127.0.0.1", .port = 25, .family = FAMILY_IPV6 },
	    ERROR_CONFIG, "IPv6" },
	{ { .host = "other.example", .port = 25 }, ERROR_RESOLVE,
	    "other.example" },
	{ { .host = "a b", .port = 25, .proxy_host = "x", .proxy_port = 1 },
	    ERROR_CONFIG, "a b" },
	{ { .host = "a", .port = 0, .proxy_host = "x", .proxy_port = 1 },
	    ERROR_CONFIG, "port" },
	{ { .host = "a", .port = 25, .proxy_host = "127.0.0.1" }, ERROR_CONFIG,
	    "proxy" },
	{ { .host = "a", .port = 25, .proxy_host = "x y", .proxy_port = 1 },
	    ERROR_CONFIG, "proxy" },
	{ { .socket = "" }, ERROR_CONFIG, "socket" },
	{ { .socket = "/nonexistent/socket" }, ERROR_CONNECT,
	    "/nonexistent/socket" },
	{ { .socket = "/dev/null" }, ERROR_CONNECT, "/dev/null" },
};

static void
names_the_setting_that_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		expect_failure(&rows[i].server, rows[i].kind, rows[i].text);
}

/* Unix sockets. */

static void
connects_to_a_unix_socket(void **state)
{
	char folder[] = "/tmp/veredus-test-XXXXXX", path[64], long_path[200];
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct host_params server = { .socket = path, .connect_timeout = 1 };
	struct outcome first, second;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/lmtp", folder);
	snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	expect_failure(&server, ERROR_CONNECT, "connection refused");

	assert_int_equal(listen(fd, 0), 0);
	attempt(&server, &first);
	assert_true(first.ok);
	assert_true(first.connection.local);
	assert_string_equal(str_text(&first.connection.address), path);
	/* The queue of the socket is full now. */
	attempt(&server, &second);
	assert_int_equal(second.err.kind, ERROR_TIMEOUT);
	release(&second);
	release(&first);

	memset(long_path, 'x', sizeof(long_path));
	long_path[sizeof(long_path) - 1] = '\0';
	server.socket = long_path;
	expect_failure(&server, ERROR_CONFIG, "octets");
	close(fd);
	unlink(path);
	rmdir(folder);
}

/* Hosts that are local without a lookup. */

static const struct {
	struct host_params server;
	bool local;
} local_rows[] = {
	{ { .socket = "/run/lmtp" }, true },
	{ { .host = "localhost" }, true },
	{ { .host = "LocalHost" }, true },
	{ { .host = "localhost." }, true },
	{ { .host = "127.0.0.1" }, true },
	{ { .host = "127.9.9.9" }, true },
	{ { .host = "[127.0.0.1]" }, true },
	{ { .host = "::1" }, true },
	{ { .host = "[::1]" }, true },
	{ { .host = "localhost.example" }, false },
	{ { .host = "notlocalhost" }, false },
	{ { .host = "127.1" }, false },
	{ { .host = "192.0.2.1" }, false },
	{ { .host = "::2" }, false },
	{ { .host = "" }, false },
	{ { .host = NULL }, false },
	{ { .host = "localhost", .proxy_host = "localhost" }, false },
	{ { .host = "::1", .proxy_host = "192.0.2.1" }, false },
};

static void
recognizes_hosts_that_can_only_be_this_machine(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(local_rows); i++)
		if (host_is_local(&local_rows[i].server) != local_rows[i].local)
			fail_msg("row %zu", i);
}

static void
frees_an_empty_connection(void **state)
{
	struct connection connection = { 0 };

	(void)state;
	connection_free(&connection);
	connection_free(&connection);
}

static void
expect_no_child(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void
uses_the_lookup_that_was_started_for_this_host(void **state)
{
	unsigned port = 0;
	int fd = listen_at("127.0.0.1", &port);
	char name[] = "two.example", other[] = "three.example";
	char source[] = "127.0.0.1";
	struct resolve lookup = { 0 };
	struct host_params server = { .host = name, .port = port };

	(void)state;
	connect_start_lookup(&server, &lookup);
	assert_true(lookup.child > 0);
	expect_connection_with_lookup(&server, &lookup, "127.0.0.1", port);
	assert_null(lookup.host);
	expect_no_child();

	connect_start_lookup(&server, &lookup);
	server.host = other;
	expect_connection_with_lookup(&server, &lookup, "127.0.0.1", port);
	assert_string_equal(lookup.host, name);
	resolve_free(&lookup);
	expect_no_child();

	/* source_ip determines the address family of the lookup. */
	server.source_ip = source;
	connect_start_lookup(&server, &lookup);
	assert_int_equal(lookup.family, FAMILY_IPV4);
	expect_connection_with_lookup(&server, &lookup, "127.0.0.1", port);
	assert_null(lookup.host);
	expect_no_child();
	close(fd);
}

static void
starts_no_lookup_that_is_not_needed(void **state)
{
	char name[] = "two.example", proxy[] = "127.0.0.1", path[] = "/x";
	char literal[] = "127.0.0.1", bad[] = "no server",
	     local[] = "localhost";
	const struct host_params cases[] = {
		{ .socket = path },
		{ .port = 25 },
		{ .host = name, .port = 25, .proxy_host = proxy },
		{ .host = name, .port = 25, .source_ip = bad },
		{ .host = name, .port = 0 },
		{ .host = bad, .port = 25 },
		{ .host = literal, .port = 25 },
		{ .host = local, .port = 25 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct resolve lookup;

		connect_start_lookup(&cases[i], &lookup);
		assert_int_equal(lookup.child, 0);
		resolve_free(&lookup);
	}
	expect_no_child();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connects_to_addresses_in_every_form),
		cmocka_unit_test(sets_the_options_of_the_socket),
		cmocka_unit_test(
		    reports_the_address_that_the_kernel_connected_to),
		cmocka_unit_test(tries_the_next_address_after_a_refused_one),
		cmocka_unit_test(reports_the_error_of_each_address),
		cmocka_unit_test(gives_each_address_its_own_timeout),
		cmocka_unit_test(stops_after_a_signal),
		cmocka_unit_test(reports_that_descriptors_have_run_out),
		cmocka_unit_test(uses_the_source_address),
		cmocka_unit_test(names_the_setting_that_is_wrong),
		cmocka_unit_test(connects_to_a_unix_socket),
		cmocka_unit_test(
		    recognizes_hosts_that_can_only_be_this_machine),
		cmocka_unit_test(frees_an_empty_connection),
		cmocka_unit_test(
		    uses_the_lookup_that_was_started_for_this_host),
		cmocka_unit_test(starts_no_lookup_that_is_not_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
