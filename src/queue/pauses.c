/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keeps the pauses of destinations in a file, a line each:
 *
 *   line   = checksum HTAB ( pause / "released" ) LF
 *   pause  = field *( HTAB field )
 *
 * The checksum is the CRC-32C of the rest of the line.  The fields are those of
 * enum field, in its order; a missing text is empty.
 */
#include "queue/pauses.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/crc32c.h"
#include "base/str.h"
#include "base/text.h"

#define NAME "pauses"
#define FILE_MAX ((off_t)4 * 1024 * 1024)
#define RELEASED "released"
#define CHECKSUM_LENGTH 8
/* A pause is forgotten when nothing has been tried for as long as it lasted, and
 * at least for this time: no message waits for it. */
#define FORGET_AFTER ((int64_t)3600 * 1000)

enum field {
	FIELD_FAILURES,
	FIELD_BEGUN,
	FIELD_UNTIL,
	FIELD_LAST,
	FIELD_ADMINISTRATOR,
	FIELD_CODE,
	FIELD_ENHANCED,
	FIELD_ACCOUNT,
	FIELD_CONFIGURATION,
	FIELD_DOMAIN,
	FIELD_HOST,
	FIELD_REASON,
	FIELDS
};

static void
free_pause(struct queue_pause *pause)
{
	free(pause->account);
	free(pause->configuration);
	free(pause->domain);
	free(pause->host);
	free(pause->reason);
}

static void
forget_all(struct queue_pauses *p)
{
	for (size_t i = 0; i < p->count; i++)
		free_pause(&p->items[i]);
	p->count = 0;
	p->has_released = false;
}

static struct queue_pause *
add(struct queue_pauses *p)
{
	struct queue_pause *pause;

	p->items = alloc_grow(p->items, p->count, &p->size, sizeof(*p->items));
	pause = &p->items[p->count++];
	*pause = (struct queue_pause){ 0 };
	return pause;
}

static void
drop(struct queue_pauses *p, size_t i)
{
	free_pause(&p->items[i]);
	p->items[i] = p->items[--p->count];
	p->is_changed = true;
}

/* ---- reading ---- */

static char *
optional(const char *text)
{
	return *text != '\0' ? alloc_string(text) : NULL;
}

static bool
parse_number(const char *text, uint64_t max, int64_t *value)
{
	unsigned long long number;

	if (!text_number(text, 0, max, &number))
		return false;
	*value = (int64_t)number;
	return true;
}

static bool
parse_pause(char *const fields[FIELDS], struct queue_pauses *p)
{
	struct queue_pause *pause;
	struct queue_pause parsed = { 0 };
	int64_t failures, administrator, code;

	if (!parse_number(fields[FIELD_FAILURES], INT32_MAX, &failures)
	    || !parse_number(fields[FIELD_BEGUN], INT64_MAX, &parsed.begun)
	    || !parse_number(fields[FIELD_UNTIL], INT64_MAX, &parsed.until)
	    || !parse_number(fields[FIELD_LAST], INT64_MAX, &parsed.last)
	    || !parse_number(fields[FIELD_ADMINISTRATOR], 1, &administrator)
	    || !parse_number(fields[FIELD_CODE], 999, &code)
	    || *fields[FIELD_ACCOUNT] == '\0' || p->count >= QUEUE_PAUSES_MAX)
		return false;
	pause = add(p);
	*pause = parsed;
	pause->failures = (unsigned)failures;
	pause->needs_administrator = administrator != 0;
	pause->status.code = (int)code;
	smtp_status_set_enhanced(&pause->status, fields[FIELD_ENHANCED]);
	pause->account = alloc_string(fields[FIELD_ACCOUNT]);
	pause->configuration = optional(fields[FIELD_CONFIGURATION]);
	pause->domain = optional(fields[FIELD_DOMAIN]);
	pause->host = optional(fields[FIELD_HOST]);
	pause->reason = alloc_string(fields[FIELD_REASON]);
	return true;
}

/* Splits the text in place. */
static bool
parse_fields(char *text, struct queue_pauses *p)
{
	char *fields[FIELDS];
	size_t count = 0;

	if (strcmp(text, RELEASED) == 0)
		return p->has_released = true;
	while (text != NULL && count < FIELDS) {
		fields[count++] = text;
		text = strchr(text, '\t');
		if (text != NULL)
			*text++ = '\0';
	}
	return count == FIELDS && text == NULL && parse_pause(fields, p);
}

