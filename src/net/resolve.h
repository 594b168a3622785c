/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looks up the addresses of a host name with getaddrinfo(): in the hosts file,
 * the DNS, and all other sources that the administrator has configured.
 * dns/dns.h looks up other records, and addresses that must be authentic.
 */
#ifndef VEREDUS_NET_RESOLVE_H
#define VEREDUS_NET_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "net/endpoint.h"

/* A lookup in flight; { 0 } is none. */
struct resolve {
	char *host; /* as it was given, for error texts */
	unsigned port;
	enum address_family family;
	struct endpoint_list known; /* found without the resolver */
	pid_t child;                /* it calls the resolver; or 0 */
	int fd_plus_1;              /* receives the result of the child */
};

/*
 * Checks the host (a name or an address, also in brackets) and starts the
 * lookup without waiting.  Addresses and localhost (always loopback, RFC 6761)
 * need no resolver.  On failure r is { 0 }.
 * Errors: ERROR_CONFIG if the host or the port is invalid, ERROR_RESOLVE
 * without system resources.
 */
bool resolve_start(struct resolve *r, const char *host, unsigned port,
    enum address_family family, struct error *err);

/*
 * Waits for the addresses and adds them to the list.  Releases the lookup in
 * any case; at the deadline or after a signal the child is killed.  Errors:
 * ERROR_CONFIG if the name has no address (of the family), ERROR_RESOLVE if the
 * resolver fails, ERROR_TIMEOUT, ERROR_INTERRUPTED.
 */
bool resolve_finish(struct resolve *r, int64_t deadline,
    struct endpoint_list *list, struct error *err);

/* Cancels a lookup. */
void resolve_free(struct resolve *r);

/* Does both, resolve_start() and resolve_finish(). */
bool resolve_host(const char *host, unsigned port, enum address_family family,
    int64_t deadline, struct endpoint_list *list, struct error *err);

/*
 * Converts the name to the form of the DNS (IDNA A-labels), without brackets;
 * the caller frees it.  ERROR_CONFIG if it is not a host name.
 */
bool resolve_name(const char *host, char **ascii, struct error *err);
/* Whether the name is localhost or below it, so that it needs no lookup. */
bool resolve_is_localhost(const char *name);

#endif
