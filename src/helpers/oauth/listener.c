/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Accepts clients, reads one request of each, and answers it with a page or with
 * an error. */
#include "helpers/oauth/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/secret.h"
#include "base/str.h"
#include "base/text.h"

#define CLIENT_SECONDS 5
#define BACKLOG 16
#define ATTEMPTS 20 /* at a port that is free for both addresses */

static const char fields[] = "Content-Type: text/html; charset=utf-8\r\n"
			     "Cache-Control: no-store\r\n"
			     "Referrer-Policy: no-referrer\r\n"
			     "X-Content-Type-Options: nosniff\r\n"
			     "Content-Security-Policy: default-src 'none'\r\n"
			     "Connection: close\r\n";

static const struct {
	const char *status, *text;
} pages[] = {
	[REDIRECT_INVALID] = { "400 Bad Request",
	    "This is not the answer that veredus is waiting for." },
	[REDIRECT_CODE] = { "200 OK",
	    "veredus has the answer.  Close this page, and look at the "
	    "terminal." },
	[REDIRECT_ERROR] = { "200 OK",
	    "The access was not allowed.  Close this page, and look at the "
	    "terminal." },
};

void
listener_init(struct listener *l)
{
	for (size_t i = 0; i < LISTENER_SOCKETS; i++)
		l->sockets[i] = -1;
	for (size_t i = 0; i < LISTENER_CLIENTS; i++)
		l->clients[i] = (struct listener_client){ .fd = -1 };
}

static int
open_socket(int family, unsigned port, bool accepts)
{
	const struct sockaddr_in v4 = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)port),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	const void *address = family == AF_INET ? (const void *)&v4 : &v6;
	socklen_t len = family == AF_INET ? sizeof(v4) : sizeof(v6);
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on,
		    sizeof(on));
	if (bind(fd, address, len) == 0
	    && (!accepts || listen(fd, BACKLOG) == 0))
		return fd;
	on = errno;
	close(fd);
	errno = on;
	return -1;
}

static unsigned
port_of(int fd)
{
	struct sockaddr_in address = { 0 };
	socklen_t len = sizeof(address);

	(void)getsockname(fd, (struct sockaddr *)&address, &len);
	return ntohs(address.sin_port);
}

/* A host without IPv6 is no problem: the browser tries both addresses. */
static bool
has_no_ipv6(int errnum)
{
	return errnum == EAFNOSUPPORT || errnum == EADDRNOTAVAIL;
}

static bool
open_once(struct listener *l, bool both, unsigned port, bool accepts)
{
	l->sockets[0] = open_socket(AF_INET, port, accepts);
	if (l->sockets[0] < 0)
		return false;
	l->port = port_of(l->sockets[0]);
	if (!both)
		return true;
	l->sockets[1] = open_socket(AF_INET6, l->port, accepts);
	return l->sockets[1] >= 0 || has_no_ipv6(errno);
}

bool
listener_open(struct listener *l, const char *host, unsigned port, bool accepts,
    struct oauth_failure *failure)
{
	bool both = text_equal_nocase(host, "localhost");

	for (unsigned i = 0; i < ATTEMPTS; i++) {
		int failed;

		if (open_once(l, both, port, accepts))
			return true;
		failed = errno;
		listener_close(l);
		errno = failed;
		if (port != 0)
			break;
	}
	return oauth_fail(failure, OAUTH_TEMPORARY,
	    "cannot listen on port %u of %s: %s", port, host, strerror(errno));
}

static void
drop_client(struct listener_client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	secret_wipe(c->request, c->len);
	free(c->request);
	*c = (struct listener_client){ .fd = -1 };
}

void
listener_close(struct listener *l)
{
	for (size_t i = 0; i < LISTENER_CLIENTS; i++)
		drop_client(&l->clients[i]);
	for (size_t i = 0; i < LISTENER_SOCKETS; i++)
		if (l->sockets[i] >= 0)
			close(l->sockets[i]);
	listener_init(l);
}

/* The first place without a client, or LISTENER_CLIENTS. */
static size_t
free_place(const struct listener *l)
{
	size_t i = 0;

	while (i < LISTENER_CLIENTS && l->clients[i].fd >= 0)
		i++;
	return i;
}

