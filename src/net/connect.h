/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A connected socket to the server of an account: by name or address, by
 * unix socket, or through a SOCKS5 proxy; all addresses in turn.
 */
#ifndef VEREDUS_NET_CONNECT_H
#define VEREDUS_NET_CONNECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "net/endpoint.h"
#include "net/happy_eyeballs.h"
#include "net/resolve.h"
#include "net/transport.h"

struct server_params {
	char *host;       /* name, address, or either in []; NULL with socket */
	unsigned port;    /* 1 to 65535, or 0: not set, see account.h */
	char *socket;     /* path of a unix stream socket, or NULL */
	char *source_ip;  /* local address, or NULL; decides the family */
	char *proxy_host; /* SOCKS5 (RFC 1928), or NULL */
	unsigned proxy_port;
	enum address_family family;
	const struct endpoint_list *addresses; /* of the host, with ports, when
	                                        * they are known; or NULL */
	struct resolve *lookup;   /* of connect_start_lookup(), or NULL */
	unsigned connect_timeout; /* seconds for each address; 0: 30 */
};

/* What the connection turned out to be. */
struct peer {
	struct str address; /* "192.0.2.1:587", "[::1]:25", the socket path,
	                     * or "mail.example:587 via 192.0.2.1:1080" */
	bool unknown;       /* the host has no address, or is no host */
	bool local;         /* loopback or unix socket: nobody listens in; never
	                     * through a proxy, wherever that is */
	struct endpoint reached; /* who answered; AF_UNSPEC: a proxy, a path */
	struct endpoint_list
	    untried; /* addresses behind the one that answered */
};

/*
 * Starts to look up the host without waiting; connect_server() uses the result
 * if it gets it as server->lookup.  Does nothing for a socket or a proxy, or if
 * the parameters are wrong: connect_server() reports that.  resolve_free()
 * cancels the lookup.
 */
void connect_start_lookup(const struct server_params *server,
    struct resolve *lookup);

/*
 * Connects within the deadline.  Tries every address of the host in turn for
 * connect_timeout seconds each, which a proxy has, too, to do its part.
 * TCP_NODELAY is set.  The resolver cannot hold us beyond the deadline, either.
 * peer is empty, or that of a server which answered and then failed: the
 * addresses that were not tried are then tried in place of a look-up.
 *
 * A host that does not exist is ERROR_CONFIG (5.3.5: it is the configuration
 * that names it), trouble of the resolver ERROR_RESOLVE, else ERROR_CONNECT or
 * ERROR_TIMEOUT with one clause for each address that was tried.
 * What is to be done meanwhile is done when a connection is being made; its
 * error is passed as it is, and nothing has been sent then.
 */
bool connect_server(const struct server_params *server, int64_t deadline,
    const struct meanwhile *meanwhile, struct transport *transport,
    struct peer *peer, struct error *err);

/*
 * Puts the address that answered in front of those that were not tried, for
 * another attempt at it; not that of a proxy or of a unix socket.
 */
void connect_again(struct peer *peer);

/*
 * Whether the host as it is configured can only be this machine: a unix
 * socket, "localhost", 127.0.0.0/8 or ::1.  Needs no look-up.
 */
bool connect_is_local(const struct server_params *server);

void peer_free(struct peer *peer);

#endif
