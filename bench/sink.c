/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An SMTP server that accepts and discards every message as fast as possible,
 * because the benchmark must not measure the server.
 *
 *	sink CERTIFICATE KEY [OPTION...]
 *
 * It listens on two ports of 127.0.0.1 that the kernel chooses, the first with
 * STARTTLS, the second with implicit TLS, and prints both.  For each message it
 * prints the number of octets, that of BDAT commands, and the time of acceptance
 * (CLOCK_MONOTONIC in nanoseconds), and for each login a line with "login".  It
 * serves one session at a time, or, with the option "fork", all at once; the
 * option "data" leaves out CHUNKING.  It exits at the end of its standard input.
 *
 * Replies are buffered while there are commands to read, so that a group of
 * pipelined commands gets all its replies in one write.
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

#define TIMEOUT_SECONDS 60
#define COMMAND_MAX 4096
#define INPUT_SIZE ((size_t)256 * 1024)
#define OUTPUT_SIZE ((size_t)64 * 1024)

enum listener { LISTENER_PLAIN, LISTENER_TLS, LISTENERS };

/* A session.  The unread input is input[start..end). */
struct session {
	int fd;
	gnutls_session_t tls; /* NULL: no TLS */
	size_t start, end, reply_len;
	uint64_t octets; /* of the message so far */
	unsigned chunks; /* BDAT commands for the message so far */
	char input[INPUT_SIZE];
	char output[OUTPUT_SIZE];
};

/* Handles one command; false ends the session. */
typedef bool command_fn(struct session *s, const char *arguments);

static gnutls_certificate_credentials_t credentials;
static gnutls_datum_t ticket_key;
static bool fork_sessions;
static bool offer_chunking = true;

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

/* ---------------------------------------------------- input, output ---- */

static ssize_t
read_some(struct session *s, char *data, size_t size)
{
	ssize_t got;

	do
		got = s->tls != NULL ? gnutls_record_recv(s->tls, data, size)
				     : read(s->fd, data, size);
	while (got == GNUTLS_E_INTERRUPTED && s->tls != NULL);
	return got;
}

static bool
write_all(struct session *s, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t done = s->tls != NULL
		    ? gnutls_record_send(s->tls, data, len)
		    : write(s->fd, data, len);

		if (done <= 0)
			return false;
		data += done;
		len -= (size_t)done;
	}
	return true;
}

static bool
send_replies(struct session *s)
{
	size_t len = s->reply_len;

	s->reply_len = 0;
	return write_all(s, s->output, len);
}

/* Moves the unread input to the front of the buffer and reads more. */
static bool
read_more(struct session *s)
{
	ssize_t got;

	if (!send_replies(s))
		return false;
	memmove(s->input, s->input + s->start, s->end - s->start);
	s->end -= s->start;
	s->start = 0;
	got = read_some(s, s->input + s->end, INPUT_SIZE - s->end);
	if (got <= 0)
		return false;
	s->end += (size_t)got;
	return true;
}

static bool
reply(struct session *s, const char *text)
{
	size_t len = strlen(text);

	if (OUTPUT_SIZE - s->reply_len < len && !send_replies(s))
		return false;
	memcpy(s->output + s->reply_len, text, len);
	s->reply_len += len;
	return true;
}

/* Reads a line of at most COMMAND_MAX octets; removes its line end. */
static bool
read_line(struct session *s, char line[COMMAND_MAX])
{
	const char *end;
	size_t len;

	while ((end = memchr(s->input + s->start, '\n', s->end - s->start))
	    == NULL)
		if (s->end - s->start >= COMMAND_MAX || !read_more(s))
			return false;
	len = (size_t)(end - s->input) - s->start;
	if (len >= COMMAND_MAX)
		return false;
	memcpy(line, s->input + s->start, len);
	s->start += len + 1;
	if (len > 0 && line[len - 1] == '\r')
		len--;
	line[len] = '\0';
	return true;
}

/* ---------------------------------------------------------- message ---- */

static bool
accept_message(struct session *s)
{
	struct timespec now;

	if (!reply(s, "250 2.0.0 taken\r\n"))
		return false;
	clock_gettime(CLOCK_MONOTONIC, &now);
	printf("message %llu %u %lld\n", (unsigned long long)s->octets,
	    s->chunks, (long long)now.tv_sec * 1000000000 + now.tv_nsec);
	s->octets = 0;
	s->chunks = 0;
	return true;
}

