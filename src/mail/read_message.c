/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each step of the normalization passes its result to the next one, from the
 * end of this file to its start: NULs, CRs, dots, header section, body.  Most
 * messages need none of the changes, so each step only searches for the octet
 * that it would have to change.
 */
#include "mail/read_message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/process.h"
#include "base/text.h"
#include "mail/binary_label.h"
#include "mail/header.h"
#include "mail/scan.h"

/* The body */

/*
 * Finds a long line without visiting every line: the last LF within the limit
 * after a line start begins the next step.
 */
static void
note_long_line(struct message_reader *r, const char *data, size_t len)
{
	const char *end = data + len, *line = data, *lf;
	size_t before = r->body_line;

	if (r->message->has_long_lines)
		return;
	while ((size_t)(end - line) + before > MESSAGE_LINE_MAX) {
		lf = memrchr(line, '\n', MESSAGE_LINE_MAX - before + 1);
		if (lf == NULL) {
			r->message->has_long_lines = true;
			return;
		}
		line = lf + 1;
		before = 0;
	}
	lf = memrchr(line, '\n', (size_t)(end - line));
	r->body_line =
	    lf == NULL ? before + (size_t)(end - line) : (size_t)(end - lf - 1);
}

static void
replace_bare_crs(char *data, size_t len)
{
	for (const char *end = data + len;
	     (data = memchr(data, '\r', (size_t)(end - data))) != NULL;)
		*data = '\n';
}

/* `known` is the scan of the octets, or NULL if they were not scanned. */
static bool
add_body(struct message_reader *r, char *data, size_t len,
    const struct scan *known, struct error *err)
{
	struct scan seen = { 0 };

	if (len == 0)
		return true;
	if (r->bare_crs)
		replace_bare_crs(data, len);
	if (r->bare_crs || known == NULL) {
		scan_octets(&seen, data, len);
		known = &seen;
	}
	r->message->body_lines += known->lines;
	r->message->has_8bit_body |= known->has_8bit;
	note_long_line(r, data, len);
	r->body_last = data[len - 1];
	return buffer_file_add(&r->message->body, data, len, err);
}

/* The header section */

/* Whether the first line of a message is the "From " line of an mbox, which mail
 * programs quote as ">From " and ">>From ". */
