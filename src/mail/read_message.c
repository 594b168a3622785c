/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/read_message.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/process.h"
#include "mail/header.h"
#include "mail/scan.h"

/* The body */

static void
count_octets(struct message *m, const struct scan *seen)
{
	m->body_lines += seen->lines;
	m->has_8bit_body |= seen->has_8bit;
}

/*
 * A line that is too long is found without looking at the others: from a
 * line start, the last LF that a line of allowed length could still reach
 * begins the next look.
 */
static void
check_line_lengths(struct message_reader *in, const char *data, size_t len)
{
	const char *end = data + len, *line = data, *lf;
	size_t before = in->body_line;

	if (in->message->has_long_lines)
		return;
	while ((size_t)(end - line) + before > MESSAGE_LINE_MAX) {
		lf = memrchr(line, '\n', MESSAGE_LINE_MAX - before + 1);
		if (lf == NULL) {
			in->message->has_long_lines = true;
			return;
		}
		line = lf + 1;
		before = 0;
	}
	lf = memrchr(line, '\n', (size_t)(end - line));
	in->body_line =
	    lf == NULL ? before + (size_t)(end - line) : (size_t)(end - lf - 1);
}

/* A bare CR is a line end. */
static void
end_lines(char *data, size_t len)
{
	for (const char *end = data + len;
	     (data = memchr(data, '\r', (size_t)(end - data))) != NULL;)
		*data = '\n';
}

/* What stands in the octets may be known already, or NULL. */
static bool
add_body(struct message_reader *in, char *data, size_t len,
    const struct scan *known, struct error *err)
{
	struct scan seen = { 0 };

	if (len == 0)
		return true;
	if (in->bare_crs)
		end_lines(data, len);
	if (in->bare_crs || known == NULL) {
		scan_octets(&seen, data, len);
		known = &seen;
	}
	count_octets(in->message, known);
	check_line_lengths(in, data, len);
	in->body_last = data[len - 1];
	return buffer_file_add(&in->message->body, data, len, err);
}

/* The header section */

/* ">From ", ">>From " are what mail programs make of "From ". */
static bool
is_mbox_line(const char *line, size_t len)
{
	while (len > 0 && *line == '>') {
		line++;
		len--;
	}
	return len >= 5 && memcmp(line, "From ", 5) == 0
	    && line[len - 1] == '\n'
	    && header_line_kind(line, len) == HEADER_OTHER;
}

static bool
belongs_to_header(const struct message_reader *in, const char *line, size_t len)
{
	switch (header_line_kind(line, len)) {
	case HEADER_FIELD:
		return true;
	case HEADER_CONTINUATION:
		return in->message->header.len > 0;
	case HEADER_OTHER:
		break;
	}
	return false;
}

static void
add_header_line(struct message *m, char *line, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (line[i] == '\r')
			line[i] = ' ';
		if ((unsigned char)line[i] > 127)
			m->has_8bit_header = true;
	}
	str_append(&m->header, line, len);
}

/* Judges the gathered line, which is complete or too long to wait for. */
static bool
take_line(struct message_reader *in, struct error *err)
{
	struct message *m = in->message;
	char *line = in->line.data;
	size_t len = in->line.len;
	bool ok = true;

	if (belongs_to_header(in, line, len)) {
		if (m->header.len + len > MESSAGE_HEADER_MAX)
			return error_set(err, ERROR_MESSAGE,
			    "the header section has more than %zu octets",
			    MESSAGE_HEADER_MAX);
		add_header_line(m, line, len);
	} else if (m->header.len > 0 || !is_mbox_line(line, len)) {
		in->in_body = true;
		if (len > 1 || line[0] != '\n')
			ok = add_body(in, line, len, NULL, err);
	}
	str_truncate(&in->line, 0);
	return ok;
}

/* A line without end: memory must have one. */
static bool
check_line_size(struct message_reader *in, struct error *err)
{
	const struct str *line = &in->line;

	if (line->len + in->message->header.len <= MESSAGE_HEADER_MAX)
		return true;
	if (line->len <= MESSAGE_HEADER_MAX
	    && !belongs_to_header(in, line->data, line->len))
		return true;
	return take_line(in, err);
}

static bool
add_header(struct message_reader *in, char *data, size_t len, struct error *err)
{
	while (len > 0 && !in->in_body) {
		char *lf = memchr(data, '\n', len);
		size_t part = lf == NULL ? len : (size_t)(lf + 1 - data);

		str_append(&in->line, data, part);
		data += part;
		len -= part;
		if (!(lf == NULL ? check_line_size(in, err)
				 : take_line(in, err)))
			return false;
	}
	return add_body(in, data, len, NULL, err);
}

