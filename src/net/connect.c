/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/connect.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/resolve.h"
#include "net/socks.h"

#define CONNECT_TIMEOUT 30
/* Between two tries when the queue of a unix socket is full. */
#define RETRY_MILLISECONDS 100
/* Servers scan a message for minutes before they answer: some NAT gateways
 * forget a silent connection sooner than that. */
#define KEEPALIVE_SECONDS 60

/* A way to one host: what is to be connected to, and how. */
struct attempt {
	const char *host;
	unsigned port;
	struct endpoint source;  /* AF_UNSPEC: any */
	struct endpoint reached; /* the address that answered */
	unsigned timeout;        /* seconds for one address */
	int64_t deadline;        /* of them all */
};

static bool
system_error(struct error *err)
{
	const char *reason = strerror(errno);

	return error_set(err, ERROR_CONNECT, "%c%s", text_lower(reason[0]),
	    reason + 1);
}

/* No failure of these keeps a message from being sent. */
static void
set_options(int fd)
{
	static const int on = 1, idle = KEEPALIVE_SECONDS;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
}

static bool
bind_source(int fd, const struct endpoint *source, struct error *err)
{
	if (source->any.sa_family == AF_UNSPEC
	    || bind(fd, &source->any, endpoint_size(source)) == 0)
		return true;
	system_error(err);
	return error_prefix(err, "cannot use the source address");
}

/* How long it took stands in the error: the deadline may have been nearer
 * than the time for one address. */
static bool
wait_connected(struct transport *t, const struct attempt *attempt,
    struct error *err)
{
	int64_t start = clock_now();
	int64_t end = start + (int64_t)attempt->timeout * 1000;
	int number = 0;
	socklen_t size = sizeof(number);
	short ready;

	if (!transport_wait(t, POLLOUT, clock_earlier(end, attempt->deadline),
		&ready, err)) {
		if (err->kind != ERROR_TIMEOUT)
			return false;
		return error_set(err, ERROR_TIMEOUT, "no answer in %u seconds",
		    (unsigned)((clock_now() - start + 500) / 1000));
	}
	if (getsockopt(t->fd_plus_1 - 1, SOL_SOCKET, SO_ERROR, &number, &size)
	    != 0)
		return system_error(err);
	errno = number;
	return number == 0 || system_error(err);
}

/* One address.  The error is the clause for it, without the address. */
static bool
connect_address(const struct endpoint *a, const struct attempt *attempt,
    struct transport *t, struct error *err)
{
	int fd = socket(a->any.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return system_error(err);
	transport_init_socket(t, fd);
	set_options(fd);
	if (bind_source(fd, &attempt->source, err)) {
		if (connect(fd, &a->any, endpoint_size(a)) == 0)
			return true;
		if (errno != EINPROGRESS && errno != EINTR)
			system_error(err);
		else if (wait_connected(t, attempt, err))
			return true;
	}
	transport_close(t);
	return false;
}

/*
 * The addresses in turn, until one answers; those behind it stay in the list.
 * Takes its list as it comes: whoever knows more about the addresses, or races them, has only this walk
 * to replace.
 */
static bool
connect_list(struct endpoint_list *list, struct attempt *attempt,
    struct transport *t, struct error *err)
{
	enum error_kind kind = ERROR_TIMEOUT;
	struct str tried = { 0 };
	struct error why = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		if (connect_address(&list->items[i], attempt, t, &why)) {
			attempt->reached = list->items[i];
			endpoint_list_drop(list, i + 1);
			str_free(&tried);
			return true;
		}
		if (why.kind == ERROR_INTERRUPTED) {
			str_free(&tried);
			error_move(err, &why);
			return false;
		}
		if (why.kind != ERROR_TIMEOUT)
			kind = ERROR_CONNECT;
		str_add(&tried, i == 0 ? "" : "; ");
		endpoint_text(&list->items[i], &tried);
		str_printf(&tried, ": %s", why.text);
		error_free(&why);
	}
	error_set(err, kind, "%s", str_text(&tried));
	str_free(&tried);
	return false;
}

