/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/message.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/process.h"
#include "mail/intake.h"

#define BLOCK_SIZE ((size_t)64 * 1024)

static bool
check_signal(struct error *err)
{
	if (process_signal() == 0)
		return true;
	return error_set(err, ERROR_INTERRUPTED,
	    "interrupted while reading the message: %s",
	    strsignal(process_signal()));
}

/* Some callers hand us a descriptor that does not wait. */
static void
wait_for_input(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	poll(&p, 1, -1);
}

/* Reads the next block; *got is 0 at the end. */
static bool
read_block(int fd, char *block, size_t *got, struct error *err)
{
	for (;;) {
		ssize_t n;

		if (!check_signal(err))
			return false;
		n = read(fd, block, BLOCK_SIZE);
		if (n >= 0) {
			*got = (size_t)n;
			return true;
		}
		if (errno == EAGAIN)
			wait_for_input(fd);
		else if (errno == EBADF)
			return error_set(err, ERROR_NO_INPUT,
			    "standard input is closed: there is no message");
		else if (errno != EINTR)
			return error_set(err, ERROR_INPUT,
			    "cannot read the message: %s", strerror(errno));
	}
}

static bool
read_all(struct intake *in, int fd, char *block, struct error *err)
{
	size_t got = 0;

	do {
		if (!read_block(fd, block, &got, err)
		    || !intake_feed(in, block, got, err))
			return false;
	} while (got > 0);
	return intake_end(in, err);
}

bool
message_read(struct message *m, const struct message_rules *rules,
    struct error *err)
{
	struct intake in;
	char *block = alloc_bytes(BLOCK_SIZE);
	bool ok;

	m->body.folder = rules->folder;
	intake_begin(&in, m, rules->dot_ends);
	ok = read_all(&in, rules->fd, block, err);
	intake_free(&in);
	free(block);
	return ok;
}

static size_t
count_lines(const struct str *text)
{
	const char *at = str_text(text), *end = at + text->len;
	size_t count = 0;

	while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		count++;
		at++;
	}
	return count;
}

uint64_t
message_size(const struct message *m)
{
	/* Each LF becomes two octets; so does the empty line between. */
	return m->header.len + count_lines(&m->header) + 2 + m->body.size
	    + m->body_lines;
}

bool
message_is_8bit(const struct message *m)
{
	return m->has_8bit_header || m->has_8bit_body;
}

void
message_share(struct message *copy, const struct message *m)
{
	*copy = *m;
	copy->header = (struct str){ 0 };
	str_append(&copy->header, str_text(&m->header), m->header.len);
	buffer_file_share(&copy->body, &m->body);
}

void
message_free(struct message *m)
{
	str_free(&m->header);
	buffer_file_free(&m->body);
	*m = (struct message){ 0 };
}
