/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps bytes in memory, and moves them to a temporary file if they are many. */
#include "base/buffer_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"

/* Directories for the file, in order of preference; /tmp may be in memory. */
static const char *const folders[] = { "/var/tmp", "/tmp" };

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

static bool
set_write_error(const char *folder, struct error *err)
{
	return error_set(err, ERROR_SPACE, "cannot store the message in %s: %s",
	    folder, strerror(errno));
}

static bool
write_all(struct buffer_file *s, const char *data, size_t len,
    struct error *err)
{
	return file_write(s->fd_plus_1 - 1, data, len)
	    || set_write_error(s->folder, err);
}

/* Moves the bytes from memory to a new file. */
static bool
move_to_file(struct buffer_file *s, struct error *err)
{
	size_t first = s->folder != NULL ? COUNT_OF(folders) : 0;
	int fd = s->folder != NULL ? open_unlinked(s->folder) : -1;

	for (size_t i = first; fd < 0 && i < COUNT_OF(folders); i++) {
		s->folder = folders[i];
		fd = open_unlinked(s->folder);
	}
	if (fd < 0)
		return set_write_error(s->folder, err);
	s->fd_plus_1 = fd + 1;
	if (!write_all(s, s->memory.data, s->memory.len, err))
		return false;
	str_free(&s->memory);
	return true;
}

bool
buffer_file_add(struct buffer_file *s, const void *data, size_t len,
    struct error *err)
{
	if (len == 0)
		return true;
	if (s->shared)
		return error_set(err, ERROR_INTERNAL,
		    "a shared message body cannot be changed");
	if (s->fd_plus_1 == 0 && s->memory.len + len <= BUFFER_FILE_MEMORY_MAX)
		str_append(&s->memory, data, len);
	else if ((s->fd_plus_1 == 0 && !move_to_file(s, err))
	    || !write_all(s, data, len, err))
		return false;
	s->size += len;
	return true;
}

static bool
read_file(const struct buffer_file *s, uint64_t offset, char *buf, size_t len,
    struct error *err)
{
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
buffer_file_free(struct buffer_file *s)
{
	if (s->fd_plus_1 != 0 && !s->shared)
		close(s->fd_plus_1 - 1);
	if (!s->shared)
		str_free(&s->memory);
	*s = (struct buffer_file){ 0 };
}
