/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes the file of a new message: in tmp/, then under its name in queue/, and
 * to the disk.  A file that replaces another one is written in the same way.
 */
#include "queue/create.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/crc32c.h"
#include "base/file.h"
#include "base/random.h"
#include "queue/format.h"
#include "queue/head.h"

#define BLOCK ((size_t)65536)
/* Two messages of the same millisecond have the same ID once in 4 million. */
#define ID_ATTEMPTS 8

static bool
fail(const struct queue_file *file, int errnum, struct error *err)
{
	error_set(err,
	    errnum == ENOSPC || errnum == EDQUOT ? ERROR_SPACE : ERROR_FILE,
	    "cannot write to the queue: %s", strerror(errnum));
	return error_subject(err, "%s", file->folder->path);
}

static void
describe_message(struct queue_text *text, const struct message *m)
{
	*text = (struct queue_text){
		.header_size = m->header.len,
		.body_size = m->body.size,
		.body_lines = m->body_lines,
		.has_8bit_header = m->has_8bit_header,
		.has_8bit_body = m->has_8bit_body,
		.has_long_lines = m->has_long_lines,
		.broken_lines = m->broken_lines,
	};
}

/* Creates a file in tmp/; -1 on failure. */
static int
create_in(int tmp, const char *name)
{
	return openat(tmp, name,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

/* Locks the new file, before anybody else can find it. */
static bool
lock_new(struct queue_file *file, int fd, struct error *err)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fd < 0)
		return fail(file, errno, err);
	file->fd_plus_1 = fd + 1;
	return fcntl(fd, F_OFD_SETLK, &whole) == 0 || fail(file, errno, err);
}

/* Opens a new file in tmp/.  An ID that another message has already is
 * replaced. */