static bool
is_mbox_line(const struct message *m, const char *line, size_t len)
{
	while (len > 0 && *line == '>') {
		line++;
		len--;
	}
	return m->header.len == 0 && len >= 5 && memcmp(line, "From ", 5) == 0
	    && line[len - 1] == '\n'
	    && !header_accepts_line(&m->header, line, len);
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

/* Remembers the last field if it has addresses.  Looks at a field once, not for
 * each of its lines. */
static void
note_nul_field(struct message_reader *r)
{
	struct message *m = r->message;
	struct header_field field;
	size_t offset = r->field;
	bool noted = r->nul_noted;

	r->nul_noted = true;
	if (!noted && m->nul_field == NULL
	    && header_next(&m->header, &offset, &field))
		m->nul_field = header_address_name(&field);
}

/* Adds the line, which is complete or over the limit, to header or body. */
static bool
add_line(struct message_reader *r, struct error *err)
{
	struct message *m = r->message;
	char *line = r->line.data;
	size_t len = r->line.len;
	bool ok = true;

	if (header_accepts_line(&m->header, line, len)) {
		if (m->header.len + len > MESSAGE_HEADER_MAX)
			return error_set(err, ERROR_MESSAGE,
			    "the header section has more than %zu octets",
			    MESSAGE_HEADER_MAX);
		if (!text_is_space(line[0]) && line[0] != '\r') {
			r->field = m->header.len;
			r->nul_noted = false;
		}
		add_header_line(m, line, len);
		if (r->line_has_nul)
			note_nul_field(r);
	} else if (!is_mbox_line(m, line, len)) {
		r->in_body = true;
		if (len > 1 || line[0] != '\n')
			ok = add_body(r, line, len, NULL, err);
	}
	r->line_has_nul = false;
	str_truncate(&r->line, 0);
	return ok;
}

/*
 * Adds an incomplete line if it is too long for a header section, so that a
 * line without an end cannot use up the memory.
 */
static bool
limit_line(struct message_reader *r, struct error *err)
{
	const struct str *line = &r->line;

	if (line->len + r->message->header.len <= MESSAGE_HEADER_MAX)
		return true;
	if (line->len <= MESSAGE_HEADER_MAX
	    && !header_accepts_line(&r->message->header, line->data, line->len))
		return true;
	return add_line(r, err);
}

static bool
add_header(struct message_reader *r, char *data, size_t len, struct error *err)
{
	while (len > 0 && !r->in_body) {
		char *lf = memchr(data, '\n', len);
		size_t part = lf == NULL ? len : (size_t)(lf + 1 - data);

		str_append(&r->line, data, part);
		data += part;
		len -= part;
		if (!(lf == NULL ? limit_line(r, err) : add_line(r, err)))
			return false;
	}
	return add_body(r, data, len, NULL, err);
}

static bool
add_lines(struct message_reader *r, char *data, size_t len,
    const struct scan *known, struct error *err)
{
	return r->in_body ? add_body(r, data, len, known, err)
			  : add_header(r, data, len, err);
}

/* Dots */

/* Text after a lone dot means that the caller should have given -i. */
static void
count_ignored(struct message *m, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		m->ignored += data[i] != ' ' && data[i] != '\t'
		    && data[i] != '\n' && data[i] != '\r';
}

/* Handles the held dot: end of message, stuffed dot, or plain text. */
static bool
resolve_dot(struct message_reader *r, char next, struct error *err)
{
	char dot[] = ".";

	r->held_dot = false;
	if (next == '\n')
		r->ended = true;
	if (next == '\n' || next == '.')
		return true;
	return add_lines(r, dot, 1, NULL, err);
}

/* Octets that are searched at once for a dot at the start of a line. */
#define PIECE ((size_t)4032)

/* Returns the first dot after an LF, or NULL. */
static char *
first_line_dot(char *data, size_t len)
{
	char *dot = data, *end = data + len;

	do
		dot = memchr(dot + 1, '.', (size_t)(end - dot - 1));
	while (dot != NULL && dot[-1] != '\n');
	return dot;
}

/* A search through a block for dots at the start of lines. */
struct search {
	char *at;         /* the rest of the block */
	char *scanned;    /* the end of the octets in seen */
	char *end;        /* of the block */
	struct scan seen; /* of the block up to scanned, without such dots */
};

/*
 * Scans up to the first dot if it is far away, else one piece.  Skips these
 * octets unless a dot begins a line in them.
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

/* Returns the next dot after an LF, or NULL at the end of the block. */
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

/* Handles a dot at the start of a line; returns the text after it. */
static char *
unstuff_dot(struct message_reader *r, char *dot, const char *end, char **to)
{
	r->held_dot = dot + 1 == end;
	if (r->held_dot)
		return dot + 1;
	r->ended = dot[1] == '\n';
	if (r->ended)
		return dot + 2;
	if (dot[1] != '.')
		*(*to)++ = '.';
	return dot + 1;
}

/* Adds the lines before a lone dot, without their stuffed dots. */
static bool
unstuff_dots(struct message_reader *r, char *data, size_t len,
    struct error *err)
{
	struct search s = { data, data, data + len, { 0 } };
	char *to = data, *from = data;
	bool line_start = r->line_start && !r->held_dot;

	if (r->held_dot && !resolve_dot(r, *data, err))
		return false;
	from += r->ended ? 1 : 0;
	r->line_start = s.end[-1] == '\n';
	while (from < s.end && !r->ended) {
		char *dot =
		    line_start && *from == '.' ? from : find_line_dot(&s);
		size_t part = (size_t)((dot == NULL ? s.end : dot) - from);

		if (to != from)
			memmove(to, from, part);
		to += part;
		from = s.end;
		if (dot != NULL)
			from = s.at = unstuff_dot(r, dot, s.end, &to);
		line_start = false;
	}
	count_ignored(r->message, from, (size_t)(s.end - from));
	return add_lines(r, data, (size_t)(to - data),
	    r->ended ? NULL : &s.seen, err);
}

static bool
feed_lines(struct message_reader *r, char *data, size_t len, struct error *err)
{
	if (r->ended) {
		count_ignored(r->message, data, len);
		return true;
	}
	return r->dot_ends && len > 0 ? unstuff_dots(r, data, len, err)
				      : add_lines(r, data, len, NULL, err);
}

/* CRs and NULs */

/* Feeds the held CRs, which are bare because no LF followed. */
static bool
flush_crs(struct message_reader *r, struct error *err)
{
	while (r->held_crs > 0) {
		char crs[256];
		size_t count = r->held_crs < sizeof(crs) ? (size_t)r->held_crs
							 : sizeof(crs);

		memset(crs, '\r', count);
		r->bare_crs = true;
		r->held_crs -= count;
		if (!feed_lines(r, crs, count, err))
			return false;
	}
	return true;
}

/* Drops CRs before LFs in place and holds those at the end.  The first `clean`
 * octets have no CR. */
static size_t
drop_crs(struct message_reader *r, char *data, size_t len, size_t clean)
{
	char *end = data + len, *to = data + clean, *from = to;

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
			r->held_crs = crs;
		} else if (*from != '\n') {
			memset(to, '\r', crs);
			r->bare_crs = true;
			to += crs;
		}
	}
	return (size_t)(to - data);
}

