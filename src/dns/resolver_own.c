/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Queries over UDP, and over TCP if a response is truncated (RFC 1035 section
 * 4.2, RFC 7766): to one name server after the other, and then again.
 */
#include <errno.h>
#include <resolv.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "dns/parse.h"
#include "dns/query.h"
#include "dns/resolv_conf.h"
#include "dns/resolver.h"

/* The flags in the third and fourth octet of a message. */
#define FLAG_RESPONSE 0x80
#define FLAG_TRUNCATED 0x02
#define FLAG_AUTHENTIC 0x20

/* A length goes before each message over TCP. */
#define LENGTH_SIZE 2

/* A query and where to send it. */
struct query {
	unsigned char octets[LENGTH_SIZE + QUERY_MAX]; /* the length first */
	size_t len;                                    /* without OPT */
	bool has_opt;
};

/* The name servers for a query, the time that each has, and their trust. */
struct name_servers {
	struct resolv_conf conf;
	const struct endpoint_list *servers;
	const char *trust;
};

static bool
are_local(const struct endpoint_list *servers)
{
	for (size_t i = 0; i < servers->count; i++)
		if (!endpoint_is_loopback(&servers->items[i]))
			return false;
	return servers->count > 0;
}

static void
find_name_servers(struct name_servers *ns, const struct dns_params *params)
{
	resolv_conf_read(&ns->conf);
	ns->servers =
	    params->servers.count > 0 ? &params->servers : &ns->conf.servers;
	ns->trust =
	    query_trust(params, ns->conf.trust_ad, are_local(ns->servers));
}

/* The C library makes the query; its ID could be guessed, so it gets another.
 * Returns false with errno. */
static bool
make_query(struct query *q, const char *name, enum dns_type type,
    bool wants_authentic)
{
	unsigned char *message = q->octets + LENGTH_SIZE;
	int len = res_mkquery(0, name, ns_c_in, dns_type_number(type), NULL, 0,
	    NULL, message, QUERY_MAX - QUERY_OPT_SIZE);

	if (len <= NS_HFIXEDSZ) {
		errno = EINVAL;
		return false;
	}
	if (getrandom(message, 2, 0) != 2)
		return false;
	if (wants_authentic)
		message[3] |= FLAG_AUTHENTIC;
	q->len = (size_t)len;
	return true;
}

/* The octets of the query with or without EDNS; the length for TCP is before
 * them. */
static const unsigned char *
query_octets(struct query *q, size_t *len)
{
	unsigned char *message = q->octets + LENGTH_SIZE;

	*len = q->len;
	if (q->has_opt)
		*len = (size_t)query_add_opt(message, (int)q->len);
	else
		query_remove_opt(message);
	q->octets[0] = (unsigned char)(*len >> 8);
	q->octets[1] = (unsigned char)*len;
	return message;
}

/* Whether the response has the ID of the query. */
static bool
has_id(const struct query *q, const unsigned char *message, ssize_t len)
{
	return len >= NS_HFIXEDSZ
	    && memcmp(message, q->octets + LENGTH_SIZE, 2) == 0
	    && (message[2] & FLAG_RESPONSE) != 0;
}

/* A name server that does not know EDNS may leave out the question (RFC 6891
 * section 7). */
static bool
is_bare_error(const unsigned char *message)
{
	return query_code(message) != ns_r_noerror && message[4] == 0
	    && message[5] == 0;
}

/* Whether it belongs to the query.  The server may have changed the case of the
 * name (RFC 4343), which ends with a NUL before type and class. */
static bool
is_response(const struct query *q, const unsigned char *message, ssize_t len)
{
	const size_t type = q->len - NS_QFIXEDSZ;
	const unsigned char *sent = q->octets + LENGTH_SIZE;

	if (!has_id(q, message, len))
		return false;
	if (is_bare_error(message))
		return true;
	return len >= (ssize_t)q->len
	    && strncasecmp((const char *)message + NS_HFIXEDSZ,
		   (const char *)sent + NS_HFIXEDSZ, type - NS_HFIXEDSZ)
	    == 0
	    && memcmp(message + type, sent + type, NS_QFIXEDSZ) == 0;
}

/* ---- sockets ---- */

/* Each call for the socket ends at the deadline; false if that has passed. */
static bool
limit_time(int fd, int64_t deadline)
{
	int left = clock_poll_timeout(deadline);
	struct timeval time = { left / 1000, left % 1000 * 1000 };

	if (left > 0
	    && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time)) == 0
	    && setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time))
		== 0)
		return true;
	errno = ETIMEDOUT;
	return false;
}

/* Returns the socket, or -1 with errno. */
static int
connect_to(const struct endpoint *server, int kind, int64_t deadline)
{
	int fd = socket(server->any.sa_family, kind | SOCK_CLOEXEC, 0);
	int number;

	if (fd < 0)
		return -1;
	if (limit_time(fd, deadline)
	    && connect(fd, &server->any, endpoint_size(server)) == 0)
		return fd;
	number = errno == EINPROGRESS ? ETIMEDOUT : errno;
	close(fd);
	errno = number;
	return -1;
}

