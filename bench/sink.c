/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An SMTP server that takes every message and throws it away, as fast as this
 * can be done: the bench must not measure the server.
 *
 *	sink CERTIFICATE KEY
 *
 * It listens on two ports of 127.0.0.1 that the kernel chooses, the first
 * plain with STARTTLS, the second with TLS from the first byte, and prints
 * both.  For each message it prints its octets and when it was accepted, by
 * CLOCK_MONOTONIC in nanoseconds.  Sessions come one after the other.  It ends
 * when its standard input does.
 *
 * Replies are gathered while there are commands to read: as a good server
 * does, it answers a flight by a flight.
 */
#include <errno.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SILENCE_SECONDS 60
#define COMMAND_MAX 4096
#define INPUT_SIZE ((size_t)256 * 1024)
#define OUTPUT_SIZE ((size_t)64 * 1024)

enum listener { LISTENER_PLAIN, LISTENER_TLS, LISTENERS };

/* One client; what has been read is input[start..end). */
struct peer {
	int fd;
	gnutls_session_t tls; /* NULL: plain */
	size_t start, end, replied;
	uint64_t octets; /* of the message so far */
	char input[INPUT_SIZE];
	char output[OUTPUT_SIZE];
};

/* Plays one command; false ends the session. */
typedef bool verb_fn(struct peer *p, const char *arguments);

static gnutls_certificate_credentials_t credentials;
static gnutls_datum_t ticket_key;

static void
check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "sink: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
check_tls(int result, const char *what)
{
	if (result >= 0)
		return;
	fprintf(stderr, "sink: %s: %s\n", what, gnutls_strerror(result));
	exit(1);
}

/* ----------------------------------------------------------- octets ---- */

static ssize_t
read_some(struct peer *p, char *data, size_t size)
{
	ssize_t got;

	do
		got = p->tls != NULL ? gnutls_record_recv(p->tls, data, size)
				     : read(p->fd, data, size);
	while (got == GNUTLS_E_INTERRUPTED && p->tls != NULL);
	return got;
}

static bool
write_all(struct peer *p, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t done = p->tls != NULL
		    ? gnutls_record_send(p->tls, data, len)
		    : write(p->fd, data, len);

		if (done <= 0)
			return false;
		data += done;
		len -= (size_t)done;
	}
	return true;
}

static bool
send_replies(struct peer *p)
{
	size_t len = p->replied;

	p->replied = 0;
	return write_all(p, p->output, len);
}

/* Moves what is left to the front and reads more behind it. */
static bool
read_more(struct peer *p)
{
	ssize_t got;

	if (!send_replies(p))
		return false;
	memmove(p->input, p->input + p->start, p->end - p->start);
	p->end -= p->start;
	p->start = 0;
	got = read_some(p, p->input + p->end, INPUT_SIZE - p->end);
	if (got <= 0)
		return false;
	p->end += (size_t)got;
	return true;
}

static bool
reply(struct peer *p, const char *text)
{
	size_t len = strlen(text);

	if (OUTPUT_SIZE - p->replied < len && !send_replies(p))
		return false;
	memcpy(p->output + p->replied, text, len);
	p->replied += len;
	return true;
}

/* The next line without its end; at most COMMAND_MAX octets. */
static bool
read_line(struct peer *p, char line[COMMAND_MAX])
{
	const char *end;
	size_t len;

	while ((end = memchr(p->input + p->start, '\n', p->end - p->start))
	    == NULL)
		if (p->end - p->start >= COMMAND_MAX || !read_more(p))
			return false;
	len = (size_t)(end - p->input) - p->start;
	if (len >= COMMAND_MAX)
		return false;
	memcpy(line, p->input + p->start, len);
	p->start += len + 1;
	if (len > 0 && line[len - 1] == '\r')
		len--;
	line[len] = '\0';
	return true;
}

/* ---------------------------------------------------------- message ---- */

static bool
accept_message(struct peer *p)
{
	struct timespec now;

	if (!reply(p, "250 2.0.0 taken\r\n"))
		return false;
	clock_gettime(CLOCK_MONOTONIC, &now);
	printf("message %llu %lld\n", (unsigned long long)p->octets,
	    (long long)now.tv_sec * 1000000000 + now.tv_nsec);
	p->octets = 0;
	return true;
}

/* Where CRLF . CRLF begins in the input, or NULL. */
static const char *
find_end(const struct peer *p)
{
	const char *end = p->input + p->end;
	const char *at = p->input + p->start + 2;

	while (at < end && (at = memchr(at, '.', (size_t)(end - at))) != NULL) {
		if (end - at < 3)
			return NULL;
		if (memcmp(at - 2, "\r\n.\r\n", 5) == 0)
			return at - 2;
		at++;
	}
	return NULL;
}

static bool
play_data(struct peer *p, const char *arguments)
{
	const char *end;

	(void)arguments;
	if (!reply(p, "354 go on\r\n"))
		return false;
	/* The first line of the body may be the dot: it stands behind CRLF. */
	p->start -= 2;
	while ((end = find_end(p)) == NULL) {
		/* Its first four octets may have come. */
		if (p->end - p->start > 4) {
			p->octets += p->end - p->start - 4;
			p->start = p->end - 4;
		}
		if (!read_more(p))
			return false;
	}
	p->octets += (size_t)(end - p->input) - p->start;
	p->start = (size_t)(end - p->input) + 5;
	return accept_message(p);
}

static bool
play_bdat(struct peer *p, const char *arguments)
{
	char *rest;
	unsigned long long left = strtoull(arguments, &rest, 10);

	p->octets += left;
	while (left > p->end - p->start) {
		left -= p->end - p->start;
		p->start = p->end;
		if (!read_more(p))
			return false;
	}
	p->start += (size_t)left;
	return strcasecmp(rest, " LAST") == 0 ? accept_message(p)
					      : reply(p, "250 2.0.0 more\r\n");
}

