/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Host names to addresses, the way this machine does it (getaddrinfo: hosts
 * file, DNS, whatever else its administrator has set up).
 *
 * What only DNS can tell (MX, SRV, TLSA) is not asked here, and a look-up
 * that must know whether its answer is authentic needs DNS itself, too; both
 * give the same struct endpoint_list.
 */
#ifndef VEREDUS_NET_RESOLVE_H
#define VEREDUS_NET_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "net/endpoint.h"

/* A look-up that is under way; { 0 } is none. */
struct resolve {
	char *host; /* the name as it was given, for error texts */
	unsigned port;
	enum address_family family;
	struct endpoint_list known; /* when nobody had to be asked */
	pid_t child;                /* who asks the system's resolver, or 0 */
	int fd_plus_1;              /* where its answer comes from */
};

/*
 * Checks the host (name, address or either in brackets) and starts the
 * look-up without waiting, so that other work can be done meanwhile.
 * Addresses and localhost (RFC 6761: always loopback) need no resolver.
 * Errors: ERROR_CONFIG for what cannot be a host, before anything is asked;
 * ERROR_RESOLVE when there are no resources to ask.
 */
bool resolve_start(struct resolve *r, const char *host, unsigned port,
    enum address_family family, struct error *err);

/*
 * Waits for the answer and adds it to list.  Ends the look-up in any case: at
 * the deadline, or when a signal has come, whoever asks is killed.
 * Errors: ERROR_CONFIG when the name has no address (of that family),
 * ERROR_RESOLVE for trouble of the resolver, ERROR_TIMEOUT,
 * ERROR_INTERRUPTED.
 */
bool resolve_finish(struct resolve *r, int64_t deadline,
    struct endpoint_list *list, struct error *err);

/* Whether that is the look-up which is under way. */
bool resolve_is_of(const struct resolve *r, const char *host, unsigned port,
    enum address_family family);

/* Gives up a look-up that was started. */
void resolve_free(struct resolve *r);

/* Both of them at once. */
bool resolve_host(const char *host, unsigned port, enum address_family family,
    int64_t deadline, struct endpoint_list *list, struct error *err);

/*
 * The name as the DNS knows it (IDNA), without brackets; the caller frees.
 * ERROR_CONFIG when it is no host name.
 */
bool resolve_name(const char *host, char **ascii, struct error *err);
/* Whether the name is localhost or below it, which is never asked for. */
bool resolve_is_localhost(const char *name);

#endif
