/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Stores the octets of a body, and finds those of a part again. */
#include "mail/exact.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define BLOCK_SIZE ((size_t)64 * 1024)

/* NULs and CRs after a dot. */
#define HELD_MAX ((size_t)64 * 1024)

/* Storing */

/* Handles an octet after a dot at the start of a line. */
static void
resolve_dot(struct exact_body *e, char c, struct str *out)
{
	if (c == '\0' || c == '\r') {
		e->lost |= e->held.len >= HELD_MAX;
		if (!e->lost)
			str_add_char(&e->held, c);
		return;
	}
	e->held_dot = false;
	e->line_start = false;
	e->ended = c == '\n';
	if (e->ended)
		return;
	if (c != '.' || memchr(str_text(&e->held), '\r', e->held.len) != NULL)
		str_add_char(out, '.');
	str_append(out, str_text(&e->held), e->held.len);
	str_add_char(out, c);
	str_free(&e->held);
}

/* Handles an octet at the start of a line; NULs do not count. */
static void
begin_line(struct exact_body *e, char c, struct str *out)
{
	e->held_dot = c == '.';
	if (e->held_dot)
		return;
	e->line_start = c == '\0' || c == '\n';
	str_add_char(out, c);
}

bool
exact_body_add(struct exact_body *e, const char *data, size_t len,
    struct error *err)
{
	struct str out = { 0 };
	bool ok;

	while (len > 0 && !e->ended) {
		const char *lf;
		size_t part = 1;

		if (e->dot_ends && e->held_dot) {
			resolve_dot(e, *data, &out);
		} else if (e->dot_ends && e->line_start) {
			begin_line(e, *data, &out);
		} else {
			lf = memchr(data, '\n', len);
			part = lf == NULL ? len : (size_t)(lf + 1 - data);
			str_append(&out, data, part);
			e->line_start = lf != NULL;
		}
		data += part;
		len -= part;
	}
	ok = out.len == 0 || buffer_file_add(e->octets, out.data, out.len, err);
	str_free(&out);
	return ok;
}

/* Finding */

void
exact_cursor_begin(struct exact_cursor *c, const struct buffer_file *octets)
{
	*c = (struct exact_cursor){ .octets = octets,
		.block = alloc_bytes(BLOCK_SIZE) };
}

/* Stores the octet at `at` in *octet, or sets *end. */
static bool
look(struct exact_cursor *c, uint64_t at, char *octet, bool *end,
    struct error *err)
{
	*end = at >= c->octets->size;
	if (*end)
		return true;
	if (at < c->block_at || at >= c->block_at + c->block_len) {
		c->block_at = at;
		if (!buffer_file_read(c->octets, at, c->block, BLOCK_SIZE,
			&c->block_len, err))
			return false;
	}
	*octet = c->block[at - c->block_at];
	return true;
}

/*
 * Finds the end of the NULs and CRs from the cursor on.  Stores the number of
 * CRs, and whether they are in front of an LF or the end, which drops them.
 */
static bool
look_at_run(struct exact_cursor *c, uint64_t *run_end, uint64_t *crs,
    bool *dropped, struct error *err)
{
	char octet = '\0';
	bool end = false;

	*crs = 0;
	for (*run_end = c->at;; ++*run_end) {
		if (!look(c, *run_end, &octet, &end, err))
			return false;
		if (end || (octet != '\0' && octet != '\r'))
			break;
		*crs += octet == '\r';
	}
	*dropped = end || octet == '\n';
	return true;
}

/* Skips the octets up to the CR with that number. */
static bool
skip_crs(struct exact_cursor *c, uint64_t crs, struct error *err)
{
	char octet = '\0';
	bool end = false;

	while (crs > 0 && !end) {
		if (!look(c, c->at, &octet, &end, err))
			return false;
		crs -= !end && octet == '\r';
		c->at += end ? 0 : 1;
	}
	return true;
}

bool
exact_cursor_skip(struct exact_cursor *c, uint64_t len, struct error *err)
{
	while (len > 0) {
		uint64_t run_end, crs;
		bool dropped;

		if (!look_at_run(c, &run_end, &crs, &dropped, err))
			return false;
		if (!dropped && crs >= len)
			return skip_crs(c, len, err);
		len -= dropped ? 0 : crs;
		c->at = run_end;
		if (c->at == c->octets->size)
			break;
		if (len > 0) {
			c->at++;
			len--;
		}
	}
	return true;
}

bool
exact_cursor_skip_rest(struct exact_cursor *c, bool is_crlf, struct error *err)
{
	uint64_t run_end, crs;
	bool dropped, end;
	char last = '\0', octet = '\0';

	if (!look_at_run(c, &run_end, &crs, &dropped, err))
		return false;
	if (!dropped) {
		/* The line end is the first CR. */
		while (c->at < run_end) {
			if (!look(c, c->at, &octet, &end, err))
				return false;
			if (octet == '\r')
				break;
			c->at++;
		}
		return true;
	}
	if (is_crlf && run_end > c->at && run_end < c->octets->size) {
		if (!look(c, run_end - 1, &last, &end, err))
			return false;
		run_end -= last == '\r' ? 1 : 0;
	}
	c->at = run_end;
	return true;
}

void
exact_cursor_end(struct exact_cursor *c)
{
	free(c->block);
	*c = (struct exact_cursor){ 0 };
}
