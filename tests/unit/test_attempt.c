/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "delivery/send.h"
#include "transcript.h"

/* The two addresses of every host in this test, in this order. */
static const char *const addresses[2] = { "127.0.0.1", "127.0.0.2" };

static struct addrinfo *
make_address_list(const char *address, struct addrinfo *next)
{
	struct addrinfo *list = alloc_zeroed(1, sizeof(*list));
	struct sockaddr_in *ipv4 = alloc_zeroed(1, sizeof(*ipv4));

	ipv4->sin_family = AF_INET;
	inet_pton(AF_INET, address, &ipv4->sin_addr);
	list->ai_family = AF_INET;
	list->ai_socktype = SOCK_STREAM;
	list->ai_addrlen = sizeof(*ipv4);
	list->ai_addr = (struct sockaddr *)ipv4;
	list->ai_next = next;
	return list;
}

/* Replaces the system's resolver. */
int
getaddrinfo(const char *restrict node, const char *restrict service,
    const struct addrinfo *restrict hints, struct addrinfo **restrict result)
{
	(void)node;
	(void)service;
	(void)hints;
	*result = make_address_list(addresses[0],
	    make_address_list(addresses[1], NULL));
	return 0;
}

void
freeaddrinfo(struct addrinfo *list)
{
	while (list != NULL) {
		struct addrinfo *next = list->ai_next;

		free(list->ai_addr);
		free(list);
		list = next;
	}
}

static int
listen_on(const char *address, unsigned port)
{
	struct sockaddr_in name = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, address, &name.sin_addr);
	if (bind(fd, (struct sockaddr *)&name, sizeof(name)) != 0
	    || listen(fd, 1) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Listens at both addresses, on a port that the kernel chooses. */
static unsigned
listen_on_both(int listeners[2])
{
	struct sockaddr_in name;
	socklen_t size;

	for (int attempt = 0; attempt < 20; attempt++) {
		size = sizeof(name);
		listeners[0] = listen_on(addresses[0], 0);
		getsockname(listeners[0], (struct sockaddr *)&name, &size);
		listeners[1] = listen_on(addresses[1], ntohs(name.sin_port));
		if (listeners[1] >= 0)
			return ntohs(name.sin_port);
		close(listeners[0]);
	}
	fail_msg("no port is free on both addresses");
	return 0;
}

#define DIALOGUE \
	"S: 220 mx\nC: EHLO me.example\nS: 250 mx\nC: MAIL FROM:<al@x>\n" \
	"S: 250 ok\nC: RCPT TO:<bob@x>\n"
#define DELIVERY \
	DIALOGUE "S: 250 ok\nC: DATA\nS: 354 go\nBODY\nS: 250 2.0.0 queued\n" \
		 "C: QUIT\nEND"

static const struct scene {
	const char *name;
	const char *first;
	const char *second; /* NULL: the client must not try this address */
	int exit;
	bool uncertain;
	bool try_next_host;
} scenes[] = {
	{ "the first address accepts the message", DELIVERY, NULL, EX_OK, false,
	    false },
	{ "the first address replies 421", "S: 421 4.3.2 busy\nEND", DELIVERY,
	    EX_OK, false, false },
	{ "the first address closes at once", "CLOSE", DELIVERY, EX_OK, false,
	    false },
	{ "the first address does not speak SMTP", "S: SSH-2.0-x\nEND",
	    DELIVERY, EX_OK, false, false },
	{ "the first address closes after RCPT", DIALOGUE "S: 250 ok\nCLOSE",
	    DELIVERY, EX_OK, false, false },
	{ "the first address defers the sender",
	    "S: 220 mx\nC: EHLO me.example\n"
	    "S: 250 mx\nC: MAIL FROM:<al@x>\nS: 451 later\nC: QUIT\nEND",
	    DELIVERY, EX_OK, false, false },
	{ "the first address rejects the sender",
	    "S: 220 mx\nC: EHLO me.example\n"
	    "S: 250 mx\nC: MAIL FROM:<al@x>\nS: 550 5.7.1 no\nC: QUIT\nEND",
	    NULL, EX_NOPERM, false, false },
	{ "the first address defers the recipient",
	    DIALOGUE "S: 450 4.2.0 later\nC: QUIT\nEND", NULL, EX_TEMPFAIL,
	    false, false },
	{ "the first address closes after the message",
	    DIALOGUE "S: 250 ok\nC: DATA\nS: 354 go\nBODY\nCLOSE", NULL,
	    EX_TEMPFAIL, true, false },
	{ "both addresses reply 421", "S: 421 busy\nEND",
	    "S: 421 4.3.2 busy, too\nEND", EX_TEMPFAIL, false, true },
};

static void
prepare(struct account *account, unsigned port, struct envelope *e,
    struct message *m)
{
	account->server.host = alloc_string("mx.example");
	account->server.port = port;
	account->tls.mode = TLS_OFF;
	account->session.domain = alloc_string("me.example");
	account->session.timeout = 10;
	account->session.partial = true;
	envelope_set_sender(e, "al@x", false);
	envelope_add(e, "bob@x", NULL);
	str_add(&m->header, "Subject: test\n");
}

static void
end_server(const struct scene *scene, struct transcript *server)
{
	char *fault = transcript_end(server, NULL);

	if (fault[0] != '\0')
		fail_msg("%s: the client %s", scene->name, fault);
	free(fault);
}

static void
play_scene(const struct scene *scene)
{
	struct account account = { 0 };
	struct delivery_params params = { .account = &account };
	struct envelope e = { 0 };
	struct message m = { 0 };
	struct session_log log = { 0 };
	struct session_target target;
	struct attempt attempt = { .params = &params,
		.target = &target,
		.envelope = &e };
	struct error err = { 0 };
	struct transcript *servers[2] = { NULL, NULL };
	int listeners[2];
	bool ok, try_next_host;

	prepare(&account, listen_on_both(listeners), &e, &m);
	params.deadline = clock_after_seconds(20);
	servers[0] = transcript_listen(scene->first, listeners[0]);
	if (scene->second != NULL)
		servers[1] = transcript_listen(scene->second, listeners[1]);
	target_init(&target, &params);
	ok = send_to_host(&attempt, &m, &log, &try_next_host, &err);
	assert_int_equal(try_next_host, scene->try_next_host);
	if (try_next_host)
		envelope_fail(&e, &err);
	end_server(scene, servers[0]);
	if (servers[1] != NULL)
		end_server(scene, servers[1]);
	else
		close(listeners[1]);
	if (error_exit_status(&err) != scene->exit)
		fail_msg("%s: exit %d, %s", scene->name,
		    error_exit_status(&err), err.text);
	assert_int_equal(ok, scene->exit == EX_OK);
	assert_int_equal(err.uncertain, scene->uncertain);
	assert_int_equal(envelope_count(&e, RECIPIENT_PENDING), 0);
	assert_int_equal(envelope_count(&e, RECIPIENT_ACCEPTED), 0);
	if (ok)
		assert_int_equal(log.status.code, 250);
	session_log_free(&log);
	error_free(&err);
	message_free(&m);
	envelope_free(&e);
	account_free(&account);
}

static void
tries_the_second_address_while_that_is_safe(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(scenes); i++)
		play_scene(&scenes[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tries_the_second_address_while_that_is_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