int64_t
listener_poll(const struct listener *l, struct pollfd polled[LISTENER_POLLED])
{
	bool has_room = free_place(l) < LISTENER_CLIENTS;
	int64_t deadline = CLOCK_NEVER;

	for (size_t i = 0; i < LISTENER_SOCKETS; i++)
		polled[i] =
		    (struct pollfd){ .fd = has_room ? l->sockets[i] : -1,
			    .events = POLLIN };
	for (size_t i = 0; i < LISTENER_CLIENTS; i++) {
		const struct listener_client *c = &l->clients[i];

		polled[LISTENER_SOCKETS + i] =
		    (struct pollfd){ .fd = c->fd, .events = POLLIN };
		if (c->fd >= 0)
			deadline = clock_earlier(deadline, c->deadline);
	}
	return deadline;
}

static void
accept_client(struct listener *l, int fd)
{
	int client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	size_t place = free_place(l);
	struct listener_client *c = &l->clients[place];

	if (client < 0)
		return;
	if (place == LISTENER_CLIENTS) {
		close(client);
		return;
	}
	c->fd = client;
	c->deadline = clock_after_seconds(CLIENT_SECONDS);
	c->request = alloc_bytes(LISTENER_REQUEST_MAX);
}

/* The answer fits into the buffer of a new connection. */
static void
answer(struct listener_client *c, enum redirect_kind kind)
{
	struct str page = { 0 };

	str_printf(&page,
	    "HTTP/1.1 %s\r\n%s\r\n<!DOCTYPE html>\n<html lang=\"en\">\n"
	    "<head><meta charset=\"utf-8\"><title>veredus</title></head>\n"
	    "<body><p>%s</p></body>\n</html>\n",
	    pages[kind].status, fields, pages[kind].text);
	(void)!send(c->fd, page.data, page.len, MSG_NOSIGNAL);
	(void)shutdown(c->fd, SHUT_WR);
	str_free(&page);
	c->is_answered = true;
}

/* Whether the request is complete, or too long. */
static bool
read_request(struct listener_client *c, bool *ended)
{
	ssize_t n =
	    recv(c->fd, c->request + c->len, LISTENER_REQUEST_MAX - c->len, 0);

	*ended = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
	if (n <= 0)
		return false;
	c->len += (size_t)n;
	return c->len == LISTENER_REQUEST_MAX
	    || memmem(c->request, c->len, "\r\n\r\n", 4) != NULL;
}

/* A request that is too long for its line end is invalid. */
static void
parse(const struct listener_client *c, const struct redirect_wanted *wanted,
    struct redirect *r)
{
	const char *end = memmem(c->request, c->len, "\r\n", 2);

	if (end != NULL)
		redirect_from_request(r, wanted, c->request,
		    (size_t)(end - c->request));
}

/* Reads away what comes after the answer, so that the client gets the answer and
 * no error. */
static void
drain(struct listener_client *c)
{
	char rest[1024];
	ssize_t n = recv(c->fd, rest, sizeof(rest), 0);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		drop_client(c);
}

static bool
handle_client(struct listener_client *c, const struct redirect_wanted *wanted,
    struct redirect *r)
{
	bool ended;

	if (c->is_answered) {
		drain(c);
		return false;
	}
	if (read_request(c, &ended)) {
		parse(c, wanted, r);
		answer(c, r->kind);
		if (r->kind == REDIRECT_INVALID)
			drain(c);
	} else if (ended) {
		drop_client(c);
	}
	return r->kind != REDIRECT_INVALID;
}

bool
listener_handle(struct listener *l, const struct pollfd polled[LISTENER_POLLED],
    const struct redirect_wanted *wanted, struct redirect *r)
{
	for (size_t i = 0; i < LISTENER_CLIENTS; i++) {
		struct listener_client *c = &l->clients[i];

		if (c->fd >= 0 && polled[LISTENER_SOCKETS + i].revents != 0
		    && handle_client(c, wanted, r))
			return true;
		if (c->fd >= 0 && clock_has_passed(c->deadline))
			drop_client(c);
	}
	for (size_t i = 0; i < LISTENER_SOCKETS; i++)
		if (polled[i].fd >= 0 && polled[i].revents != 0)
			accept_client(l, polled[i].fd);
	return false;
}
