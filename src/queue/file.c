/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opens, verifies, changes and removes the files of queued messages; create.c
 * writes new ones.
 */
#include "queue/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/crc32c.h"
#include "base/file.h"
#include "queue/format.h"
#include "queue/head.h"

#define READ_BLOCK ((size_t)65536)
/* The head of a message with 50 000 recipients has about 5 million octets. */
#define HEAD_MAX ((size_t)64 * 1024 * 1024)
/* The octets that are read first: the head of most messages and more. */
#define FIRST_READ ((size_t)4096)
/* The octets of the result for a recipient, if the server's reply is short. */
#define RESULT_SIZE ((off_t)256)

static bool
fail(const struct queue_file *file, struct error *err, const char *what)
{
	const int errnum = errno;

	error_set(err,
	    errnum == ENOSPC || errnum == EDQUOT ? ERROR_SPACE : ERROR_FILE,
	    "cannot %s the queued message: %s", what, strerror(errnum));
	return error_subject(err, "%s/%s/%s", file->folder->path,
	    queue_place_name(file->place), file->entry.id.text);
}

static bool
damaged(struct error *err, const char *problem)
{
	return error_set(err, ERROR_MESSAGE, "the queue file is damaged: %s",
	    problem);
}

/* ---- reading ---- */

/* Reads up to len octets at that offset; less only at the end of the file. */
static bool
read_at(const struct queue_file *file, uint64_t offset, char *buf, size_t len,
    size_t *got, struct error *err)
{
	*got = 0;
	while (*got < len) {
		ssize_t n = pread(file->fd_plus_1 - 1, buf + *got, len - *got,
		    (off_t)(offset + *got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(file, err, "read");
		if (n == 0)
			break;
		*got += (size_t)n;
	}
	return true;
}

/* Appends the octets from offset to the text, up to `max` of them. */
static bool
read_text(const struct queue_file *file, uint64_t offset, size_t max,
    struct str *text, struct error *err)
{
	size_t got;

	if (!read_at(file, offset, str_reserve(text, max), max, &got, err))
		return false;
	text->len += got;
	text->data[text->len] = '\0';
	return true;
}

/* Reads the file from its start until the text has the end of the head. */
static bool
read_head(const struct queue_file *file, struct str *text, size_t *end,
    struct error *err)
{
	size_t step = FIRST_READ;

	for (;;) {
		size_t before = text->len;
		uint64_t left = file->size > before ? file->size - before : 0;
		const char *found;

		if (!read_text(file, before, left < step ? (size_t)left : step,
			text, err))
			return false;
		found = text->len == 0 ? NULL : strstr(text->data, "\n\n");
		if (found != NULL) {
			*end = (size_t)(found - text->data) + 2;
			return true;
		}
		if (text->len == before || text->len > HEAD_MAX)
			return damaged(err, "its head has no end");
		step = text->len;
	}
}

/* The states of a file whose contents are not as they should be. */
static enum queue_file_state
parse_head(struct queue_file *file, const struct str *text, size_t end,
    uint32_t *checksum, struct error *err)
{
	const struct queue_id id = file->entry.id;
	const struct queue_text *sizes = &file->entry.text;

	switch (queue_format_parse(text->data, text->len, checksum)) {
	case QUEUE_FORMAT_THIS:
		break;
	case QUEUE_FORMAT_NEWER:
		return QUEUE_FILE_NEWER;
	case QUEUE_FORMAT_NONE:
		damaged(err, "it does not begin with a version");
		return QUEUE_FILE_DAMAGED;
	}
	if (!queue_head_parse(&file->entry, text->data + QUEUE_FORMAT_LENGTH,
		end - QUEUE_FORMAT_LENGTH, err)) {
		file->entry.id = id;
		return QUEUE_FILE_DAMAGED;
	}
	if (strcmp(id.text, file->entry.id.text) != 0) {
		damaged(err, "it was written for another ID");
		file->entry.id = id;
		return QUEUE_FILE_DAMAGED;
	}
	file->message = end;
	if (sizes->header_size > file->size || sizes->body_size > file->size
	    || end + sizes->header_size + 1 + sizes->body_size > file->size) {
		damaged(err, "it is too short");
		return QUEUE_FILE_DAMAGED;
	}
	file->journal = end + sizes->header_size + 1 + sizes->body_size;
	return QUEUE_FILE_OPEN;
}

/* Verifies the checksum; the first octets of the file are in the text. */
static bool
verify(const struct queue_file *file, const struct str *text, uint32_t checksum,
    struct error *err)
{
	size_t first =
	    text->len < file->journal ? text->len : (size_t)file->journal;
	uint32_t sum = crc32c(0, text->data + QUEUE_FORMAT_LENGTH,
	    first - QUEUE_FORMAT_LENGTH);
	char *block = alloc_bytes(READ_BLOCK);
	uint64_t at = first;
	size_t got = 1;
	bool ok = true;

	while (ok && got > 0 && at < file->journal) {
		uint64_t left = file->journal - at;

		ok = read_at(file, at, block,
		    left < READ_BLOCK ? (size_t)left : READ_BLOCK, &got, err);
		sum = crc32c(sum, block, got);
		at += got;
	}
	free(block);
	return ok
	    && (sum == checksum
		|| damaged(err, "its checksum is not that of its contents"));
}

static bool
read_journal(struct queue_file *file, struct error *err)
{
	struct str text = { 0 };
	size_t used = 0;
	bool ok = file->size - file->journal <= HEAD_MAX
	    || damaged(err, "its journal is too long");

	ok = ok
	    && read_text(file, file->journal,
		(size_t)(file->size - file->journal), &text, err)
	    && queue_journal_replay(&file->entry, str_text(&text), text.len,
		&used, err);
	file->appended = file->journal + used;
	str_free(&text);
	return ok;
}

static enum queue_file_state
state_of_error(const struct error *err)
{
	return err->kind == ERROR_MESSAGE ? QUEUE_FILE_DAMAGED
					  : QUEUE_FILE_UNREADABLE;
}

static enum queue_file_state
read_all(struct queue_file *file, bool verified, struct error *err)
{
	struct str text = { 0 };
	enum queue_file_state state = QUEUE_FILE_OPEN;
	uint32_t checksum = 0;
	size_t end = 0;

	if (!read_head(file, &text, &end, err))
		state = state_of_error(err);
	if (state == QUEUE_FILE_OPEN)
		state = parse_head(file, &text, end, &checksum, err);
	if (state == QUEUE_FILE_OPEN
	    && ((verified && !verify(file, &text, checksum, err))
		|| !read_journal(file, err)))
		state = state_of_error(err);
	if (state == QUEUE_FILE_OPEN && verified && text.len >= file->journal)
		file->verified = text;
	else
		str_free(&text);
	return state;
}

/* ---- opening ---- */

bool
queue_file_is_locked(const struct queue_file *file)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(file->fd_plus_1 - 1, F_OFD_GETLK, &lock) == 0
	    && lock.l_type != F_UNLCK;
}

static enum queue_file_state
lock(const struct queue_file *file, struct error *err)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(file->fd_plus_1 - 1, F_OFD_SETLK, &whole) == 0)
		return QUEUE_FILE_OPEN;
	if (errno == EAGAIN || errno == EACCES)
		return QUEUE_FILE_LOCKED;
	fail(file, err, "lock");
	return QUEUE_FILE_UNREADABLE;
}

