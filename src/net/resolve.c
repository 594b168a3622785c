/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls getaddrinfo() in a child process: it has no deadline and cannot be
 * interrupted, but the child can be killed.  A thread (as in getaddrinfo_a())
 * inside a name service module could delay or crash our exit.  To fork a small
 * process costs less than a lookup.
 */
#include "net/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/idna.h"
#include "base/process.h"
#include "base/text.h"
#include "net/transport.h"

#define RESULT_ADDRESSES_MAX 64

/* What the child writes.  It fits into PIPE_BUF, so the write is atomic. */
struct lookup_result {
	int code;   /* from getaddrinfo() */
	int number; /* errno for EAI_SYSTEM */
	unsigned count;
	struct endpoint items[RESULT_ADDRESSES_MAX];
};

bool
resolve_name(const char *host, char **ascii, struct error *err)
{
	size_t len = strlen(host);
	bool bracketed = len > 1 && host[0] == '[' && host[len - 1] == ']';
	char *bare =
	    alloc_string_n(host + bracketed, len - (bracketed ? 2 : 0));
	struct error why = { 0 };
	bool ok = idna_to_ascii(bare, ascii, &why);

	if (!ok && strchr(host, ':') != NULL)
		error_set(err, ERROR_CONFIG,
		    "\"%s\" is neither a host name nor an address, or the zone "
		    "is unknown (the port is a separate setting)",
		    host);
	else if (!ok)
		error_set(err, ERROR_CONFIG, "%s", why.text);
	error_free(&why);
	free(bare);
	return ok;
}

bool
resolve_is_localhost(const char *name)
{
	static const char localhost[] = "localhost";
	const size_t size = sizeof(localhost) - 1;
	size_t len = strlen(name);

	if (len > 0 && name[len - 1] == '.')
		len--;
	if (len < size)
		return false;
	name += len - size;
	return text_starts_nocase(name, localhost)
	    && (len == size || name[-1] == '.');
}

static void
add_literal(struct resolve *r, const char *literal)
{
	struct endpoint a;

	if (endpoint_parse(&a, literal) && endpoint_is_family(&a, r->family)) {
		endpoint_set_port(&a, r->port);
		endpoint_list_add(&r->known, &a);
	}
}

static void
call_resolver(const char *name, enum address_family family,
    struct lookup_result *result)
{
	static const int families[] = { [FAMILY_ANY] = AF_UNSPEC,
		[FAMILY_IPV4] = AF_INET,
		[FAMILY_IPV6] = AF_INET6 };
	struct addrinfo hints = { .ai_family = families[family],
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;