/* The source address, where there is one, must fit the family asked for. */
static bool
read_source(const struct server_params *server, struct attempt *attempt,
    enum address_family *family, struct error *err)
{
	struct endpoint *source = &attempt->source;

	*family = server->family;
	if (server->source_ip == NULL)
		return true;
	if (!endpoint_parse(source, server->source_ip))
		return error_set(err, ERROR_CONFIG,
		    "source_ip must be an address of this machine, not \"%s\"",
		    server->source_ip);
	if (!endpoint_is_family(source, *family))
		return error_set(err, ERROR_CONFIG,
		    "source_ip %s is no %s address, which address_family wants",
		    server->source_ip, endpoint_family_name(*family));
	*family = source->any.sa_family == AF_INET6 ? FAMILY_IPV6 : FAMILY_IPV4;
	return true;
}

static unsigned
timeout_of(const struct server_params *server)
{
	return server->connect_timeout != 0 ? server->connect_timeout
					    : CONNECT_TIMEOUT;
}

static bool
connect_tcp(const struct server_params *server, struct attempt *attempt,
    struct endpoint_list *list, struct transport *t, struct error *err)
{
	enum address_family family;

	attempt->timeout = timeout_of(server);
	if (!read_source(server, attempt, &family, err))
		return false;
	if (list->count == 0
	    && !resolve_host(attempt->host, attempt->port, family,
		attempt->deadline, list, err))
		return false;
	if (connect_list(list, attempt, t, err))
		return true;
	endpoint_list_free(list);
	return error_prefix(err, "cannot connect to %s port %u", attempt->host,
	    attempt->port);
}

/* The kernel knows best: 0.0.0.0, for one, connects to 127.0.0.1. */
static struct endpoint
peer_endpoint(const struct transport *t, const struct attempt *attempt)
{
	struct endpoint a = { 0 };
	socklen_t size = sizeof(a);

	if (getpeername(t->fd_plus_1 - 1, &a.any, &size) != 0)
		return attempt->reached;
	return a;
}

static bool
connect_direct(const struct server_params *server, int64_t deadline,
    struct transport *t, struct peer *peer, struct error *err)
{
	struct attempt attempt = { .host = server->host,
		.port = server->port,
		.deadline = deadline };
	struct endpoint a;

	if (!connect_tcp(server, &attempt, &peer->untried, t, err))
		return false;
	a = peer_endpoint(t, &attempt);
	peer->local = endpoint_is_loopback(&a);
	str_truncate(&peer->address, 0);
	endpoint_text_port(&a, &peer->address);
	return true;
}

/* What the proxy will be asked for is checked before anybody is asked. */
static bool
check_target(const struct server_params *server, struct error *err)
{
	struct endpoint a;
	char *name = NULL;
	bool ok = endpoint_parse(&a, server->host)
	    || resolve_name(server->host, &name, err);

	free(name);
	if (ok && (server->port < 1 || server->port > UINT16_MAX))
		return error_set(err, ERROR_CONFIG,
		    "the port of host %s must be 1 to 65535, not %u",
		    server->host, server->port);
	return ok;
}

static bool
connect_by_proxy(const struct server_params *server, int64_t deadline,
    struct transport *t, struct peer *peer, struct error *err)
{
	struct attempt attempt = { .host = server->proxy_host,
		.port = server->proxy_port,
		.deadline = deadline };
	struct endpoint_list proxies = { 0 };
	struct endpoint a;
	int64_t end;
	bool ok;

