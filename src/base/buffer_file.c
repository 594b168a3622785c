/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keeps bytes in memory, and moves them to a temporary file if they are many.
 * If no folder has room for the file, memory must do.
 */
#include "base/buffer_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"

#define COPY_BLOCK 32768

_Static_assert(sizeof(off_t) == 8, "a message may have more than 2 GiB");

/* Directories for the file, in order of preference; /tmp may be in memory. */
static const char *const folders[] = { "/var/tmp", "/tmp" };

void
buffer_file_folders(const struct buffer_file *s, struct strv *places)
{
	if (s->folder != NULL)
		strv_add(places, s->folder);
	for (size_t i = 0; i < COUNT_OF(folders); i++)
		strv_add(places, folders[i]);
}

/* For file systems without O_TMPFILE. */
static int
open_and_unlink(const char *folder)
{
	char *path = alloc_printf("%s/veredus.XXXXXX", folder);
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd >= 0)
		unlink(path);
	free(path);
	return fd;
}

static int
open_unlinked(const char *folder)
{
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL,
	    S_IRUSR | S_IWUSR);

	return fd >= 0 ? fd : open_and_unlink(folder);
}

/* Whether another folder, or memory, may have room. */
static bool
is_lack_of_room(int errnum)
{
	return errnum == ENOSPC || errnum == EDQUOT || errnum == EROFS
	    || errnum == EFBIG;
}

static bool
set_write_error(const char *folder, int errnum, struct error *err)
{
	return error_set(err,
	    is_lack_of_room(errnum) ? ERROR_SPACE : ERROR_FILE,
	    "cannot store the message in %s: %s", folder, strerror(errnum));
}

static bool
read_file(const struct buffer_file *s, uint64_t offset, char *buf, size_t len,
    struct error *err)
{
	offset += s->start;
	while (len > 0) {
		ssize_t n = pread(s->fd_plus_1 - 1, buf, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, ERROR_INPUT,
			    "cannot read the temporary file of the message: %s",
			    strerror(errno));
		if (n == 0)
			return error_set(err, ERROR_INPUT,
			    "the temporary file of the message was truncated");
		buf += n;
		offset += (uint64_t)n;
		len -= (size_t)n;
	}
	return true;
}

/* Keeps the first reason, which names the folder that the user expects. */
static void
note_problem(struct buffer_file *s, const char *folder, int errnum)
{
	if (s->full_folder != NULL)
		return;
	s->full_folder = folder;
	s->full_errno = errnum;
}

/* Copies all bytes to another file.  On failure returns false with errno set. */
static bool
copy_to_file(const struct buffer_file *s, int fd)
{
	char block[COPY_BLOCK];
	uint64_t at = 0;
	size_t got;

	if (s->fd_plus_1 == 0)
		return file_write(fd, s->memory.data, s->memory.len);
	for (; at < s->size; at += got) {
		errno = EIO;
		if (!buffer_file_read(s, at, block, sizeof(block), &got, NULL)
		    || got == 0 || !file_write(fd, block, got))
			return false;
	}
	return true;
}

/* Moves the bytes to a new file in that folder.  On failure returns false with
 * errno set; the bytes are then where they were. */
static bool
move_to_folder(struct buffer_file *s, const char *folder)
{
	int fd = open_unlinked(folder), problem;

	if (fd < 0)
		return false;
	if (!copy_to_file(s, fd)) {
		problem = errno;
		close(fd);
		errno = problem;
		return false;
	}
	if (s->fd_plus_1 != 0)
		close(s->fd_plus_1 - 1);
	s->fd_plus_1 = fd + 1;
	s->file_folder = folder;
	str_free(&s->memory);
	return true;
}

/* Returns the next folder to try: the one that was chosen, and then the others;
 * NULL if all have been tried. */
static const char *
next_folder(struct buffer_file *s)
{
	size_t chosen = s->folder != NULL ? 1 : 0;
	size_t n = s->folders_tried;

	if (n == chosen + COUNT_OF(folders))
		return NULL;
	s->folders_tried++;
	return n < chosen ? s->folder : folders[n - chosen];
}