static ssize_t
receive(int fd, void *data, size_t size, int64_t deadline)
{
	ssize_t got;

	if (!limit_time(fd, deadline))
		return -1;
	got = recv(fd, data, size, 0);
	if (got < 0 && errno == EAGAIN)
		errno = ETIMEDOUT;
	return got;
}

/* What is no response to the query may be forged, and is ignored. */
static ssize_t
ask_by_udp(int fd, struct query *q, int64_t deadline, unsigned char *message)
{
	size_t len;
	const unsigned char *octets = query_octets(q, &len);
	ssize_t got;

	if (send(fd, octets, len, MSG_NOSIGNAL) != (ssize_t)len)
		return -1;
	do
		got = receive(fd, message, DNS_MESSAGE_MAX, deadline);
	while (got >= 0 && !is_response(q, message, got));
	return got;
}

/* Receives exactly that many octets. */
static bool
receive_all(int fd, unsigned char *data, size_t size, int64_t deadline)
{
	size_t done = 0;
	ssize_t got = 1;

	while (done < size && got > 0) {
		got = receive(fd, data + done, size - done, deadline);
		if (got > 0)
			done += (size_t)got;
	}
	if (got == 0)
		errno = ECONNRESET;
	return done == size;
}

static ssize_t
ask_by_tcp(int fd, struct query *q, int64_t deadline, unsigned char *message)
{
	unsigned char length[LENGTH_SIZE];
	size_t size;

	(void)query_octets(q, &size);
	size += LENGTH_SIZE;
	if (send(fd, q->octets, size, MSG_NOSIGNAL) != (ssize_t)size
	    || !receive_all(fd, length, sizeof(length), deadline))
		return -1;
	size = length[0] * 256u + length[1];
	if (!receive_all(fd, message, size, deadline))
		return -1;
	if (has_id(q, message, (ssize_t)size))
		return (ssize_t)size;
	errno = EPROTO;
	return -1;
}

static ssize_t
ask_by(int kind, const struct endpoint *server, struct query *q,
    int64_t deadline, unsigned char *message)
{
	ssize_t got;
	int number, fd = connect_to(server, kind, deadline);

	if (fd < 0)
		return -1;
	got = kind == SOCK_STREAM ? ask_by_tcp(fd, q, deadline, message)
				  : ask_by_udp(fd, q, deadline, message);
	number = errno;
	close(fd);
	errno = number;
	return got;
}

/* ---- servers ---- */

static ssize_t
ask_once(const struct endpoint *server, struct query *q, int64_t deadline,
    unsigned char *message)
{
	ssize_t got = ask_by(SOCK_DGRAM, server, q, deadline, message);

	if (got > 0 && (message[2] & FLAG_TRUNCATED) != 0)
		got = ask_by(SOCK_STREAM, server, q, deadline, message);
	return got;
}

/* Queries again without EDNS if the server does not support it (RFC 6891
 * section 7). */
static ssize_t
ask_server(const struct endpoint *server, struct query *q, int64_t deadline,
    unsigned char *message)
{
	ssize_t got;

	q->has_opt = true;
	got = ask_once(server, q, deadline, message);
	if (got > 0 && query_code(message) == ns_r_formerr) {
		q->has_opt = false;
		got = ask_once(server, q, deadline, message);
	}
	return got;
}

/* Whether the message answers the question; else another server may. */
static bool
is_answer(const unsigned char *message)
{
	return query_code(message) == ns_r_noerror
	    || query_code(message) == ns_r_nxdomain;
}

/* The time for one of the attempts that are left. */
static int64_t
end_of_attempt(const struct name_servers *ns, int64_t deadline, size_t left)
{
	int64_t end = clock_after_seconds(ns->conf.timeout);

	if (deadline == CLOCK_NEVER)
		return end;
	return clock_earlier(end,
	    clock_after(clock_poll_timeout(deadline) / (int64_t)left));
}

static ssize_t
ask_servers(const struct name_servers *ns, struct query *q, int64_t deadline,
    unsigned char *message, struct resolver_outcome *outcome)
{
	size_t count = ns->servers->count * ns->conf.attempts;

	for (size_t i = 0; i < count; i++) {
		ssize_t got =
		    ask_server(&ns->servers->items[i % ns->servers->count], q,
			end_of_attempt(ns, deadline, count - i), message);

		if (got > 0 && is_answer(message))
			return got;
		if (got > 0)
			outcome->rcode = query_code(message);
		else
			outcome->number = errno;
	}
	return -1;
}

ssize_t
resolver_query(const struct dns_params *params, const char *name,
    enum dns_type type, int64_t deadline, unsigned char *message,
    struct resolver_outcome *outcome)
{
	struct query q = { 0 };
	struct name_servers ns = { 0 };
	ssize_t got = -1;

	*outcome = (struct resolver_outcome){ .rcode = -1 };
	find_name_servers(&ns, params);
	outcome->trusted = ns.trust != NULL;
	if (make_query(&q, name, type, outcome->trusted))
		got = ask_servers(&ns, &q, deadline, message, outcome);
	else
		outcome->number = errno;
	resolv_conf_free(&ns.conf);
	return got;
}

const char *
resolver_trust(const struct dns_params *params)
{
	struct name_servers ns = { 0 };

	find_name_servers(&ns, params);
	resolv_conf_free(&ns.conf);
	return ns.trust;
}
