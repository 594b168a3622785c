/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A name server on loopback, on a UDP and TCP port that the kernel chooses; a
 * function of the test writes the responses.  The server runs in a thread and
 * allocates nothing on the heap, because the program forks at the same time.
 */
#ifndef VEREDUS_TESTS_DNS_SERVER_H
#define VEREDUS_TESTS_DNS_SERVER_H

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns_message.h"
#include "unit.h"

struct dns_query_seen {
	unsigned id;
	char name[256]; /* as it was sent */
	unsigned type;
	unsigned flags;
	unsigned udp_size; /* of EDNS, or 0 */
	bool tcp;
};

/* Fills the response.  The server sends no response of length 0. */
typedef void dns_server_fn(const struct dns_query_seen *query,
    struct message *reply);

struct dns_server {
	int udp, tcp;
	unsigned port;
	int stop[2];
	pthread_t thread;
	dns_server_fn *respond;
	struct message query, reply;
};

static inline bool
dns_server_read(const struct message *m, struct dns_query_seen *query)
{
	const unsigned char *at = m->data;
	size_t i = 12, len = 0;

	*query = (struct dns_query_seen){ .id = at[0] * 256u + at[1],
		.flags = at[2] * 256u + at[3] };
	while (i < m->len && at[i] != 0 && len + at[i] + 2 < 256) {
		memcpy(query->name + len, at + i + 1, at[i]);
		len += at[i];
		query->name[len++] = '.';
		i += at[i] + 1u;
	}
	if (len == 0 || i + 5 > m->len)
		return false;
	query->name[len - 1] = '\0';
	query->type = at[i + 1] * 256u + at[i + 2];
	if (at[11] == 1 && i + 10 <= m->len)
		query->udp_size = at[i + 8] * 256u + at[i + 9];
	return true;
}

static inline void
dns_server_udp(struct dns_server *s)
{
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	struct dns_query_seen query;
	ssize_t got = recvfrom(s->udp, s->query.data, sizeof(s->query.data), 0,
	    (struct sockaddr *)&from, &size);

	s->query.len = got > 0 ? (size_t)got : 0;
	s->reply.len = 0;
	if (s->query.len > 12 && dns_server_read(&s->query, &query))
		s->respond(&query, &s->reply);
	if (s->reply.len > 0)
		sendto(s->udp, s->reply.data, s->reply.len, 0,
		    (struct sockaddr *)&from, size);
}

static inline bool
dns_server_read_all(int fd, unsigned char *data, size_t len)
{
	for (size_t i = 0; i < len;) {
		ssize_t got = read(fd, data + i, len - i);

		if (got <= 0)
			return false;
		i += (size_t)got;
	}
	return true;
}

static inline void
dns_server_tcp(struct dns_server *s)
{
	int fd = accept(s->tcp, NULL, NULL);
	unsigned char size[2];
	struct dns_query_seen query;

	s->reply.len = 0;
	if (dns_server_read_all(fd, size, 2)) {
		s->query.len = size[0] * 256u + size[1];
		if (dns_server_read_all(fd, s->query.data, s->query.len)
		    && dns_server_read(&s->query, &query)) {
			query.tcp = true;
			s->respond(&query, &s->reply);
		}
	}
	size[0] = (unsigned char)(s->reply.len >> 8);
	size[1] = (unsigned char)s->reply.len;
	if (s->reply.len > 0 && send(fd, size, 2, MSG_NOSIGNAL | MSG_MORE) == 2)
		send(fd, s->reply.data, s->reply.len, MSG_NOSIGNAL);
	close(fd);
}

static inline void *
dns_server_run(void *ctx)
{
	struct dns_server *s = ctx;

	for (;;) {
		struct pollfd pfd[] = { { s->udp, POLLIN, 0 },
			{ s->tcp, POLLIN, 0 }, { s->stop[0], POLLIN, 0 } };

		if (poll(pfd, 3, -1) < 0)
			continue;
		if (pfd[2].revents != 0)
			return NULL;
		if (pfd[0].revents != 0)
			dns_server_udp(s);
		if (pfd[1].revents != 0)
			dns_server_tcp(s);
	}
}

/* Binds a UDP socket to any port and a TCP socket to the same port.  Returns
 * false if the TCP port is in use. */
static inline bool
dns_server_bind(struct dns_server *s)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t size = sizeof(address);

	s->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	s->tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(s->udp, (struct sockaddr *)&address, size) == 0
	    && getsockname(s->udp, (struct sockaddr *)&address, &size) == 0
	    && bind(s->tcp, (struct sockaddr *)&address, size) == 0
	    && listen(s->tcp, 16) == 0) {
		s->port = ntohs(address.sin_port);
		return true;
	}
	close(s->udp);
	close(s->tcp);
	return false;
}

static inline void
dns_server_start(struct dns_server *s, dns_server_fn *respond)
{
	int tries = 0;

	s->respond = respond;
	while (!dns_server_bind(s))
		assert_true(++tries < 100);
	assert_int_equal(pipe(s->stop), 0);
	assert_int_equal(pthread_create(&s->thread, NULL, dns_server_run, s),
	    0);
}

static inline void
dns_server_stop(struct dns_server *s)
{
	close(s->stop[1]);
	pthread_join(s->thread, NULL);
	close(s->stop[0]);
	close(s->udp);
	close(s->tcp);
}

#endif