static enum queue_file_state
foreign(const struct queue_file *file, struct error *err, const char *problem)
{
	error_set(err, ERROR_FILE, "not a file of the queue: %s", problem);
	error_subject(err, "%s/%s/%s", file->folder->path,
	    queue_place_name(file->place), file->entry.id.text);
	return QUEUE_FILE_FOREIGN;
}

/* Only a file that this program can have written is used. */
static enum queue_file_state
check_file(struct queue_file *file, struct stat *st, struct error *err)
{
	if (fstat(file->fd_plus_1 - 1, st) != 0) {
		fail(file, err, "read");
		return QUEUE_FILE_UNREADABLE;
	}
	file->size = (uint64_t)st->st_size;
	if (st->st_nlink == 0)
		return QUEUE_FILE_GONE;
	if (!S_ISREG(st->st_mode))
		return foreign(file, err, "it must be a regular file");
	if (st->st_nlink != 1)
		return foreign(file, err,
		    "it has a second name (hard link): remove that, or make a "
		    "copy");
	if (st->st_uid != geteuid() || (st->st_mode & 077) != 0)
		return foreign(file, err,
		    "it must have the owner of the queue and mode 0600");
	return QUEUE_FILE_OPEN;
}

/* Before this process had the lock, the file may have been moved, or another one
 * may have taken its place: then a later attempt opens that one. */