/* --------------------------------------------------------- dialogue ---- */

static bool
play_ehlo(struct peer *p, const char *arguments)
{
	(void)arguments;
	return reply(p,
		   "250-sink.test\r\n250-PIPELINING\r\n250-SIZE 0\r\n"
		   "250-CHUNKING\r\n250-ENHANCEDSTATUSCODES\r\n")
	    && reply(p,
		p->tls != NULL ? "250-AUTH PLAIN\r\n" : "250-STARTTLS\r\n")
	    && reply(p, "250 8BITMIME\r\n");
}

static bool
play_ok(struct peer *p, const char *arguments)
{
	(void)arguments;
	return reply(p, "250 2.0.0 ok\r\n");
}

/* PLAIN with or without an initial response; everybody is let in. */
static bool
play_auth(struct peer *p, const char *arguments)
{
	char line[COMMAND_MAX];

	if (strchr(arguments, ' ') == NULL
	    && (!reply(p, "334 \r\n") || !read_line(p, line)))
		return false;
	return reply(p, "235 2.7.0 welcome\r\n");
}

static bool
play_quit(struct peer *p, const char *arguments)
{
	(void)arguments;
	if (reply(p, "221 2.0.0 bye\r\n"))
		(void)send_replies(p);
	return false;
}

static bool
start_tls(struct peer *p)
{
	int result;

	check_tls(gnutls_init(&p->tls, GNUTLS_SERVER), "session");
	check_tls(gnutls_set_default_priority(p->tls), "priority");
	check_tls(gnutls_credentials_set(p->tls, GNUTLS_CRD_CERTIFICATE,
		      credentials),
	    "credentials");
	/* As servers do: its tickets are part of what a client reads. */
	check_tls(gnutls_session_ticket_enable_server(p->tls, &ticket_key),
	    "tickets");
	gnutls_transport_set_int(p->tls, p->fd);
	do
		result = gnutls_handshake(p->tls);
	while (result == GNUTLS_E_INTERRUPTED);
	return result == 0;
}

static bool
play_starttls(struct peer *p, const char *arguments)
{
	(void)arguments;
	return p->tls == NULL && reply(p, "220 2.0.0 go on\r\n")
	    && send_replies(p) && start_tls(p);
}

static const struct {
	const char *verb;
	verb_fn *play;
} verbs[] = {
	{ "EHLO", play_ehlo },
	{ "HELO", play_ok },
	{ "STARTTLS", play_starttls },
	{ "AUTH", play_auth },
	{ "MAIL", play_ok },
	{ "RCPT", play_ok },
	{ "DATA", play_data },
	{ "BDAT", play_bdat },
	{ "RSET", play_ok },
	{ "NOOP", play_ok },
	{ "QUIT", play_quit },
};

static bool
play(struct peer *p)
{
	char line[COMMAND_MAX];
	size_t len;

	if (!read_line(p, line))
		return false;
	len = strcspn(line, " ");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strlen(verbs[i].verb) == len
		    && strncasecmp(line, verbs[i].verb, len) == 0)
			return verbs[i].play(p,
			    line + len + (line[len] == ' '));
	return reply(p, "500 5.5.1 what?\r\n");
}

static void
serve(struct peer *p, int fd, bool tls)
{
	struct timeval silence = { .tv_sec = SILENCE_SECONDS };
	int on = 1;

	p->fd = fd;
	p->tls = NULL;
	p->start = p->end = p->replied = 0;
	p->octets = 0;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof(silence));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &silence, sizeof(silence));
	if ((!tls || start_tls(p)) && reply(p, "220 sink.test ESMTP\r\n"))
		while (play(p))
			;
	if (p->tls != NULL)
		gnutls_deinit(p->tls);
	close(fd);
}

static int
listen_somewhere(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check(fd >= 0, "socket");
	check(bind(fd, (struct sockaddr *)&address, len) == 0, "bind");
	check(listen(fd, 16) == 0, "listen");
	check(getsockname(fd, (struct sockaddr *)&address, &len) == 0, "name");
	printf("%u\n", (unsigned)ntohs(address.sin_port));
	return fd;
}

static void
prepare_tls(const char *certificate, const char *key)
{
	check_tls(gnutls_certificate_allocate_credentials(&credentials),
	    "credentials");
	check_tls(gnutls_certificate_set_x509_key_file(credentials, certificate,
		      key, GNUTLS_X509_FMT_PEM),
	    certificate);
	check_tls(gnutls_session_ticket_key_generate(&ticket_key), "tickets");
}

int
main(int argc, char *argv[])
{
	static struct peer peer;
	struct pollfd sources[LISTENERS + 1] = { 0 };

	if (argc != 3) {
		fprintf(stderr, "usage: sink CERTIFICATE KEY\n");
		return 64;
	}
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	prepare_tls(argv[1], argv[2]);
	for (int i = 0; i < LISTENERS; i++)
		sources[i].fd = listen_somewhere();
	sources[LISTENERS].fd = STDIN_FILENO;
	for (int i = 0; i <= LISTENERS; i++)
		sources[i].events = POLLIN;
	while (sources[LISTENERS].revents == 0) {
		check(poll(sources, LISTENERS + 1, -1) > 0, "poll");
		for (int i = 0; i < LISTENERS; i++)
			if (sources[i].revents != 0)
				serve(&peer, accept(sources[i].fd, NULL, NULL),
				    i == LISTENER_TLS);
	}
	return 0;
}