	result->code = getaddrinfo(name, NULL, &hints, &found);
	result->number = errno;
	for (struct addrinfo *f = found;
	     f != NULL && result->count < RESULT_ADDRESSES_MAX;
	     f = f->ai_next) {
		struct endpoint *a = &result->items[result->count];

		if (f->ai_addrlen > sizeof(*a))
			continue;
		memcpy(a, f->ai_addr, f->ai_addrlen);
		result->count++;
	}
}

static void
run_child(const char *name, enum address_family family, int fd)
{
	struct lookup_result result = { 0 };
	ssize_t written;

	/* The child must not outlive this process. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	call_resolver(name, family, &result);
	written = write(fd, &result, sizeof(result));
	_exit(written == (ssize_t)sizeof(result) ? 0 : 1);
}

static bool
start_child(struct resolve *r, const char *name, struct error *err)
{
	int fds[2];

	_Static_assert(sizeof(struct lookup_result) <= 4096,
	    "the result fits PIPE_BUF");
	if (pipe2(fds, O_CLOEXEC) != 0)
		return error_set(err, ERROR_RESOLVE, "cannot look up %s: %s",
		    name, strerror(errno));
	r->child = fork();
	if (r->child == 0)
		run_child(name, r->family, fds[1]);
	close(fds[1]);
	if (r->child < 0) {
		r->child = 0;
		close(fds[0]);
		return error_set(err, ERROR_RESOLVE, "cannot look up %s: %s",
		    name, strerror(errno));
	}
	r->fd_plus_1 = fds[0] + 1;
	return true;
}

/* Only a name other than localhost needs the resolver. */
static bool
start(struct resolve *r, const char *host, struct error *err)
{
	struct endpoint a;
	char *name;
	bool ok = true;

	if (endpoint_parse(&a, host)) {
		add_literal(r, host);
		return true;
	}
	if (!resolve_name(host, &name, err))
		return false;
	if (resolve_is_localhost(name)) {
		add_literal(r, "127.0.0.1");
		add_literal(r, "::1");
	} else {
		ok = start_child(r, name, err);
	}
	free(name);
	return ok;
}

bool
resolve_start(struct resolve *r, const char *host, unsigned port,
    enum address_family family, struct error *err)
{
	*r = (struct resolve){ .host = alloc_string(host),
		.port = port,
		.family = family };
	if (port < 1 || port > UINT16_MAX)
		error_set(err, ERROR_CONFIG,
		    "the port of host %s must be 1 to 65535, not %u", host,
		    port);
	else if (start(r, host, err))
		return true;
	resolve_free(r);
	return false;
}

static bool
has_no_address(const struct resolve *r, struct error *err)
{
	if (r->family == FAMILY_ANY)
		return error_set(err, ERROR_CONFIG,
		    "host %s does not exist or has no address", r->host);
	return error_set(err, ERROR_CONFIG,
	    "host %s has no %s address (see address_family)", r->host,
	    endpoint_family_name(r->family));
}

static bool
check_result(const struct resolve *r, const struct lookup_result *result,
    struct error *err)
{
	if (result->code == EAI_NONAME || result->code == EAI_NODATA
	    || result->code == EAI_ADDRFAMILY)
		return has_no_address(r, err);
	if (result->code != 0)
		return error_set(err, ERROR_RESOLVE, "cannot look up %s: %s",
		    r->host,
		    result->code == EAI_SYSTEM ? strerror(result->number)
					       : gai_strerror(result->code));
	return true;
}

static bool
read_result(struct resolve *r, int64_t deadline, struct lookup_result *result,
    struct error *err)
{
	const struct transport pipe = { .fd_plus_1 = r->fd_plus_1 };
	short ready;
	ssize_t got;
	bool ok;

	process_await_helper(true, 0);
	ok = transport_wait(&pipe, POLLIN, deadline, &ready, err);
	process_await_helper(false, 0);
	if (!ok)
		return error_prefix(err, "looking up %s", r->host);
	do
		got = read(r->fd_plus_1 - 1, result, sizeof(*result));
	while (got < 0 && errno == EINTR);
	if (got != (ssize_t)sizeof(*result)
	    || result->count > RESULT_ADDRESSES_MAX)
		return error_set(err, ERROR_RESOLVE,
		    "cannot look up %s: the system resolver failed", r->host);
	return check_result(r, result, err);
}

static bool
finish_child(struct resolve *r, int64_t deadline, struct error *err)
{
	struct lookup_result result = { 0 };

	if (!read_result(r, deadline, &result, err))
		return false;
	for (unsigned i = 0; i < result.count; i++) {
		struct endpoint *a = &result.items[i];

		if (a->any.sa_family != AF_INET && a->any.sa_family != AF_INET6)
			continue;
		endpoint_set_port(a, r->port);
		endpoint_list_add(&r->known, a);
	}
	return true;
}

bool
resolve_finish(struct resolve *r, int64_t deadline, struct endpoint_list *list,
    struct error *err)
{
	bool ok = r->child == 0 || finish_child(r, deadline, err);

	if (ok && r->known.count == 0)
		ok = has_no_address(r, err);
	for (size_t i = 0; ok && i < r->known.count; i++)
		endpoint_list_add(list, &r->known.items[i]);
	resolve_free(r);
	return ok;
}

void
resolve_free(struct resolve *r)
{
	if (r->child > 0) {
		kill(r->child, SIGKILL);
		while (waitpid(r->child, NULL, 0) < 0 && errno == EINTR)
			continue;
		close(r->fd_plus_1 - 1);
	}
	endpoint_list_free(&r->known);
	free(r->host);
	*r = (struct resolve){ 0 };
}

bool
resolve_host(const char *host, unsigned port, enum address_family family,
    int64_t deadline, struct endpoint_list *list, struct error *err)
{
	struct resolve r;

	return resolve_start(&r, host, port, family, err)
	    && resolve_finish(&r, deadline, list, err);
}
