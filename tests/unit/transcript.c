/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "transcript.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"

static atomic_bool is_silent;

struct transcript {
	pthread_t thread;
	int listener_plus_1; /* the listening socket, or 0 */
	int fd;
	char *text;
	FILE *from_client;
	struct str body;
	struct str fault;
};

/* Reads one line of the client without its end; false at the end. */
static bool
read_line(struct transcript *t, struct str *line)
{
	int c;

	str_truncate(line, 0);
	while ((c = getc(t->from_client)) != EOF) {
		str_add_char(line, (char)c);
		if (c == '\n')
			return true;
	}
	return false;
}

static void
expect(struct transcript *t, const char *wanted)
{
	struct str line = { 0 };
	bool wild = strlen(wanted) > 0 && wanted[strlen(wanted) - 1] == '*';
	size_t len = strlen(wanted) - wild;

	if (!read_line(t, &line)) {
		str_printf(&t->fault, "hung up instead of \"%s\"", wanted);
	} else {
		if (line.len < 2 || line.data[line.len - 2] != '\r')
			str_printf(&t->fault, "bare LF after \"%s\"", wanted);
		else
			str_truncate(&line, line.len - 2);
		if (line.len < len || memcmp(line.data, wanted, len) != 0
		    || (!wild && line.len != len))
			str_printf(&t->fault, "said \"%s\", not \"%s\"",
			    str_text(&line), wanted);
	}
	str_free(&line);
}

static void
read_body(struct transcript *t)
{
	struct str line = { 0 };

	while (read_line(t, &line) && !str_equal(&line, ".\r\n"))
		str_append(&t->body, line.data, line.len);
	if (!str_equal(&line, ".\r\n"))
		str_add(&t->fault, "hung up inside the message");
	str_free(&line);
}

/* Reads the octets of a BDAT command. */
static void
read_chunk(struct transcript *t, const char *number)
{
	long left = strtol(number, NULL, 10);
	int c;

	while (left > 0 && (c = getc(t->from_client)) != EOF) {
		str_add_char(&t->body, (char)c);
		left--;
	}
	if (left > 0)
		str_printf(&t->fault, "hung up %ld octets early", left);
}

/* Reads and forgets octets, at most `left` of them. */
static void
skip(struct transcript *t, long left)
{
	while (left > 0 && getc(t->from_client) != EOF)
		left--;
}

/* Reads a block every so many seconds until the client closes. */
static void
read_slowly(struct transcript *t, unsigned pause)
{
	static char block[65536];

	while (fread(block, 1, sizeof(block), t->from_client) > 0) {
		int64_t next = clock_after_seconds(pause);
		struct pollfd client = { .fd = t->fd, .events = POLLRDHUP };

		while (!clock_has_passed(next) && poll(&client, 1, 1) == 0)
			;
	}
}

static void
expect_end(struct transcript *t)
{
	struct str line = { 0 };

	if (read_line(t, &line))
		str_printf(&t->fault, "said \"%s\" at the end",
		    str_text(&line));
	str_free(&line);
}

/* Sends all lines of one "S:" in one write. */
static void
send_reply(struct transcript *t, const char *text, const char *end)
{
	struct str piece = { 0 };

	for (; *text != '\0'; text++) {
		if (*text == '|')
			str_add(&piece, "\r\n");
		else
			str_add_char(&piece, *text);
	}
	str_add(&piece, end);
	send(t->fd, piece.data, piece.len, MSG_NOSIGNAL);
	str_free(&piece);
}

static void
play_silence(struct transcript *t, const char *line)
{
	is_silent = true;
	if (strcmp(line, "DRAIN") == 0)
		skip(t, LONG_MAX);
	else if (strcmp(line, "STALL") == 0)
		poll(&(struct pollfd){ .fd = t->fd }, 1, 60000);
	else if (strncmp(line, "SLOW ", 5) == 0)
		read_slowly(t, (unsigned)atoi(line + 5));
	else if (strcmp(line, "END") == 0)
		expect_end(t);
	is_silent = false;
}

static void
play(struct transcript *t, const char *line)
{
	if (strncmp(line, "S: ", 3) == 0) {
		send_reply(t, line + 3, "\r\n");
	} else if (strncmp(line, "S* ", 3) == 0) {
		send_reply(t, line + 3, "");
	} else if (strncmp(line, "C: ", 3) == 0) {
		expect(t, line + 3);
	} else if (strcmp(line, "BODY") == 0) {
		read_body(t);
	} else if (strncmp(line, "CHUNK ", 6) == 0) {
		read_chunk(t, line + 6);
	} else if (strncmp(line, "READ ", 5) == 0) {
		skip(t, strtol(line + 5, NULL, 10));
	} else if (strcmp(line, "CLOSE") == 0) {
		shutdown(t->fd, SHUT_RDWR);
	} else {
		play_silence(t, line);
	}
}

/* If no client connects, the server reads from /dev/null, so that the first
 * expected line fails. */
static void
accept_client(struct transcript *t)
{
	t->fd = accept(t->listener_plus_1 - 1, NULL, NULL);
	if (t->fd < 0)
		t->fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	t->from_client = fdopen(t->fd, "r");
	close(t->listener_plus_1 - 1);
}

static void *
run(void *arg)
{
	struct transcript *t = arg;
	char *rest = t->text, *line;

	if (t->listener_plus_1 != 0)
		accept_client(t);
	while (t->fault.len == 0 && (line = strsep(&rest, "\n")) != NULL)
		play(t, line);
	shutdown(t->fd, SHUT_WR);
	fclose(t->from_client);
	return NULL;
}

struct transcript *
transcript_listen(const char *text, int listener)
{
	struct transcript *t = alloc_zeroed(1, sizeof(*t));

	t->text = alloc_string(text);
	t->listener_plus_1 = listener + 1;
	if (pthread_create(&t->thread, NULL, run, t) != 0)
		abort();
	return t;
}

struct transcript *
transcript_start(const char *text, struct transport *transport)
{
	struct transcript *t = alloc_zeroed(1, sizeof(*t));
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		abort();
	t->text = alloc_string(text);
	t->fd = pair[1];
	t->from_client = fdopen(pair[1], "r");
	transport_init_socket(transport, pair[0]);
	if (pthread_create(&t->thread, NULL, run, t) != 0)
		abort();
	return t;
}

bool
transcript_is_silent(void)
{
	return is_silent;
}

char *
transcript_end(struct transcript *t, struct str *body)
{
	char *fault;

	pthread_join(t->thread, NULL);
	fault = str_steal(&t->fault);
	if (body != NULL)
		*body = t->body;
	else
		str_free(&t->body);
	free(t->text);
	free(t);
	return fault;
}
