/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/connect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/happy_eyeballs.h"
#include "net/socks.h"

#define CONNECT_TIMEOUT 30
/* Between two tries when the queue of a unix socket is full. */
#define RETRY_MILLISECONDS 100
/* A way to one host: what is to be connected to, and how. */
struct attempt {
	const char *host;
	unsigned port;
	struct race race;        /* of its addresses */
	struct endpoint reached; /* the one that answered */
	bool unknown;            /* there is none */
};

static bool
system_error(struct error *err)
{
	const char *reason = strerror(errno);

	return error_set(err, ERROR_CONNECT, "%c%s", text_lower(reason[0]),
	    reason + 1);
}

/* The source address, where there is one, must fit the family asked for. */
static bool
read_source(const struct server_params *server, struct attempt *attempt,
    enum address_family *family, struct error *err)
{
	struct endpoint *source = &attempt->race.source;

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

/* Uses the lookup that was started before if it was for this host. */
static bool
find_addresses(const struct server_params *server,
    const struct attempt *attempt, enum address_family family,
    struct endpoint_list *list, struct error *err)
{
	struct resolve *begun = server->lookup;

	if (begun != NULL
	    && resolve_is_of(begun, attempt->host, attempt->port, family))
		return resolve_finish(begun, attempt->race.deadline, list, err);
	return resolve_host(attempt->host, attempt->port, family,
	    attempt->race.deadline, list, err);
}

void
connect_start_lookup(const struct server_params *server, struct resolve *lookup)
{
	struct attempt ignored = { 0 };
	enum address_family family;

	*lookup = (struct resolve){ 0 };
	if (server->socket == NULL && server->host != NULL
	    && server->proxy_host == NULL
	    && read_source(server, &ignored, &family, NULL))
		resolve_start(lookup, server->host, server->port, family, NULL);
}

static bool
connect_tcp(const struct server_params *server, struct attempt *attempt,
    struct endpoint_list *list, struct transport *t, struct error *err)
{
	struct race *race = &attempt->race;
	enum address_family family;

	race->list = list;
	race->timeout = timeout_of(server);
	if (!read_source(server, attempt, &family, err))
		return false;
	if (list->count == 0
	    && !find_addresses(server, attempt, family, list, err)) {
		attempt->unknown = true;
		return false;
	}
	race_order(list);
	if (race_run(race, t, &attempt->reached, err))
		return true;
	endpoint_list_free(list);
	if (race->stopped)
		return false;
	error_prefix(err, "cannot connect");
	return error_subject(err, "%s port %u", attempt->host, attempt->port);
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

/* Those of the known addresses that source_ip and address_family allow. */
static bool
take_addresses(const struct server_params *server, struct endpoint_list *list,
    struct error *err)
{
	struct attempt ignored = { 0 };
	enum address_family family;

	if (!read_source(server, &ignored, &family, err))
		return false;
	for (size_t i = 0; i < server->addresses->count; i++)
		if (endpoint_is_family(&server->addresses->items[i], family))
			endpoint_list_add(list, &server->addresses->items[i]);
	return list->count > 0
	    || error_set(err, ERROR_CONNECT, "no %s address is known",
		endpoint_family_name(family));
}

static bool
connect_direct(const struct server_params *server, int64_t deadline,
    const struct meanwhile *meanwhile, struct transport *t, struct peer *peer,
    struct error *err)
{
	struct attempt attempt = { .host = server->host,
		.port = server->port,
		.race.deadline = deadline,
		.race.meanwhile = *meanwhile };
	struct endpoint a;

	if (server->addresses != NULL && peer->untried.count == 0
	    && !take_addresses(server, &peer->untried, err))
		return false;
	if (!connect_tcp(server, &attempt, &peer->untried, t, err)) {
		peer->unknown = attempt.unknown;
		return false;
	}
	a = peer_endpoint(t, &attempt);
	peer->reached = attempt.reached;
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
    const struct meanwhile *meanwhile, struct transport *t, struct peer *peer,
    struct error *err)
{
	struct attempt attempt = { .host = server->proxy_host,
		.port = server->proxy_port,
		.race.deadline = deadline,
		.race.meanwhile = *meanwhile };
	struct endpoint_list proxies = { 0 };
	struct endpoint a;
	int64_t end;
	bool ok;

	if (!check_target(server, err))
		return false;
	ok = connect_tcp(server, &attempt, &proxies, t, err);
	endpoint_list_free(&proxies);
	if (!ok)
		return attempt.race.stopped ? false
					    : error_prefix(err, "proxy");
	end =
	    clock_earlier(deadline, clock_after_seconds(attempt.race.timeout));
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
		return error_subject(err, "socket %s", server->socket);
	}
	transport_init_socket(t, fd);
	if (!connect_unix_socket(t, &name, end, err)) {
		transport_close(t);
		error_prefix(err, "cannot connect");
		return error_subject(err, "socket %s", server->socket);
	}
	peer->local = true;
	str_truncate(&peer->address, 0);
	str_add(&peer->address, server->socket);
	return true;
}

bool
connect_server(const struct server_params *server, int64_t deadline,
    const struct meanwhile *meanwhile, struct transport *transport,
    struct peer *peer, struct error *err)
{
	*transport = (struct transport){ 0 };
	if (server->socket != NULL)
		return (meanwhile->run == NULL
			   || meanwhile->run(meanwhile->ctx, err))
		    && connect_unix(server, deadline, transport, peer, err);
	if (server->host == NULL || server->host[0] == '\0')
		return error_set(err, ERROR_CONFIG,
		    "no host to send to: set host, or socket");
	if (server->proxy_host != NULL)
		return connect_by_proxy(server, deadline, meanwhile, transport,
		    peer, err);
	return connect_direct(server, deadline, meanwhile, transport, peer,
	    err);
}

void
connect_again(struct peer *peer)
{
	struct endpoint_list *list = &peer->untried;

	if (peer->reached.any.sa_family == AF_UNSPEC)
		return;
	endpoint_list_add(list, &peer->reached);
	memmove(&list->items[1], &list->items[0],
	    (list->count - 1) * sizeof(list->items[0]));
	list->items[0] = peer->reached;
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