	if (!check_target(server, err))
		return false;
	ok = connect_tcp(server, &attempt, &proxies, t, err);
	endpoint_list_free(&proxies);
	if (!ok)
		return error_prefix(err, "proxy");
	end = clock_earlier(deadline, clock_after_seconds(attempt.timeout));
	if (!socks_connect(t, server->host, server->port, end, err)) {
		transport_close(t);
		return error_prefix(err, "proxy %s, asked for %s port %u",
		    server->proxy_host, server->host, server->port);
	}
	a = peer_endpoint(t, &attempt);
	peer->local = false;
	str_truncate(&peer->address, 0);
	str_printf(&peer->address, "%s:%u via ", server->host, server->port);
	endpoint_text_port(&a, &peer->address);
	return true;
}

/* Sleeps: there is nothing that could become ready.  False after a signal. */
static bool
pause_retry(struct error *err)
{
	static const struct transport nothing;
	struct error why = { 0 };
	short ready;
	bool ok;

	transport_wait(&nothing, 0, clock_after(RETRY_MILLISECONDS), &ready,
	    &why);
	ok = why.kind == ERROR_TIMEOUT;
	if (ok)
		error_free(&why);
	else
		error_move(err, &why);
	return ok;
}

/* A unix socket whose queue is full says EAGAIN, and poll() does not help. */
static bool
connect_unix_socket(struct transport *t, const struct sockaddr_un *name,
    int64_t deadline, struct error *err)
{
	const struct sockaddr *generic = (const struct sockaddr *)name;
	bool late;

	do {
		late = clock_has_passed(deadline);
		if (connect(t->fd_plus_1 - 1, generic, sizeof(*name)) == 0)
			return true;
		if (errno != EAGAIN && errno != EINTR)
			return system_error(err);
		if (!pause_retry(err))
			return false;
	} while (!late);
	return error_set(err, ERROR_TIMEOUT,
	    "too many connections are waiting there");
}

static bool
connect_unix(const struct server_params *server, int64_t deadline,
    struct transport *t, struct peer *peer, struct error *err)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	size_t len = strlen(server->socket);
	int64_t end =
	    clock_earlier(deadline, clock_after_seconds(timeout_of(server)));
	int fd;

	if (len == 0 || len >= sizeof(name.sun_path))
		return error_set(err, ERROR_CONFIG,
		    "the path of socket \"%s\" must have 1 to %zu octets",
		    server->socket, sizeof(name.sun_path) - 1);
	memcpy(name.sun_path, server->socket, len);

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		system_error(err);
		return error_prefix(err, "socket %s", server->socket);
	}
	transport_init_socket(t, fd);
	if (!connect_unix_socket(t, &name, end, err)) {
		transport_close(t);
		return error_prefix(err, "cannot connect to socket %s",
		    server->socket);
	}
	peer->local = true;
	str_truncate(&peer->address, 0);
	str_add(&peer->address, server->socket);
	return true;
}

bool
connect_server(const struct server_params *server, int64_t deadline,
    struct transport *transport, struct peer *peer, struct error *err)
{
	*transport = (struct transport){ 0 };
	if (server->socket != NULL)
		return connect_unix(server, deadline, transport, peer, err);
	if (server->host == NULL || server->host[0] == '\0')
		return error_set(err, ERROR_CONFIG,
		    "no host to send to: set host, or socket");
	if (server->proxy_host != NULL)
		return connect_by_proxy(server, deadline, transport, peer, err);
	return connect_direct(server, deadline, transport, peer, err);
}

bool
connect_is_local(const struct server_params *server)
{
	struct endpoint a;

	if (server->socket != NULL)
		return true;
	if (server->host == NULL || server->proxy_host != NULL)
		return false;
	if (endpoint_parse(&a, server->host))
		return endpoint_is_loopback(&a);
	return resolve_is_localhost(server->host);
}

void
peer_free(struct peer *peer)
{
	str_free(&peer->address);
	endpoint_list_free(&peer->untried);
	*peer = (struct peer){ 0 };
}

void
server_params_free(struct server_params *server)
{
	free(server->host);
	free(server->socket);
	free(server->source_ip);
	free(server->proxy_host);
	*server = (struct server_params){ 0 };
}
