/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Connects to a server as its settings say: looks up the host, or asks a proxy
 * to connect to it, or opens a unix socket.
 */
#include "net/connect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "net/endpoint.h"
#include "net/http_connect.h"
#include "net/socks.h"

#define CONNECT_TIMEOUT 30
/* Between two attempts at a unix socket whose queue is full. */
#define RETRY_MILLISECONDS 100

/* A TCP connection to make: to the host or to its proxy. */
struct tcp {
	const char *name; /* host name or address */
	unsigned port;
	struct connect_attempts attempts;
	struct endpoint reached;
	bool not_found; /* the name is invalid or has no address */
};

static bool
system_error(struct error *err)
{
	const char *reason = strerror(errno);

	return error_set(err, ERROR_CONNECT, "%c%s", text_lower(reason[0]),
	    reason + 1);
}

/* The family to use; a source address must belong to it, and determines it. */
static bool
parse_source(const struct host_params *host, struct endpoint *source,
    enum address_family *family, struct error *err)
{
	*family = host->family;
	if (host->source_ip == NULL)
		return true;
	if (!endpoint_parse(source, host->source_ip))
		return error_set(err, ERROR_CONFIG,
		    "source_ip must be an address of this machine, not \"%s\"",
		    host->source_ip);
	if (!endpoint_is_family(source, *family))
		return error_set(err, ERROR_CONFIG,
		    "source_ip %s is not an %s address, but address_family "
		    "requires one",
		    host->source_ip, endpoint_family_name(*family));
	*family = source->any.sa_family == AF_INET6 ? FAMILY_IPV6 : FAMILY_IPV4;
	return true;
}

static unsigned
timeout_of(const struct host_params *host)
{
	return host->connect_timeout != 0 ? host->connect_timeout
					  : CONNECT_TIMEOUT;
}

/* Uses the lookup that was started before if it is for this name. */
static bool
find_addresses(const struct connect_request *request, const struct tcp *tcp,
    enum address_family family, struct endpoint_list *list, struct error *err)
{
	struct resolve *lookup = request->lookup;

	if (lookup != NULL && lookup->host != NULL
	    && strcmp(lookup->host, tcp->name) == 0 && lookup->port == tcp->port
	    && lookup->family == family)
		return resolve_finish(lookup, request->deadline, list, err);
	return resolve_host(tcp->name, tcp->port, family, request->deadline,
	    list, err);
}

void
connect_start_lookup(const struct host_params *host, struct resolve *lookup)
{
	struct endpoint source;
	enum address_family family;

	*lookup = (struct resolve){ 0 };
	if (host->socket == NULL && host->host != NULL
	    && host->proxy_host == NULL
	    && parse_source(host, &source, &family, NULL))
		resolve_start(lookup, host->host, host->port, family, NULL);
}

/* Fills an empty list with the addresses of the name, and connects to one. */
static bool
connect_tcp(const struct connect_request *request, struct tcp *tcp,
    struct endpoint_list *list, struct transport *t, struct error *err)
{
	struct connect_attempts *attempts = &tcp->attempts;
	enum address_family family;

	*attempts = (struct connect_attempts){ .list = list,
		.timeout = timeout_of(request->host),
		.deadline = request->deadline,
		.hook = request->hook };
	if (!parse_source(request->host, &attempts->source, &family, err))
		return false;
	if (list->count == 0
	    && !find_addresses(request, tcp, family, list, err)) {
		tcp->not_found = true;
		return false;
	}
	connect_order(list);
	if (connect_attempts_run(attempts, t, &tcp->reached, err))
		return true;
	endpoint_list_free(list);
	if (attempts->hook_failed)
		return false;
	error_prefix(err, "cannot connect");
	return error_subject(err, "%s port %u", tcp->name, tcp->port);
}

/* The remote address as the kernel reports it, which may differ from the one
 * that was asked for: 0.0.0.0 connects to 127.0.0.1. */