static bool
add_lines(struct message_reader *in, char *data, size_t len,
    const struct scan *known, struct error *err)
{
	return in->in_body ? add_body(in, data, len, known, err)
			   : add_header(in, data, len, err);
}

/* Dots */

/* What comes behind a lone dot: the caller forgot -i if it is not blank. */
static void
count_ignored(struct message *m, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		m->ignored += data[i] != ' ' && data[i] != '\t'
		    && data[i] != '\n' && data[i] != '\r';
}

/* Judges a dot at the start of a line by what comes next. */
static bool
resolve_dot(struct message_reader *in, char next, struct error *err)
{
	char dot[] = ".";

	in->held_dot = false;
	if (next == '\n')
		in->ended = true;
	if (next == '\n' || next == '.')
		return true;
	return add_lines(in, dot, 1, NULL, err);
}

/* How many octets at once are searched for a dot that begins a line. */
#define PIECE ((size_t)4032)

/* The first dot behind an LF, or NULL. */
static char *
first_line_dot(char *data, size_t len)
{
	char *dot = data, *end = data + len;

	do
		dot = memchr(dot + 1, '.', (size_t)(end - dot - 1));
	while (dot != NULL && dot[-1] != '\n');
	return dot;
}

/* A walk through a block from dot to dot. */
struct search {
	char *at;         /* where it goes on */
	char *scanned;    /* up to here the octets are counted */
	char *end;        /* of the block */
	struct scan seen; /* what stands in them, but for dots at line starts */
};

/*
 * Counts the next octets: up to the first dot if it is far away, else of one
 * piece, and goes on behind it if no dot begins a line there.
 */
static void
scan_piece(struct search *s)
{
	size_t left = (size_t)(s->end - s->at) - 1;
	const char *dot = memchr(s->at + 1, '.', left);
	size_t none = dot == NULL ? left : (size_t)(dot - s->at) - 1;
	bool found = false;

	if (none == left || none >= PIECE) {
		s->scanned = s->at + none;
		scan_octets(&s->seen, s->at, none);
	} else {
		left = left < PIECE ? left : PIECE;
		s->scanned = s->at + left;
		found = scan_with_dots(&s->seen, s->at, left);
	}
	if (!found)
		s->at = s->scanned;
}

/*
 * The next dot behind an LF, or NULL.  Only pieces that have one are looked
 * at more closely.
 */
static char *
find_line_dot(struct search *s)
{
	while (s->end - s->at > 1) {
		char *dot = NULL;

		if (s->at >= s->scanned) {
			scan_piece(s);
			continue;
		}
		dot = first_line_dot(s->at, (size_t)(s->scanned + 1 - s->at));
		if (dot != NULL)
			return dot;
		s->at = s->scanned;
	}
	scan_octets(&s->seen, s->at, (size_t)(s->end - s->at));
	return NULL;
}

/* Judges a dot that begins a line; returns where the text goes on. */
static char *
judge_dot(struct message_reader *in, char *dot, const char *end, char **to)
{
	in->held_dot = dot + 1 == end;
	if (in->held_dot)
		return dot + 1;
	in->ended = dot[1] == '\n';
	if (in->ended)
		return dot + 2;
	if (dot[1] != '.')
		*(*to)++ = '.';
	return dot + 1;
}

/* Passes lines on up to a lone dot; un-stuffs them in place. */
static bool
unstuff_dots(struct message_reader *in, char *data, size_t len,
    struct error *err)
{
	struct search s = { data, data, data + len, { 0 } };
	char *to = data, *from = data;
	bool line_start = in->line_start && !in->held_dot;

	if (in->held_dot && !resolve_dot(in, *data, err))
		return false;
	from += in->ended ? 1 : 0;
	in->line_start = s.end[-1] == '\n';
	while (from < s.end && !in->ended) {
		char *dot =
		    line_start && *from == '.' ? from : find_line_dot(&s);
		size_t part = (size_t)((dot == NULL ? s.end : dot) - from);

		if (to != from)
			memmove(to, from, part);
		to += part;
		from = s.end;
		if (dot != NULL)
			from = s.at = judge_dot(in, dot, s.end, &to);
		line_start = false;
	}
	count_ignored(in->message, from, (size_t)(s.end - from));
	return add_lines(in, data, (size_t)(to - data),
	    in->ended ? NULL : &s.seen, err);
}

