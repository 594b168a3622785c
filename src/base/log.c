/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes lines to the socket of the system's logger (RFC 3164 section 4.1).
 *
 * syslog(3) waits for ever if the logger does not read.  By then a server may
 * have taken the message, and a caller that kills the program sends it again.
 */
#include "base/log.h"

#include <errno.h>
#include <paths.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/journal.h"
#include "base/log_socket.h"
#include "base/str.h"

/* How long lines wait for the logger until one is written, in milliseconds. */
#define PATIENCE 1000
/* What every logger takes, if a longer line does not fit into a datagram. */
#define SHORT_LINE 8000

static int facility = LOG_MAIL;
static const char *ident = "veredus";
static int64_t patience = PATIENCE;

void
log_set_facility(int new_facility)
{
	facility = new_facility;
}

int
log_facility(void)
{
	return facility;
}

void
log_set_ident(const char *new_ident)
{
	ident = new_ident;
}

/* The logger decides about the type of its socket. */
static int
connect_until(int *type, int64_t deadline)
{
	int fd = log_socket_connect(_PATH_LOG, *type, deadline);

	if (fd < 0 && errno == EPROTOTYPE) {
		*type = SOCK_STREAM;
		fd = log_socket_connect(_PATH_LOG, *type, deadline);
	}
	return fd;
}

static void
add_line(struct str *out, int priority, const char *text)
{
	time_t now = time(NULL);
	struct tm local;
	char date[32] = "";

	if (localtime_r(&now, &local) != NULL)
		strftime(date, sizeof(date), "%b %e %H:%M:%S", &local);
	str_printf(out, "<%d>%s %s[%ld]: %s", facility | priority, date, ident,
	    (long)getpid(), text);
}

/* The connection to the logger, as long as it is open. */
struct connection {
	int fd_plus_1;
	int type;
};

static bool keeps_connection;
static struct connection kept;

void
log_keep_connection(void)
{
	keeps_connection = true;
}

static void
disconnect(struct connection *c)
{
	if (c->fd_plus_1 != 0)
		close(c->fd_plus_1 - 1);
	c->fd_plus_1 = 0;
}

/* Connects if that is necessary; returns whether the line was written. */
static bool
write_line(struct connection *c, const struct str *line, int64_t deadline)
{
	if (c->fd_plus_1 == 0) {
		c->type = SOCK_DGRAM;
		c->fd_plus_1 = connect_until(&c->type, deadline) + 1;
	}
	/* In a stream, NUL ends a line. */
	return c->fd_plus_1 != 0
	    && log_socket_write(c->fd_plus_1 - 1, line->data,
		line->len + (c->type == SOCK_STREAM), SHORT_LINE, deadline);
}

/* Returns whether the line was written.  The logger may have been started again
 * since the line before, which closes the connection. */
static bool
send_line(int priority, const char *text, int64_t deadline)
{
	struct str line = { 0 };
	bool was_connected = kept.fd_plus_1 != 0;
	bool ok;

	add_line(&line, priority, text);
	ok = write_line(&kept, &line, deadline);
	if (!ok && was_connected && errno != EAGAIN) {
		disconnect(&kept);
		ok = write_line(&kept, &line, deadline);
	}
	if (!ok || !keeps_connection)
		disconnect(&kept);
	str_free(&line);
	return ok;
}

bool
log_fields(int priority, const char *text, const struct str *fields)
{
	int64_t start = clock_now();
	const int64_t deadline = clock_after(patience);
	const struct journal_entry entry = { .priority = priority,
		.facility = facility,
		.ident = ident,
		.text = text,
		.fields = fields };
	bool ok = facility != LOG_DISABLED
	    && ((fields != NULL && fields->len > 0
		    && journal_write(&entry, deadline))
		|| send_line(priority, text, deadline));

	patience = ok ? PATIENCE : patience - (clock_now() - start);
	if (patience < 0)
		patience = 0;
	return ok;
}

bool
log_line(int priority, const char *text)
{
	return log_fields(priority, text, NULL);
}

bool
log_error(int priority, const struct error *err)
{
	char *text = error_describe(err);
	bool ok = log_line(priority, text);

	free(text);
	return ok;
}

bool
log_is_reachable(void)
{
	int type = SOCK_DGRAM;
	int fd = connect_until(&type, clock_after(patience));

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}