static struct endpoint
remote_endpoint(const struct transport *t, const struct tcp *tcp)
{
	struct endpoint a = { 0 };
	socklen_t size = sizeof(a);

	if (getpeername(t->fd_plus_1 - 1, &a.any, &size) != 0)
		return tcp->reached;
	return a;
}

/* Copies the known addresses that source_ip and address_family allow. */
static bool
copy_addresses(const struct connect_request *request,
    struct endpoint_list *list, struct error *err)
{
	const struct endpoint_list *known = request->addresses;
	struct endpoint source;
	enum address_family family;

	if (!parse_source(request->host, &source, &family, err))
		return false;
	for (size_t i = 0; i < known->count; i++)
		if (endpoint_is_family(&known->items[i], family))
			endpoint_list_add(list, &known->items[i]);
	return list->count > 0
	    || error_set(err, ERROR_CONNECT, "no %s address is known",
		endpoint_family_name(family));
}

static bool
connect_direct(const struct connect_request *request, struct transport *t,
    struct connection *connection, struct error *err)
{
	struct tcp tcp = { .name = request->host->host,
		.port = request->host->port };
	struct endpoint_list *list = &connection->addresses_left;
	struct endpoint a;

	if (request->addresses != NULL && list->count == 0
	    && !copy_addresses(request, list, err))
		return false;
	if (!connect_tcp(request, &tcp, list, t, err)) {
		connection->host_not_found = tcp.not_found;
		return false;
	}
	a = remote_endpoint(t, &tcp);
	connection->reached = tcp.reached;
	connection->local = endpoint_is_loopback(&a);
	str_truncate(&connection->address, 0);
	endpoint_text_port(&a, &connection->address);
	return true;
}

/* Checks the host that the proxy will be asked for, before connecting. */
static bool
check_target(const struct host_params *host, struct error *err)
{
	struct endpoint a;
	char *name = NULL;
	bool ok = endpoint_parse(&a, host->host)
	    || resolve_name(host->host, &name, err);

	free(name);
	if (ok && (host->port < 1 || host->port > UINT16_MAX))
		return error_set(err, ERROR_CONFIG,
		    "the port of host %s must be 1 to 65535, not %u",
		    host->host, host->port);
	return ok;
}

/* Asks the proxy for a connection to the host. */
typedef bool proxy_fn(struct transport *t, const struct proxy_login *login,
    const char *host, unsigned port, int64_t deadline, struct error *err);

static proxy_fn *const protocols[] = {
	[PROXY_SOCKS5] = socks_connect,
	[PROXY_HTTP] = http_connect,
};

static bool
connect_by_proxy(const struct connect_request *request, struct transport *t,
    struct connection *connection, struct error *err)
{
	const struct host_params *host = request->host;
	const struct proxy_login login = { .user = host->proxy_user,
		.password = &host->proxy_password };
	struct tcp tcp = { .name = host->proxy_host, .port = host->proxy_port };
	struct endpoint_list proxies = { 0 };
	struct endpoint a;
	int64_t end;
	bool ok;

	if (!check_target(host, err))
		return false;
	ok = connect_tcp(request, &tcp, &proxies, t, err);
	endpoint_list_free(&proxies);
	if (!ok)
		return tcp.attempts.hook_failed ? false
						: error_prefix(err, "proxy");
	end = clock_earlier(request->deadline,
	    clock_after_seconds(timeout_of(host)));
	if (!protocols[host->proxy_type](t, &login, host->host, host->port, end,
		err)) {
		transport_close(t);
		return error_prefix(err, "proxy %s, connecting to %s port %u",
		    host->proxy_host, host->host, host->port);
	}
	a = remote_endpoint(t, &tcp);
	connection->local = false;
	str_truncate(&connection->address, 0);
	str_printf(&connection->address, "%s:%u via ", host->host, host->port);
	endpoint_text_port(&a, &connection->address);
	return true;
}

/* A unix socket whose queue is full fails with EAGAIN, and poll() does not
 * tell when there is room again. */
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
		if (!transport_poll(NULL, 0, clock_after(RETRY_MILLISECONDS),
			err))
			return false;
	} while (!late);
	return error_set(err, ERROR_TIMEOUT,
	    "its queue of connections is full");
}