/* Counts the NULs at the start; a block of NULs alone takes one step. */
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

/* The first `clean` octets have no NUL. */
static size_t
drop_nuls(struct message *m, char *data, size_t len, size_t clean)
{
	char *end = data + len, *to = data + clean, *from = to;

	while (from < end) {
		char *nul = memchr(from, '\0', (size_t)(end - from));
		size_t part = (size_t)((nul == NULL ? end : nul) - from);
		size_t nuls;

		if (to != from)
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
message_reader_begin(struct message_reader *r, struct message *m, bool dot_ends)
{
	*r = (struct message_reader){
		.message = m,
		.dot_ends = dot_ends,
		.line_start = true,
		.body_last = '\n',
	};
}

/* Feeds octets without NULs, of which the first `clean` have no CR. */
static bool
feed_text(struct message_reader *r, char *data, size_t len, size_t clean,
    struct error *err)
{
	size_t crs = 0;

	while (crs < len && data[crs] == '\r')
		crs++;
	r->held_crs += crs;
	if (crs == len)
		return true;
	if (data[crs] == '\n')
		r->held_crs = 0;
	return flush_crs(r, err)
	    && feed_lines(r, data + crs,
		drop_crs(r, data + crs, len - crs, clean), err);
}

/* Exact octets */

/* Searches the end of the header section that was not searched yet, and the
 * octets that follow it. */
static bool
header_has_label(struct message_reader *r, const char *data, size_t len)
{
	const struct str *header = &r->message->header, *line = &r->line;
	size_t from = r->searched_header;

	from -= from < BINARY_LABEL_LEN ? from : BINARY_LABEL_LEN;
	r->searched_header = header->len;
	return binary_label_in(str_text(header) + from, header->len - from)
	    || binary_label_in(str_text(line), line->len)
	    || binary_label_across(str_text(line), line->len, data, len);
}

/* Copies the body, which has no octets yet that its normal form lacks: what was
 * received before the label of a binary part does not matter. */
static bool
copy_body(struct message_reader *r, struct error *err)
{
	const struct buffer_file *body = &r->message->body;
	char block[4096];
	size_t got;

	for (uint64_t at = 0; at < body->size; at += got)
		if (!buffer_file_read(body, at, block, sizeof(block), &got, err)
		    || !buffer_file_add(&r->message->exact, block, got, err))
			return false;
	return true;
}

/* Adds the held CRs. */
static bool
copy_crs(struct message_reader *r, struct error *err)
{
	char crs[256];

	memset(crs, '\r', sizeof(crs));
	for (uint64_t left = r->held_crs; left > 0;) {
		size_t count = left < sizeof(crs) ? (size_t)left : sizeof(crs);

		if (!exact_body_add(&r->exact_body, crs, count, err))
			return false;
		left -= count;
	}
	return true;
}

static bool
begin_exact(struct message_reader *r, struct error *err)
{
	struct message *m = r->message;

	m->exact.folder = m->body.folder;
	r->exact_body = (struct exact_body){ .octets = &m->exact,
		.dot_ends = r->dot_ends,
		.line_start = !r->in_body || r->line_start,
		.held_dot = r->in_body && r->held_dot,
		.ended = r->ended };
	r->exact = r->in_body ? EXACT_KEPT : EXACT_BEGINS;
	return !r->in_body || (copy_body(r, err) && copy_crs(r, err));
}

/*
 * Handles octets that the normal form lacks.  Begins to keep the octets with the
 * first of these that a part which is declared as binary may contain.
 */
static bool
consider_exact(struct message_reader *r, const char *data, size_t len,
    struct error *err)
{
	bool found;

	if (r->exact != EXACT_IF_NEEDED)
		return true;
	if (header_has_label(r, data, len))
		return begin_exact(r, err);
	found = binary_label_in(data, len);
	return (found
		   || binary_label_in_body(&r->message->body, &r->searched_body,
		       data, len, &found, err))
	    && (!found || begin_exact(r, err));
}

/* The body begins after an empty line, or the octets of its first line are
 * lost. */
static void
note_body(struct message_reader *r)
{
	if (r->exact == EXACT_BEGINS && r->in_body)
		r->exact = r->message->body.size == 0 ? EXACT_KEPT : EXACT_LOST;
}

/* The length of the next piece of the header section. */
static size_t
header_piece(const struct message_reader *r, const char *data, size_t len)
{
	const char *lf;

	if (r->exact != EXACT_BEGINS)
		return len;
	lf = memchr(data, '\n', len);
	return lf == NULL ? len : (size_t)(lf + 1 - data);
}

/*
 * Feeds the octets up to the end of the header section, or all of them, one piece
 * after the other: only then is it known which line had a NUL, and where the
 * body begins.
 */
static bool
feed_header(struct message_reader *r, char **data, size_t *len,
    struct error *err)
{
	while (!r->in_body && *len > 0) {
		size_t most = header_piece(r, *data, *len);
		char *nul = memchr(*data, '\0', most);
		size_t part = nul == NULL ? most : (size_t)(nul - *data);
		size_t nuls;

		if (!feed_text(r, *data, part, 0, err))
			return false;
		nuls = nul == NULL ? 0 : count_nuls(nul, *data + *len);
		r->message->nuls += nuls;
		r->line_has_nul |= nuls > 0;
		*data += part + nuls;
		*len -= part + nuls;
		note_body(r);
	}
	return true;
}

static size_t
count_before(const char *data, size_t len, char c)
{
	const char *found = memchr(data, c, len);

	return found == NULL ? len : (size_t)(found - data);
}

static bool
feed(struct message_reader *r, char *data, size_t len, struct error *err)
{
	size_t to_nul = count_before(data, len, '\0');
	/* If NULs are dropped first, CRs are searched later. */
	size_t to_cr = to_nul < len ? 0 : count_before(data, len, '\r');

	if (to_cr < len && !consider_exact(r, data, len, err))
		return false;
	if (!r->in_body) {
		to_nul = to_cr = 0;
		if (!feed_header(r, &data, &len, err))
			return false;
	}
	if (r->exact == EXACT_KEPT
	    && !exact_body_add(&r->exact_body, data, len, err))
		return false;
	len = drop_nuls(r->message, data, len, to_nul);
	return feed_text(r, data, len, to_cr, err);
}

/* Feeds the first octets, which are all of the message or show its encoding. */
static bool
feed_start(struct message_reader *r, char *data, size_t len, struct error *err)
{
	size_t mark = text_mark_length(data, len);

	r->started = true;
	if (text_is_utf16(data, len))
		return error_set(err, ERROR_MESSAGE,
		    "the message " TEXT_UTF16_PROBLEM);
	return feed(r, data + mark, len - mark, err);
}

/* Feeds the first octets when there are enough of them. */
static bool
hold_start(struct message_reader *r, char **data, size_t *len,
    struct error *err)
{
	while (*len > 0 && r->start_len < sizeof(r->start)) {
		r->start[r->start_len++] = *(*data)++;
		--*len;
	}
	return r->start_len < sizeof(r->start)
	    || feed_start(r, r->start, r->start_len, err);
}

bool
message_reader_feed(struct message_reader *r, char *data, size_t len,
    struct error *err)
{
	r->input += len;
	if (r->input > MESSAGE_INPUT_MAX)
		return error_set(err, ERROR_TOO_BIG,
		    "the message has more than %llu octets",
		    (unsigned long long)MESSAGE_INPUT_MAX);
	if (!r->started && r->start_len == 0 && len >= sizeof(r->start))
		return feed_start(r, data, len, err);
	if (!r->started && !hold_start(r, &data, &len, err))
		return false;
	return feed(r, data, len, err);
}

/*
 * Stores whether there are exact octets.  Without any CR and NUL they are those
 * of the body, less the last line end if it was `added`.
 */
static void
finish_exact(struct message_reader *r, bool added)
{
	struct message *m = r->message;

	if (r->exact == EXACT_KEPT && r->exact_body.lost)
		r->exact = EXACT_LOST;
	if (r->exact == EXACT_IF_NEEDED
	    && binary_label_in(str_text(&m->header), m->header.len)) {
		buffer_file_share(&m->exact, &m->body);
		m->exact.size -= added ? 1 : 0;
		r->exact = EXACT_KEPT;
	}
	m->has_exact = r->exact == EXACT_KEPT;
	m->inexact = r->exact == EXACT_LOST;
}

bool
message_reader_end(struct message_reader *r, struct error *err)
{
	char lf[] = "\n";
	bool open, adds, ok;

	if (!r->started && !feed_start(r, r->start, r->start_len, err))
		return false;
	open = r->held_crs > 0 || r->held_dot || r->line.len > 0
	    || r->body_last != '\n';
	adds = r->body_last != '\n';
	r->held_crs = 0;
	ok = !open || r->ended || feed_lines(r, lf, 1, err);
	if (ok)
		finish_exact(r, adds);
	return ok;
}

void
message_reader_free(struct message_reader *r)
{
	str_free(&r->line);
	str_free(&r->exact_body.held);
}

/* Reading from a descriptor */

#define BLOCK_SIZE ((size_t)64 * 1024)

/* Reads the next block; *got is 0 at the end of the input. */
static bool
read_block(int fd, char *block, size_t *got, struct error *err)
{
	ssize_t n = process_read(fd, block, BLOCK_SIZE);

	if (n >= 0) {
		*got = (size_t)n;
		return true;
	}
	if (errno == EINTR)
		return process_fail_signal(
		    " while reading the message; nothing was sent", err);
	if (errno == EBADF)
		return error_set(err, ERROR_NO_INPUT,
		    "standard input is closed: there is no message");
	return error_set(err, ERROR_INPUT, "cannot read the message: %s",
	    strerror(errno));
}

static bool
read_all(struct message_reader *r, int fd, char *block, struct error *err)
{
	size_t got = 0;

	do {
		if (!read_block(fd, block, &got, err)
		    || !message_reader_feed(r, block, got, err))
			return false;
	} while (got > 0);
	return message_reader_end(r, err);
}

bool
message_read(struct message *m, const struct message_rules *rules,
    struct error *err)
{
	struct message_reader r;
	char *block = alloc_bytes(BLOCK_SIZE);
	bool ok;

	m->body.folder = rules->folder;
	message_reader_begin(&r, m, rules->dot_ends);
	r.exact = EXACT_IF_NEEDED;
	ok = read_all(&r, rules->fd, block, err);
	message_reader_free(&r);
	free(block);
	return ok;
}