static bool
parse_line(char *line, size_t len, struct queue_pauses *p)
{
	uint32_t checksum;
	char *end;

	if (len <= CHECKSUM_LENGTH || line[CHECKSUM_LENGTH] != '\t'
	    || strlen(line) != len)
		return false;
	checksum = (uint32_t)strtoul(line, &end, 16);
	return end == line + CHECKSUM_LENGTH
	    && checksum == crc32c(0, end + 1, len - CHECKSUM_LENGTH - 1)
	    && parse_fields(end + 1, p);
}

/* A line that is damaged may have been a pause: the messages that waited for it
 * are due. */
static void
parse_lines(char *text, size_t len, struct queue_pauses *p)
{
	char *end;

	for (; len > 0; len -= (size_t)(end + 1 - text), text = end + 1) {
		end = memchr(text, '\n', len);
		if (end != NULL)
			*end = '\0';
		if (end == NULL || !parse_line(text, (size_t)(end - text), p))
			p->has_released = true;
		if (end == NULL)
			break;
	}
}

static bool
read_all(int fd, off_t size, struct str *text)
{
	char *to = str_reserve(text, (size_t)size);

	while (text->len < (size_t)size) {
		ssize_t n = pread(fd, to + text->len, (size_t)size - text->len,
		    (off_t)text->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text->len += (size_t)n;
	}
	to[text->len] = '\0';
	return true;
}

/* Replaces what is known by what the open file says. */
static void
read_file(struct queue_pauses *p, int fd)
{
	struct str text = { 0 };
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return;
	forget_all(p);
	p->seen = st;
	if (st.st_size > 0 && st.st_size <= FILE_MAX
	    && read_all(fd, st.st_size, &text))
		parse_lines(text.data, text.len, p);
	str_free(&text);
}

static bool
is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size
	    && a->st_mtim.tv_sec == b->st_mtim.tv_sec
	    && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* A file that cannot be read changes nothing, and what only this process knows
 * remains. */
void
queue_pauses_read(struct queue_pauses *p)
{
	struct stat st;
	int fd;

	if (p->folder->root_plus_1 == 0
	    || fstatat(p->folder->root_plus_1 - 1, NAME, &st,
		   AT_SYMLINK_NOFOLLOW)
		!= 0
	    || is_same_file(&st, &p->seen))
		return;
	fd = queue_folder_lock(p->folder, NAME, false);
	if (fd < 0)
		return;
	read_file(p, fd);
	close(fd);
}

static struct queue_pause *
find(const struct queue_pauses *p, const struct queue_destination *d)
{
	for (size_t i = 0; i < p->count; i++) {
		struct queue_pause *pause = &p->items[i];

		if (strcmp(pause->account, d->account) == 0
		    && text_equal(pause->configuration, d->configuration)
		    && (pause->domain == NULL || d->domain == NULL
			    ? pause->domain == d->domain
			    : text_equal_nocase(pause->domain, d->domain)))
			return pause;
	}
	return NULL;
}

const struct queue_pause *
queue_pauses_find(const struct queue_pauses *p,
    const struct queue_destination *d)
{
	return find(p, d);
}

bool
queue_pause_lasts(const struct queue_pauses *p, const struct queue_pause *pause,
    int64_t now)
{
	int64_t length = pause->until - pause->begun;

	return pause->until > now && pause->last >= p->since
	    && pause->until - now <= length + length / 5;
}

/* ---- changes ---- */

void
queue_pauses_lock(struct queue_pauses *p)
{
	int fd = p->folder->root_plus_1 == 0
	    ? -1
	    : queue_folder_lock(p->folder, NAME, true);

	p->is_changed = false;
	p->fd_plus_1 = fd + 1;
	if (fd >= 0)
		read_file(p, fd);
}

static bool
is_forgotten(const struct queue_pause *pause, int64_t now)
{
	int64_t length = pause->until - pause->begun;

	return pause->until + (length > FORGET_AFTER ? length : FORGET_AFTER)
	    < now;
}

void
queue_pauses_forget_old(struct queue_pauses *p, int64_t now)
{
	for (size_t i = p->count; i-- > 0;)
		if (is_forgotten(&p->items[i], now))
			drop(p, i);
}

/* The file has lines and fields. */
static bool
is_plain(const char *text)
{
	return text == NULL || text_is_wire_safe(text, strlen(text));
}

static struct queue_pause *
find_or_add(struct queue_pauses *p, const struct queue_destination *d)
{
	struct queue_pause *pause = find(p, d);

	if (pause != NULL || p->count >= QUEUE_PAUSES_MAX
	    || !is_plain(d->account) || !is_plain(d->configuration)
	    || !is_plain(d->domain))
		return pause;
	pause = add(p);
	pause->account = alloc_string(d->account);
	pause->configuration = alloc_string(d->configuration);
	pause->domain = alloc_string(d->domain);
	return pause;
}

void
queue_pauses_begin(struct queue_pauses *p, const struct queue_destination *d,
    const struct queue_failure *failure, const struct queue_schedule *schedule,
    int64_t now)
{
	const struct queue_pauses all = { 0 };
	struct queue_pause *pause;

	queue_pauses_forget_old(p, now);
	pause = find_or_add(p, d);
	if (pause == NULL)
		return;
	p->is_changed = true;
	pause->last = now;
	pause->needs_administrator = failure->needs_administrator;
	pause->status = failure->status;
	alloc_replace(&pause->host,
	    is_plain(failure->host) ? failure->host : NULL);
	free(pause->reason);
	pause->reason =
	    text_printable(failure->reason != NULL ? failure->reason : "");
	if (queue_pause_lasts(&all, pause, now))
		return;
	pause->failures++;
	pause->begun = now;
	pause->until = now + queue_pause_after(schedule, pause->failures);
}

/* Files may have the time of the end of this pause. */
static void
end_pause(struct queue_pauses *p, size_t i, int64_t now)
{
	p->has_released |= p->items[i].until > now;
	drop(p, i);
}

void
queue_pauses_end(struct queue_pauses *p, const struct queue_destination *d,
    int64_t now)
{
	const struct queue_pause *pause = find(p, d);

	if (pause != NULL)
		end_pause(p, (size_t)(pause - p->items), now);
}

void
queue_pauses_end_all(struct queue_pauses *p, int64_t now)
{
	while (p->count > 0)
		end_pause(p, p->count - 1, now);
}

void
queue_pauses_forget_released(struct queue_pauses *p, const struct stat *seen)
{
	if (!is_same_file(&p->seen, seen))
		return;
	p->is_changed |= p->has_released;
	p->has_released = false;
}

static void
add_line(struct str *out, const struct str *rest)
{
	str_printf(out, "%08" PRIX32 "\t%s\n", crc32c(0, rest->data, rest->len),
	    rest->data);
}

static const char *
text_of(const char *text)
{
	return text != NULL ? text : "";
}

static void
format_pause(struct str *out, const struct queue_pause *pause)
{
	struct str line = { 0 };

	str_printf(&line,
	    "%u\t%" PRId64 "\t%" PRId64 "\t%" PRId64
	    "\t%d\t%d\t%s\t%s\t%s\t%s\t%s\t%s",
	    pause->failures, pause->begun, pause->until, pause->last,
	    pause->needs_administrator, pause->status.code,
	    pause->status.enhanced, pause->account,
	    text_of(pause->configuration), text_of(pause->domain),
	    text_of(pause->host), pause->reason);
	add_line(out, &line);
	str_free(&line);
}

/* A reader waits for the lock; after a crash, the checksums tell which lines
 * are whole. */
static bool
write_file(struct queue_pauses *p, int fd)
{
	struct str text = { 0 };
	struct str released = { 0 };
	bool ok;

	if (p->has_released) {
		str_add(&released, RELEASED);
		add_line(&text, &released);
	}
	for (size_t i = 0; i < p->count; i++)
		format_pause(&text, &p->items[i]);
	ok = pwrite(fd, str_text(&text), text.len, 0) == (ssize_t)text.len
	    && ftruncate(fd, (off_t)text.len) == 0 && fstat(fd, &p->seen) == 0;
	str_free(&text);
	str_free(&released);
	return ok;
}

bool
queue_pauses_write(struct queue_pauses *p)
{
	int fd = p->fd_plus_1 - 1;
	bool ok;

	if (fd < 0)
		return !p->is_changed;
	ok = !p->is_changed || write_file(p, fd);
	close(fd);
	p->fd_plus_1 = 0;
	return ok;
}

void
queue_pauses_free(struct queue_pauses *p)
{
	forget_all(p);
	free(p->items);
	*p = (struct queue_pauses){ 0 };
}