static bool
connect_unix(const struct connect_request *request, struct transport *t,
    struct connection *connection, struct error *err)
{
	const char *path = request->host->socket;
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	int64_t end = clock_earlier(request->deadline,
	    clock_after_seconds(timeout_of(request->host)));
	int fd;

	if (len == 0 || len >= sizeof(name.sun_path))
		return error_set(err, ERROR_CONFIG,
		    "the path of socket \"%s\" must have 1 to %zu octets", path,
		    sizeof(name.sun_path) - 1);
	memcpy(name.sun_path, path, len);

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		system_error(err);
		return error_subject(err, "socket %s", path);
	}
	transport_init_socket(t, fd);
	if (!connect_unix_socket(t, &name, end, err)) {
		transport_close(t);
		error_prefix(err, "cannot connect");
		return error_subject(err, "socket %s", path);
	}
	connection->local = connection->unix_socket = true;
	str_truncate(&connection->address, 0);
	str_add(&connection->address, path);
	return true;
}

bool
connect_server(const struct connect_request *request,
    struct transport *transport, struct connection *connection,
    struct error *err)
{
	const struct host_params *host = request->host;
	const struct connect_hook *hook = &request->hook;

	*transport = (struct transport){ 0 };
	if (host->socket != NULL)
		return (hook->run == NULL || hook->run(hook->ctx, err))
		    && connect_unix(request, transport, connection, err);
	if (host->host == NULL || host->host[0] == '\0')
		return error_set(err, ERROR_CONFIG,
		    "no server to connect to: set host, or socket");
	if (host->proxy_host != NULL)
		return connect_by_proxy(request, transport, connection, err);
	return connect_direct(request, transport, connection, err);
}

void
connection_requeue_address(struct connection *connection)
{
	struct endpoint_list *list = &connection->addresses_left;

	if (connection->reached.any.sa_family == AF_UNSPEC)
		return;
	endpoint_list_add(list, &connection->reached);
	memmove(&list->items[1], &list->items[0],
	    (list->count - 1) * sizeof(list->items[0]));
	list->items[0] = connection->reached;
}

bool
connection_check_peer(const struct connection *connection,
    const struct transport *transport, struct error *err)
{
	const char *path = str_text(&connection->address);
	struct ucred peer;
	struct stat folder;
	socklen_t len = sizeof(peer);
	int fd = transport->fd_plus_1 - 1;
	char *folder_path;
	bool ok, known;

	if (!connection->unix_socket)
		return true;
	folder_path = file_folder(path);
	known = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0
	    && stat(folder_path, &folder) == 0;
	ok = known && (peer.uid == 0 || peer.uid == folder.st_uid);
	if (!known)
		error_set(err, ERROR_CONFIG,
		    "cannot find out who the server is: %s", strerror(errno));
	else if (!ok)
		error_set(err, ERROR_CONFIG,
		    "the server runs as user %u, who is neither root nor the "
		    "owner of %s (user %u), so it gets no password",
		    (unsigned)peer.uid, folder_path, (unsigned)folder.st_uid);
	free(folder_path);
	return ok || error_subject(err, "socket %s", path);
}

void
connection_free(struct connection *connection)
{
	str_free(&connection->address);
	endpoint_list_free(&connection->addresses_left);
	*connection = (struct connection){ 0 };
}

void
connect_local_literal(const struct transport *transport, struct str *out)
{
	struct endpoint local = { 0 };
	socklen_t size = sizeof(local);

	getsockname(transport->fd_plus_1 - 1, &local.any, &size);
	if (local.any.sa_family == AF_INET6) {
		/* A zone has no place in a literal. */
		local.ipv6.sin6_scope_id = 0;
		str_add(out, "[IPv6:");
	} else {
		str_add_char(out, '[');
	}
	if (local.any.sa_family == AF_INET || local.any.sa_family == AF_INET6)
		endpoint_text(&local, out);
	else
		str_add(out, "127.0.0.1");
	str_add_char(out, ']');
}