static enum queue_file_state
check_name(const struct queue_file *file, int place, const struct stat *st,
    struct error *err)
{
	struct stat named;

	if (fstatat(place, file->entry.id.text, &named, AT_SYMLINK_NOFOLLOW)
	    == 0)
		return named.st_ino == st->st_ino && named.st_dev == st->st_dev
		    ? QUEUE_FILE_OPEN
		    : QUEUE_FILE_LOCKED;
	if (errno == ENOENT)
		return QUEUE_FILE_GONE;
	fail(file, err, "find");
	return QUEUE_FILE_UNREADABLE;
}

static enum queue_file_state
state_of_open_errno(const struct queue_file *file, struct error *err)
{
	const int errnum = errno;

	if (errnum == ENOENT)
		return QUEUE_FILE_GONE;
	if (errnum == ELOOP || errnum == ENXIO || errnum == EISDIR)
		return foreign(file, err, "it must be a regular file");
	fail(file, err, "open");
	return QUEUE_FILE_UNREADABLE;
}

static enum queue_file_state
open_in_place(struct queue_file *file, bool locked, struct error *err)
{
	int place = queue_folder_place(file->folder, file->place, err);
	enum queue_file_state state;
	struct stat st;
	int fd;

	if (place < 0)
		return error_is_set(err) ? QUEUE_FILE_UNREADABLE
					 : QUEUE_FILE_GONE;
	fd = openat(place, file->entry.id.text,
	    (locked ? O_RDWR : O_RDONLY) | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return state_of_open_errno(file, err);
	file->fd_plus_1 = fd + 1;
	/* First, because the holder of the lock may append to the file. */
	state = locked ? lock(file, err) : QUEUE_FILE_OPEN;
	if (state == QUEUE_FILE_OPEN)
		state = check_file(file, &st, err);
	if (state == QUEUE_FILE_OPEN && locked)
		state = check_name(file, place, &st, err);
	return state;
}

/* Removes what is behind the last whole line of the journal. */
static bool
cut_incomplete(struct queue_file *file, struct error *err)
{
	if (file->size > file->appended
	    && ftruncate(file->fd_plus_1 - 1, (off_t)file->appended) != 0)
		return fail(file, err, "shorten");
	file->size = file->appended;
	return true;
}

static enum queue_file_state
open_and_read(struct queue_file *file, bool locked, bool verified,
    struct error *err)
{
	enum queue_file_state state = open_in_place(file, locked, err);

	if (state == QUEUE_FILE_OPEN)
		state = read_all(file, verified, err);
	if (state == QUEUE_FILE_OPEN && locked && !cut_incomplete(file, err))
		state = QUEUE_FILE_UNREADABLE;
	if (state != QUEUE_FILE_OPEN && state != QUEUE_FILE_DAMAGED)
		queue_file_close(file);
	return state;
}

enum queue_file_state
queue_file_open(struct queue_file *file, struct queue_folder *folder,
    enum queue_place place, const struct queue_id *id, struct error *err)
{
	*file = (struct queue_file){ .folder = folder,
		.place = place,
		.entry.id = *id };
	return open_and_read(file, true, true, err);
}

enum queue_file_state
queue_file_peek(struct queue_file *file, struct queue_folder *folder,
    enum queue_place place, const struct queue_id *id, struct error *err)
{
	*file = (struct queue_file){ .folder = folder,
		.place = place,
		.entry.id = *id };
	return open_and_read(file, false, false, err);
}

enum queue_file_state
queue_file_verify(struct queue_file *file, struct queue_folder *folder,
    enum queue_place place, const struct queue_id *id, struct error *err)
{
	*file = (struct queue_file){ .folder = folder,
		.place = place,
		.entry.id = *id };
	return open_and_read(file, false, true, err);
}

/* Copies the message from what was read with the head. */
static bool
copy_text(const struct queue_file *file, struct message *m, struct error *err)
{
	const struct queue_text *text = &file->entry.text;
	const char *header = file->verified.data + file->message;

	str_append(&m->header, header, (size_t)text->header_size);
	return buffer_file_add(&m->body, header + text->header_size + 1,
	    (size_t)text->body_size, err);
}

static bool
view_text(const struct queue_file *file, struct message *m, struct error *err)
{
	const struct queue_text *text = &file->entry.text;

	if (!read_text(file, file->message, (size_t)text->header_size,
		&m->header, err))
		return false;
	buffer_file_view(&m->body, file->fd_plus_1 - 1,
	    file->message + text->header_size + 1, text->body_size);
	return true;
}

bool
queue_file_message(const struct queue_file *file, struct message *m,
    struct error *err)
{
	const struct queue_text *text = &file->entry.text;

	if (!(file->verified.len > 0 ? copy_text(file, m, err)
				     : view_text(file, m, err)))
		return false;
	m->body_lines = text->body_lines;
	m->has_8bit_header = text->has_8bit_header;
	m->has_8bit_body = text->has_8bit_body;
	m->has_long_lines = text->has_long_lines;
	m->broken_lines = text->broken_lines;
	return true;
}

/* ---- changing ---- */

bool
queue_file_append(struct queue_file *file, const struct queue_event *events,
    size_t count, bool durable, struct error *err)
{
	struct str lines = { 0 };
	int fd = file->fd_plus_1 - 1;
	bool ok;

	/* An append that failed may have left more octets than this writes. */
	if (!cut_incomplete(file, err))
		return false;
	for (size_t i = 0; i < count; i++)
		queue_journal_add(&lines, &events[i]);
	file->size += lines.len;
	ok = lseek(fd, (off_t)file->appended, SEEK_SET) >= 0
	    && file_write(fd, lines.data, lines.len)
	    && (!durable || fdatasync(fd) == 0);
	if (!ok)
		fail(file, err, "write to the journal of");
	else
		file->appended = file->size;
	for (size_t i = 0; ok && i < count; i++)
		queue_entry_apply(&file->entry, &events[i]);
	str_free(&lines);
	return ok;
}

bool
queue_file_reserve(const struct queue_file *file, struct error *err)
{
	off_t waiting = (off_t)queue_entry_count(&file->entry, QUEUE_WAITING);

	if (waiting < 2
	    || fallocate(file->fd_plus_1 - 1, FALLOC_FL_KEEP_SIZE,
		   (off_t)file->appended, waiting * RESULT_SIZE)
		== 0
	    || (errno != ENOSPC && errno != EDQUOT))
		return true;
	return fail(file, err, "reserve room for the journal of");
}

void
queue_file_set_time(const struct queue_file *file, int64_t when)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
		{ .tv_sec = (time_t)(when / 1000),
		    .tv_nsec = (long)(when % 1000 * 1000000) } };

	/* The journal has the time as well, so a failure does no harm. */
	(void)futimens(file->fd_plus_1 - 1, times);
}

void
queue_file_touch(const struct queue_file *file)
{
	queue_file_set_time(file, file->entry.next_attempt);
}

bool
queue_file_move(struct queue_file *file, enum queue_place place,
    struct error *err)
{
	int from = queue_folder_place(file->folder, file->place, err);
	int to = queue_folder_place(file->folder, place, err);
	const char *name = file->entry.id.text;

	if (from < 0 || to < 0)
		return false;
	if (!queue_folder_move(from, to, name))
		return fail(file, err, "move");
	file->place = place;
	return true;
}

bool
queue_file_remove(struct queue_file *file, struct error *err)
{
	int place = queue_folder_place(file->folder, file->place, err);

	if (place < 0)
		return false;
	if (unlinkat(place, file->entry.id.text, 0) != 0 && errno != ENOENT)
		return fail(file, err, "remove");
	return true;
}

void
queue_file_close(struct queue_file *file)
{
	if (file->fd_plus_1 != 0)
		close(file->fd_plus_1 - 1);
	str_free(&file->verified);
	queue_entry_free(&file->entry);
	*file = (struct queue_file){ 0 };
}