static bool
feed_lines(struct message_reader *in, char *data, size_t len, struct error *err)
{
	if (in->ended) {
		count_ignored(in->message, data, len);
		return true;
	}
	return in->dot_ends && len > 0 ? unstuff_dots(in, data, len, err)
				       : add_lines(in, data, len, NULL, err);
}

/* CRs and NULs */

/* Passes on CRs that no LF followed. */
static bool
flush_crs(struct message_reader *in, struct error *err)
{
	while (in->held_crs > 0) {
		char crs[256];
		size_t count = in->held_crs < sizeof(crs) ? (size_t)in->held_crs
							  : sizeof(crs);

		memset(crs, '\r', count);
		in->bare_crs = true;
		in->held_crs -= count;
		if (!feed_lines(in, crs, count, err))
			return false;
	}
	return true;
}

/* Drops CRs before LFs in place; those at the end are held. */
static size_t
drop_crs(struct message_reader *in, char *data, size_t len)
{
	char *end = data + len, *to = data, *from = data;

	while (from < end) {
		char *cr = memchr(from, '\r', (size_t)(end - from));
		size_t part = (size_t)((cr == NULL ? end : cr) - from), crs = 0;

		if (to != from)
			memmove(to, from, part);
		to += part;
		from += part;
		while (from + crs < end && from[crs] == '\r')
			crs++;
		from += crs;
		if (from == end) {
			in->held_crs = crs;
		} else if (*from != '\n') {
			memset(to, '\r', crs);
			in->bare_crs = true;
			to += crs;
		}
	}
	return (size_t)(to - data);
}

/* How many NULs stand at the start; a whole block of them at once. */
static size_t
count_nuls(const char *from, const char *end)
{
	size_t len = (size_t)(end - from), count = 0;

	if (len > 1 && *from == '\0' && memcmp(from, from + 1, len - 1) == 0)
		return len;
	while (count < len && from[count] == '\0')
		count++;
	return count;
}

static size_t
drop_nuls(struct message *m, char *data, size_t len)
{
	char *end = data + len, *to = memchr(data, '\0', len), *from = to;

	if (to == NULL)
		return len;
	while (from < end) {
		char *nul = memchr(from, '\0', (size_t)(end - from));
		size_t part = (size_t)((nul == NULL ? end : nul) - from);
		size_t nuls;

		memmove(to, from, part);
		to += part;
		from += part;
		nuls = count_nuls(from, end);
		m->nuls += nuls;
		from += nuls;
	}
	return (size_t)(to - data);
}

void
message_reader_begin(struct message_reader *in, struct message *m,
    bool dot_ends)
{
	*in = (struct message_reader){
		.message = m,
		.dot_ends = dot_ends,
		.line_start = true,
		.body_last = '\n',
	};
}

bool
message_reader_feed(struct message_reader *in, char *data, size_t len,
    struct error *err)
{
	size_t crs = 0;

	in->taken += len;
	if (in->taken > MESSAGE_INPUT_MAX)
		return error_set(err, ERROR_TOO_BIG,
		    "the message has more than %llu octets",
		    (unsigned long long)MESSAGE_INPUT_MAX);
	len = drop_nuls(in->message, data, len);
	while (crs < len && data[crs] == '\r')
		crs++;
	in->held_crs += crs;
	if (crs == len)
		return true;
	if (data[crs] == '\n')
		in->held_crs = 0;
	return flush_crs(in, err)
	    && feed_lines(in, data + crs, drop_crs(in, data + crs, len - crs),
		err);
}

bool
message_reader_end(struct message_reader *in, struct error *err)
{
	char lf[] = "\n";
	bool open = in->held_crs > 0 || in->held_dot || in->line.len > 0
	    || in->body_last != '\n';

	in->held_crs = 0;
	return !open || in->ended || feed_lines(in, lf, 1, err);
}

void
message_reader_free(struct message_reader *in)
{
	str_free(&in->line);
}

/* Reading from a descriptor */

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
read_all(struct message_reader *in, int fd, char *block, struct error *err)
{
	size_t got = 0;

	do {
		if (!read_block(fd, block, &got, err)
		    || !message_reader_feed(in, block, got, err))
			return false;
	} while (got > 0);
	return message_reader_end(in, err);
}

bool
message_read(struct message *m, const struct message_rules *rules,
    struct error *err)
{
	struct message_reader in;
	char *block = alloc_bytes(BLOCK_SIZE);
	bool ok;

	m->body.folder = rules->folder;
	message_reader_begin(&in, m, rules->dot_ends);
	ok = read_all(&in, rules->fd, block, err);
	message_reader_free(&in);
	free(block);
	return ok;
}
