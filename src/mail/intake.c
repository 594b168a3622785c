/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/intake.h"

#include <string.h>

#include "base/attr.h"
#include "mail/header.h"

/* The body */

/* What compilers turn into one vector of any machine. */
#define LANES 16
/* Of so many, a counter of one octet in each lane does not overflow. */
#define BLOCK_MAX ((size_t)(LANES * 4 * 63))

static inline void
count_lanes(unsigned char *lfs, unsigned char *bits, const unsigned char *data)
{
	for (size_t i = 0; i < LANES; i++) {
		bits[i] |= data[i];
		lfs[i] = (unsigned char)(lfs[i] + (data[i] == '\n'));
	}
}

/* Counts LFs and gathers the bits of all octets, four lanes at a time. */
static size_t
count_block(const unsigned char *data, size_t len, unsigned char *bits)
{
	unsigned char lfs[LANES] = { 0 }, seen[LANES] = { 0 };
	size_t total = 0;

	for (const unsigned char *end = data + len; data < end;) {
		count_lanes(lfs, seen, data);
		count_lanes(lfs, seen, data + LANES);
		count_lanes(lfs, seen, data + LANES * 2);
		count_lanes(lfs, seen, data + LANES * 3);
		data += LANES * 4;
	}
	for (size_t i = 0; i < LANES; i++) {
		total += lfs[i];
		*bits |= seen[i];
	}
	return total;
}

static void
count_octets(struct message *m, const char *data, size_t len)
{
	const unsigned char *p = (const unsigned char *)data;
	unsigned char bits = 0;

	while (len >= LANES * 4) {
		size_t block =
		    len < BLOCK_MAX ? len - len % (LANES * 4) : BLOCK_MAX;

		m->body_lines += count_block(p, block, &bits);
		p += block;
		len -= block;
	}
	for (; len > 0; len--, p++) {
		m->body_lines += *p == '\n';
		bits |= *p;
	}
	if (bits > 127)
		m->has_8bit_body = true;
}

/*
 * A line that is too long is found without looking at the others: from a
 * line start, the last LF that a line of allowed length could still reach
 * begins the next look.
 */
static void
check_line_lengths(struct intake *in, const char *data, size_t len)
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
	for (char *end = data + len;
	     (data = memchr(data, '\r', (size_t)(end - data))) != NULL;)
		*data = '\n';
}

static bool
add_body(struct intake *in, char *data, size_t len, struct error *err)
{
	char *end = data + len;

	if (len == 0)
		return true;
	if (in->bare_crs)
		end_lines(data, len);
	count_octets(in->message, data, len);
	check_line_lengths(in, data, len);
	in->body_last = end[-1];
	return store_add(&in->message->body, data, len, err);
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
belongs_to_header(const struct intake *in, const char *line, size_t len)
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
take_line(struct intake *in, struct error *err)
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
			ok = add_body(in, line, len, err);
	}
	str_truncate(&in->line, 0);
	return ok;
}

/* A line without end: memory must have one. */
static bool
check_line_size(struct intake *in, struct error *err)
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
add_header(struct intake *in, char *data, size_t len, struct error *err)
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
	return add_body(in, data, len, err);
}