/* Moves the bytes to a file in the next folder.  Returns false if there is no
 * further folder. */
static bool
move_to_next_folder(struct buffer_file *s)
{
	const char *folder;

	while ((folder = next_folder(s)) != NULL) {
		if (move_to_folder(s, folder))
			return true;
		note_problem(s, folder, errno);
	}
	return false;
}

/* Moves the bytes from the file back to memory, where `len` more must fit. */
static bool
move_to_memory(struct buffer_file *s, size_t len, struct error *err)
{
	struct str memory = { 0 };
	char *to;

	s->in_memory = true;
	if (s->size + len > BUFFER_FILE_FALLBACK_MAX)
		return set_write_error(s->full_folder, s->full_errno, err);
	if (s->fd_plus_1 == 0)
		return true;
	to = str_reserve(&memory, (size_t)s->size + len);
	if (!read_file(s, 0, to, (size_t)s->size, err)) {
		str_free(&memory);
		return false;
	}
	memory.len = (size_t)s->size;
	close(s->fd_plus_1 - 1);
	s->fd_plus_1 = 0;
	s->memory = memory;
	return true;
}

/*
 * Writes to the file.  If its folder has no room, tries the next folder, and at
 * last memory.  *done is false if the bytes are then to be added to memory.
 */
static bool
add_to_file(struct buffer_file *s, const void *data, size_t len, bool *done,
    struct error *err)
{
	*done = true;
	while (s->fd_plus_1 != 0 || move_to_next_folder(s)) {
		if (file_write(s->fd_plus_1 - 1, data, len))
			return true;
		if (!is_lack_of_room(errno))
			return set_write_error(s->file_folder, errno, err);
		note_problem(s, s->file_folder, errno);
		if (!move_to_next_folder(s))
			break;
	}
	*done = false;
	return move_to_memory(s, len, err);
}

bool
buffer_file_add(struct buffer_file *s, const void *data, size_t len,
    struct error *err)
{
	size_t max =
	    s->in_memory ? BUFFER_FILE_FALLBACK_MAX : BUFFER_FILE_MEMORY_MAX;
	bool done = false;

	if (len == 0)
		return true;
	if (s->shared)
		return error_set(err, ERROR_INTERNAL,
		    "a shared message body cannot be changed");
	if (s->in_memory && s->size + len > max)
		return set_write_error(s->full_folder, s->full_errno, err);
	if ((s->fd_plus_1 != 0 || s->memory.len + len > max)
	    && !add_to_file(s, data, len, &done, err))
		return false;
	if (!done)
		str_append(&s->memory, data, len);
	s->size += len;
	return true;
}

bool
buffer_file_read(const struct buffer_file *s, uint64_t offset, void *buf,
    size_t len, size_t *got, struct error *err)
{
	uint64_t left = offset < s->size ? s->size - offset : 0;

	*got = 0;
	if (len > left)
		len = (size_t)left;
	if (s->fd_plus_1 != 0 && !read_file(s, offset, buf, len, err))
		return false;
	if (s->fd_plus_1 == 0 && len > 0)
		memcpy(buf, s->memory.data + offset, len);
	*got = len;
	return true;
}

void
buffer_file_share(struct buffer_file *s, const struct buffer_file *original)
{
	*s = *original;
	s->shared = true;
}

void
buffer_file_view(struct buffer_file *s, int fd, uint64_t start, uint64_t size)
{
	*s = (struct buffer_file){ .fd_plus_1 = fd + 1,
		.start = start,
		.size = size,
		.shared = true };
}

void
buffer_file_free(struct buffer_file *s)
{
	if (s->fd_plus_1 != 0 && !s->shared)
		close(s->fd_plus_1 - 1);
	if (!s->shared)
		str_free(&s->memory);
	*s = (struct buffer_file){ 0 };
}
