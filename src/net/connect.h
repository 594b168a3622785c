/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Connects to a server: by host name or address, by unix socket, or through a
 * SOCKS5 or HTTP proxy.
 */
#ifndef VEREDUS_NET_CONNECT_H
#define VEREDUS_NET_CONNECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "net/endpoint.h"
#include "net/happy_eyeballs.h"
#include "net/params.h"
#include "net/resolve.h"
#include "net/transport.h"

/* What to connect to; all of it is borrowed. */
struct connect_request {
	const struct host_params *host;
	/* The addresses of the host with their ports; NULL: look them up. */
	const struct endpoint_list *addresses;
	struct resolve *lookup; /* of connect_start_lookup(), or NULL */
	int64_t deadline;
	struct connect_hook hook;
};

/* The connection that was made; { 0 } before that. */
struct connection {
	struct str address;  /* "192.0.2.1:587", "[::1]:25", the socket path,
	                      * or "mail.example:587 via 192.0.2.1:1080" */
	bool host_not_found; /* the host name is invalid or has no address */
	bool local;          /* loopback or unix socket, and no proxy: nobody
	                      * can read what is sent */
	bool unix_socket;
	struct endpoint reached; /* the server; AF_UNSPEC: proxy or socket */
	struct endpoint_list
	    addresses_left; /* of the host; not tried, or still connecting when
	                     * another one had connected */
};

/*
 * Starts to look up the host without waiting; connect_server() uses the result
 * if it gets it as request->lookup.  Does nothing for a socket or a proxy, or
 * if the parameters are wrong: connect_server() reports that.  resolve_free()
 * cancels the lookup.
 */
void connect_start_lookup(const struct host_params *host,
    struct resolve *lookup);

/*
 * Looks up the host and connects to the first of its addresses that accepts
 * the connection: each has connect_timeout seconds, and the deadline ends the
 * lookup, too.  A proxy has another connect_timeout seconds to connect to the
 * host.  `connection` is empty or that of a server that failed after it had
 * accepted the connection: its addresses_left are then tried without a lookup.
 * The hook runs once a connection is being made; if it fails, its error is
 * returned unchanged.
 *
 * Errors: ERROR_CONFIG if a parameter is wrong or the host does not exist,
 * ERROR_RESOLVE if the resolver fails, ERROR_CONNECT or ERROR_TIMEOUT with
 * one cause for each address, ERROR_NETWORK for a bad proxy, ERROR_INTERRUPTED,
 * ERROR_SYSTEM.
 */
bool connect_server(const struct connect_request *request,
    struct transport *transport, struct connection *connection,
    struct error *err);

/*
 * Makes the server's address the first of addresses_left, so that the next
 * connection is to the same server.  Does nothing after a connection through
 * a proxy or a unix socket.
 */
void connection_requeue_address(struct connection *connection);

/*
 * Whether the process at the other end of a unix socket may be given a secret:
 * it runs as root or as the owner of the folder of the socket.  Anybody else may
 * have put the socket there, as everybody can in /tmp.  True for a connection
 * that is none of a unix socket.  Errors: ERROR_CONFIG.
 */
bool connection_check_peer(const struct connection *connection,
    const struct transport *transport, struct error *err);

void connection_free(struct connection *connection);

/*
 * Appends the local address of the connection as an address literal (RFC 5321
 * section 4.1.3): "[192.0.2.1]" or "[IPv6:2001:db8::1]", and "[127.0.0.1]" for
 * a unix socket.
 */
void connect_local_literal(const struct transport *transport, struct str *out);

#endif