static bool
add_lines(struct intake *in, char *data, size_t len, struct error *err)
{
	return in->in_body ? add_body(in, data, len, err)
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
release_dot(struct intake *in, char next, struct error *err)
{
	char dot[] = ".";

	in->held_dot = false;
	if (next == '\n')
		in->ended = true;
	if (next == '\n' || next == '.')
		return true;
	return add_lines(in, dot, 1, err);
}

/* How many octets at once are searched for a dot that begins a line. */
#define PIECE ((size_t)1024)

/* In least a lane becomes 0 where a dot stands behind an LF. */
static inline void
find_lanes(unsigned char *least, const unsigned char *data)
{
	for (size_t i = 0; i < LANES; i++) {
		unsigned char lf = data[i] ^ '\n', dot = data[i + 1] ^ '.';
		unsigned char both = lf | dot;

		least[i] = both < least[i] ? both : least[i];
	}
}

/* Whether a dot stands behind an LF, both among these octets. */
static bool
has_line_dot(const char *data, size_t len)
{
	const unsigned char *p = (const unsigned char *)data;
	const unsigned char *last = p + len - 1;
	unsigned char least[LANES];
	bool found = false;

	memset(least, 255, sizeof(least));
	for (; last - p >= LANES * 2; p += LANES * 2) {
		find_lanes(least, p);
		find_lanes(least, p + LANES);
	}
	for (; p < last; p++)
		found |= p[0] == '\n' && p[1] == '.';
	for (size_t i = 0; i < LANES; i++)
		found |= least[i] == 0;
	return found;
}

/* Finds it; there is one. */
static char *
first_line_dot(char *data, size_t len)
{
	char *dot = data, *end = data + len;

	do
		dot = memchr(dot + 1, '.', (size_t)(end - dot - 1));
	while (dot != NULL && dot[-1] != '\n');
	return dot;
}

/* The next dot of data that begins a line, or NULL. */
static char *
find_line_dot(const struct intake *in, char *data, const char *end)
{
	if (in->line_start && *data == '.')
		return data;
	/* Only pieces that have one are looked at more closely. */
	while (end - data > 1) {
		size_t left = (size_t)(end - data);
		size_t part = left < PIECE + 1 ? left : PIECE + 1;

		if (has_line_dot(data, part))
			return first_line_dot(data, part);
		data += part - 1;
	}
	return NULL;
}

/* Passes lines on up to a lone dot; un-stuffs. */
static bool
undot(struct intake *in, char *data, size_t len, struct error *err)
{
	char *end = data + len;

	while (data < end && !in->ended) {
		char *dot;

		if (in->held_dot) {
			if (!release_dot(in, *data, err))
				return false;
			in->line_start = false;
			data += in->ended ? 1 : 0;
			continue;
		}
		dot = find_line_dot(in, data, end);
		in->held_dot = dot != NULL;
		if (dot == NULL)
			dot = end;
		if (dot > data)
			in->line_start = dot[-1] == '\n';
		if (!add_lines(in, data, (size_t)(dot - data), err))
			return false;
		data = in->held_dot ? dot + 1 : end;
	}
	count_ignored(in->message, data, (size_t)(end - data));
	return true;
}

static bool
pass_on(struct intake *in, char *data, size_t len, struct error *err)
{
	if (len == 0)
		return true;
	return in->dot_ends ? undot(in, data, len, err)
			    : add_lines(in, data, len, err);
}

/* CRs and NULs */

/* Passes on CRs that no LF followed. */
static bool
release_crs(struct intake *in, struct error *err)
{
	while (in->held_crs > 0) {
		char crs[256];
		size_t count = in->held_crs < sizeof(crs) ? (size_t)in->held_crs
							  : sizeof(crs);

		memset(crs, '\r', count);
		in->bare_crs = true;
		in->held_crs -= count;
		if (!pass_on(in, crs, count, err))
			return false;
	}
	return true;
}

/* Drops CRs before LFs in place; those at the end are held. */
static size_t
drop_crs(struct intake *in, char *data, size_t len)
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

static size_t
drop_nuls(struct message *m, char *data, size_t len)
{
	char *end = data + len, *to = memchr(data, '\0', len), *from = to;

	if (to == NULL)
		return len;
	while (from < end) {
		char *nul = memchr(from, '\0', (size_t)(end - from));
		size_t part = (size_t)((nul == NULL ? end : nul) - from);

		memmove(to, from, part);
		to += part;
		from += part;
		for (; from < end && *from == '\0'; from++)
			m->nuls++;
	}
	return (size_t)(to - data);
}

void
intake_begin(struct intake *in, struct message *m, bool dot_ends)
{
	*in = (struct intake){
		.message = m,
		.dot_ends = dot_ends,
		.line_start = true,
		.body_last = '\n',
	};
}

bool
intake_feed(struct intake *in, char *data, size_t len, struct error *err)
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
	return release_crs(in, err)
	    && pass_on(in, data + crs, drop_crs(in, data + crs, len - crs),
		err);
}

bool
intake_end(struct intake *in, struct error *err)
{
	char lf[] = "\n";
	bool open = in->held_crs > 0 || in->held_dot || in->line.len > 0
	    || in->body_last != '\n';

	in->held_crs = 0;
	return !open || in->ended || pass_on(in, lf, 1, err);
}

void
intake_free(struct intake *in)
{
	str_free(&in->line);
}