/* Finds CRLF . CRLF in the input, or returns NULL. */
static const char *
find_end(const struct session *s)
{
	const char *end = s->input + s->end;
	const char *at = s->input + s->start + 2;

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
handle_data(struct session *s, const char *arguments)
{
	const char *end;

	(void)arguments;
	if (!reply(s, "354 go on\r\n"))
		return false;
	/* The message may be empty: include the CRLF of the DATA command. */
	s->start -= 2;
	while ((end = find_end(s)) == NULL) {
		/* Keep four octets: they may be the start of CRLF . CRLF. */
		if (s->end - s->start > 4) {
			s->octets += s->end - s->start - 4;
			s->start = s->end - 4;
		}
		if (!read_more(s))
			return false;
	}
	s->octets += (size_t)(end - s->input) - s->start;
	s->start = (size_t)(end - s->input) + 5;
	return accept_message(s);
}

static bool
handle_bdat(struct session *s, const char *arguments)
{
	char *rest;
	unsigned long long left = strtoull(arguments, &rest, 10);

	s->octets += left;
	s->chunks++;
	while (left > s->end - s->start) {
		left -= s->end - s->start;
		s->start = s->end;
		if (!read_more(s))
			return false;
	}
	s->start += (size_t)left;
	return strcasecmp(rest, " LAST") == 0 ? accept_message(s)
					      : reply(s, "250 2.0.0 more\r\n");
}

/* --------------------------------------------------------- commands ---- */

static bool
handle_ehlo(struct session *s, const char *arguments)
{
	(void)arguments;
	return reply(s,
		   "250-sink.test\r\n250-PIPELINING\r\n250-SIZE 0\r\n"
		   "250-ENHANCEDSTATUSCODES\r\n")
	    && (!offer_chunking || reply(s, "250-CHUNKING\r\n"))
	    && reply(s,
		s->tls != NULL ? "250-AUTH PLAIN\r\n" : "250-STARTTLS\r\n")
	    && reply(s, "250 8BITMIME\r\n");
}

static bool
handle_ok(struct session *s, const char *arguments)
{
	(void)arguments;
	return reply(s, "250 2.0.0 ok\r\n");
}

/* AUTH PLAIN, with or without initial response; accepts any credentials. */
static bool
handle_auth(struct session *s, const char *arguments)
{
	char line[COMMAND_MAX];

	if (strchr(arguments, ' ') == NULL
	    && (!reply(s, "334 \r\n") || !read_line(s, line)))
		return false;
	puts("login");
	return reply(s, "235 2.7.0 welcome\r\n");
}

static bool
handle_quit(struct session *s, const char *arguments)
{
	(void)arguments;
	if (reply(s, "221 2.0.0 bye\r\n"))
		(void)send_replies(s);
	return false;
}

static bool
start_tls(struct session *s)
{
	int result;

	check_tls(gnutls_init(&s->tls, GNUTLS_SERVER), "session");
	check_tls(gnutls_set_default_priority(s->tls), "priority");
	check_tls(gnutls_credentials_set(s->tls, GNUTLS_CRD_CERTIFICATE,
		      credentials),
	    "credentials");
	/* As most servers do, send session tickets, which the client reads. */
	check_tls(gnutls_session_ticket_enable_server(s->tls, &ticket_key),
	    "tickets");
	gnutls_transport_set_int(s->tls, s->fd);
	do
		result = gnutls_handshake(s->tls);
	while (result == GNUTLS_E_INTERRUPTED);
	return result == 0;
}

static bool
handle_starttls(struct session *s, const char *arguments)
{
	(void)arguments;
	return s->tls == NULL && reply(s, "220 2.0.0 go on\r\n")
	    && send_replies(s) && start_tls(s);
}

static const struct {
	const char *verb;
	command_fn *handle;
} commands[] = {
	{ "EHLO", handle_ehlo },
	{ "HELO", handle_ok },
	{ "STARTTLS", handle_starttls },
	{ "AUTH", handle_auth },
	{ "MAIL", handle_ok },
	{ "RCPT", handle_ok },
	{ "DATA", handle_data },
	{ "BDAT", handle_bdat },
	{ "RSET", handle_ok },
	{ "NOOP", handle_ok },
	{ "QUIT", handle_quit },
};

static bool
handle_command(struct session *s)
{
	char line[COMMAND_MAX];
	size_t len;

	if (!read_line(s, line))
		return false;
	len = strcspn(line, " ");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strlen(commands[i].verb) == len
		    && strncasecmp(line, commands[i].verb, len) == 0)
			return commands[i].handle(s,
			    line + len + (line[len] == ' '));
	return reply(s, "500 5.5.1 unknown command\r\n");
}

static void
serve(struct session *s, int fd, bool tls)
{
	struct timeval timeout = { .tv_sec = TIMEOUT_SECONDS };
	int on = 1;

	s->fd = fd;
	s->tls = NULL;
	s->start = s->end = s->reply_len = 0;
	s->octets = 0;
	s->chunks = 0;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	if ((!tls || start_tls(s)) && reply(s, "220 sink.test ESMTP\r\n"))
		while (handle_command(s))
			;
	if (s->tls != NULL)
		gnutls_deinit(s->tls);
	close(fd);
}

static void
serve_next(struct session *s, int listener, bool tls)
{
	int fd = accept(listener, NULL, NULL);

	if (!fork_sessions) {
		serve(s, fd, tls);
	} else if (fork() == 0) {
		close(listener);
		serve(s, fd, tls);
		exit(0);
	} else {
		close(fd);
	}
}

static int
listen_on_loopback(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check(fd >= 0, "socket");
	check(bind(fd, (struct sockaddr *)&address, len) == 0, "bind");
	check(listen(fd, SOMAXCONN) == 0, "listen");
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
	static struct session session;
	struct pollfd sources[LISTENERS + 1] = { 0 };

	if (argc < 3) {
		fprintf(stderr, "usage: sink CERTIFICATE KEY [OPTION...]\n");
		return 64;
	}
	for (int i = 3; i < argc; i++) {
		fork_sessions |= strcmp(argv[i], "fork") == 0;
		offer_chunking &= strcmp(argv[i], "data") != 0;
	}
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN); /* no zombies */
	setvbuf(stdout, NULL, _IOLBF, 0);
	prepare_tls(argv[1], argv[2]);
	for (int i = 0; i < LISTENERS; i++)
		sources[i].fd = listen_on_loopback();
	sources[LISTENERS].fd = STDIN_FILENO;
	for (int i = 0; i <= LISTENERS; i++)
		sources[i].events = POLLIN;
	while (sources[LISTENERS].revents == 0) {
		check(poll(sources, LISTENERS + 1, -1) > 0, "poll");
		for (int i = 0; i < LISTENERS; i++)
			if (sources[i].revents != 0)
				serve_next(&session, sources[i].fd,
				    i == LISTENER_TLS);
	}
	return 0;
}