static bool
open_new(struct queue_file *file, int tmp, struct error *err)
{
	struct random random;
	int fd = -1;

	random_start(&random);
	for (int i = 0; fd < 0 && i < ID_ATTEMPTS; i++) {
		file->entry.id =
		    queue_id_make(file->entry.arrival, random_next(&random));
		fd = create_in(tmp, file->entry.id.text);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	return lock_new(file, fd, err);
}

/* Writes the body and adds it to the checksum. */
static bool
write_body(const struct queue_file *file, const struct message *m,
    uint32_t *checksum, struct error *err)
{
	char *block = alloc_bytes(BLOCK);
	size_t got = 1;
	bool ok = true;

	for (uint64_t at = 0; ok && at < m->body.size && got > 0; at += got) {
		ok = buffer_file_read(&m->body, at, block, BLOCK, &got, err);
		if (!ok)
			break;
		*checksum = crc32c(*checksum, block, got);
		ok = file_write(file->fd_plus_1 - 1, block, got)
		    || fail(file, errno, err);
	}
	free(block);
	return ok;
}

/* Writes everything in one call if the body is in memory. */
static bool
write_message(struct queue_file *file, struct str *text,
    const struct message *m, struct error *err)
{
	int fd = file->fd_plus_1 - 1;
	bool in_memory = m->body.fd_plus_1 == 0;
	uint32_t checksum;

	file->message = text->len;
	str_append(text, m->header.data, m->header.len);
	str_add_char(text, '\n');
	if (in_memory)
		str_append(text, m->body.memory.data, m->body.memory.len);
	checksum = crc32c(0, text->data + QUEUE_FORMAT_LENGTH,
	    text->len - QUEUE_FORMAT_LENGTH);
	if (in_memory)
		queue_format_write(text->data, checksum);
	if (!file_write(fd, text->data, text->len))
		return fail(file, errno, err);
	if (!in_memory) {
		char line[QUEUE_FORMAT_LENGTH];

		if (!write_body(file, m, &checksum, err))
			return false;
		queue_format_write(line, checksum);
		if (pwrite(fd, line, sizeof(line), 0) != (ssize_t)sizeof(line))
			return fail(file, errno, err);
	}
	file->journal =
	    file->message + m->header.len + 1 + file->entry.text.body_size;
	file->size = file->appended = file->journal;
	return true;
}

static bool
format_head(const struct queue_entry *entry, struct str *text,
    struct error *err)
{
	str_reserve(text, 1024);
	text->len = QUEUE_FORMAT_LENGTH;
	memset(text->data, ' ', QUEUE_FORMAT_LENGTH);
	return queue_head_write(entry, text, err);
}

/*
 * Writes the file to the disk, and then its name: after a loss of power, no file
 * in the queue is incomplete.  A call that failed is not repeated: the kernel may
 * have dropped what it could not write, and a second call would succeed.
 */
static bool
commit(struct queue_file *file, int tmp, int place, struct error *err)
{
	const char *name = file->entry.id.text;
	int errnum;

	if (fsync(file->fd_plus_1 - 1) != 0
	    || !queue_folder_move(tmp, place, name)) {
		errnum = errno;
		unlinkat(tmp, name, 0);
		return fail(file, errnum, err);
	}
	if (fsync(place) == 0)
		return true;
	errnum = errno;
	unlinkat(place, name, 0);
	fsync(place);
	return fail(file, errnum, err);
}

/* Writes the open file in tmp/, or removes it. */
static bool
write_new(struct queue_file *file, const struct message *m, int tmp,
    const char *name, struct error *err)
{
	struct str text = { 0 };
	bool ok = format_head(&file->entry, &text, err)
	    && write_message(file, &text, m, err);
	if (!ok)
		unlinkat(tmp, name, 0);
	str_free(&text);
	return ok;
}

bool
queue_create(struct queue_file *file, struct queue_folder *folder,
    struct queue_entry *entry, const struct message *m, struct error *err)
{
	int tmp = queue_folder_place(folder, QUEUE_TMP, err);
	int place =
	    tmp < 0 ? -1 : queue_folder_place(folder, QUEUE_ACTIVE, err);

	if (place < 0) {
		queue_entry_free(entry);
		return false;
	}
	*file = (struct queue_file){ .folder = folder,
		.place = QUEUE_ACTIVE,
		.entry = *entry };
	*entry = (struct queue_entry){ 0 };
	describe_message(&file->entry.text, m);
	if (open_new(file, tmp, err)
	    && write_new(file, m, tmp, file->entry.id.text, err)
	    && commit(file, tmp, place, err))
		return true;
	queue_file_close(file);
	return false;
}

/* A run that ended early may have left a file in tmp/; whoever has the lock of
 * the message is the only one who writes there under its ID. */
static bool
open_again(struct queue_file *file, int tmp, const char *name,
    struct error *err)
{
	int fd = create_in(tmp, name);

	if (fd < 0 && errno == EEXIST && unlinkat(tmp, name, 0) == 0)
		fd = create_in(tmp, name);
	return lock_new(file, fd, err);
}

/* The new file is on the disk before it takes the name of the old one, so that
 * after a crash one of both is there, and never both. */
static bool
commit_again(struct queue_file *file, int tmp, int place, struct error *err)
{
	const char *name = file->entry.id.text;
	int errnum;

	if (fsync(file->fd_plus_1 - 1) == 0
	    && renameat(tmp, name, place, name) == 0)
		return fsync(place) == 0 || fail(file, errno, err);
	errnum = errno;
	unlinkat(tmp, name, 0);
	return fail(file, errnum, err);
}

bool
queue_replace(struct queue_file *file, const struct queue_file *old,
    struct queue_entry *entry, const struct message *m, struct error *err)
{
	int tmp = queue_folder_place(old->folder, QUEUE_TMP, err);
	int place =
	    tmp < 0 ? -1 : queue_folder_place(old->folder, old->place, err);

	*file = (struct queue_file){ .folder = old->folder,
		.place = old->place,
		.entry = *entry };
	*entry = (struct queue_entry){ 0 };
	file->entry.id = old->entry.id;
	describe_message(&file->entry.text, m);
	if (place >= 0 && open_again(file, tmp, file->entry.id.text, err)
	    && write_new(file, m, tmp, file->entry.id.text, err)
	    && commit_again(file, tmp, place, err))
		return true;
	queue_file_close(file);
	return false;
}

/* ---- notices ---- */

static bool
fail_in(const struct queue_folder *folder, struct error *err)
{
	struct queue_file none = { .folder = (struct queue_folder *)folder };

	return fail(&none, errno, err);
}

static bool
sync_prepared(struct queue_file *file, int tmp, const char *name,
    struct error *err)
{
	int errnum;

	if (fsync(file->fd_plus_1 - 1) == 0 && fsync(tmp) == 0)
		return true;
	errnum = errno;
	unlinkat(tmp, name, 0);
	return fail(file, errnum, err);
}

bool
queue_prepare(struct queue_file *file, struct queue_folder *folder,
    struct queue_entry *entry, const struct message *m,
    const struct queue_id *about, struct error *err)
{
	int tmp = queue_folder_place(folder, QUEUE_TMP, err);
	struct random random;

	random_start(&random);
	*file = (struct queue_file){ .folder = folder,
		.place = QUEUE_TMP,
		.entry = *entry };
	*entry = (struct queue_entry){ 0 };
	file->entry.id =
	    queue_id_make(file->entry.arrival, random_next(&random));
	describe_message(&file->entry.text, m);
	if (tmp >= 0 && open_again(file, tmp, about->text, err)
	    && write_new(file, m, tmp, about->text, err)
	    && sync_prepared(file, tmp, about->text, err))
		return true;
	queue_file_close(file);
	return false;
}

enum prepared { PREPARED, NOT_PREPARED, PREPARED_UNKNOWN };

/* Reads so many octets, if the file has them; -1 on failure. */
static ssize_t
read_start(int fd, char *to, size_t size)
{
	size_t got = 0;
	ssize_t n = 1;

	while (got < size && n > 0) {
		n = pread(fd, to + got, size - got, (off_t)got);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			got += (size_t)n;
	}
	return n < 0 ? -1 : (ssize_t)got;
}

/* Whether the file in tmp/ has that ID in its head, which begins with it. */
static enum prepared
find_prepared(int tmp, const char *name, const struct queue_id *id)
{
	char head[QUEUE_FORMAT_LENGTH + sizeof("id ") - 1 + QUEUE_ID_LENGTH];
	const char *line = head + QUEUE_FORMAT_LENGTH;
	int fd = openat(tmp, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return errno == ENOENT ? NOT_PREPARED : PREPARED_UNKNOWN;
	got = read_start(fd, head, sizeof(head));
	close(fd);
	if (got < 0)
		return PREPARED_UNKNOWN;
	return got == (ssize_t)sizeof(head) && strncmp(line, "id ", 3) == 0
		&& strncmp(line + 3, id->text, QUEUE_ID_LENGTH) == 0
	    ? PREPARED
	    : NOT_PREPARED;
}

bool
queue_publish(struct queue_folder *folder, const struct queue_id *about,
    const struct queue_id *id, struct error *err)
{
	int tmp = queue_folder_place(folder, QUEUE_TMP, err);
	int place =
	    tmp < 0 ? -1 : queue_folder_place(folder, QUEUE_ACTIVE, err);

	if (place < 0)
		return false;
	switch (find_prepared(tmp, about->text, id)) {
	case PREPARED:
		break;
	case NOT_PREPARED:
		return true;
	case PREPARED_UNKNOWN:
		return fail_in(folder, err);
	}
	return (queue_folder_rename(tmp, about->text, place, id->text)
		   && fsync(place) == 0)
	    || fail_in(folder, err);
}
