/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buffer_file.h"

/* Folders without room, in which open() fails, or write() after `room` bytes. */
static struct {
	const char *folder;
	off_t room; /* -1: open() fails */
	int number;
} full[2];
static bool has_tmpfile = true; /* whether O_TMPFILE is supported */

/* These three take the place of libc's functions. */
int
open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0;
	va_end(args);
	errno = 0;
	for (size_t i = 0; i < COUNT_OF(full); i++)
		if (full[i].folder != NULL && full[i].room < 0
		    && strcmp(path, full[i].folder) == 0)
			errno = full[i].number;
	if (errno == 0 && (flags & O_TMPFILE) == O_TMPFILE && !has_tmpfile)
		errno = EOPNOTSUPP;
	return errno != 0 ? -1 : openat(AT_FDCWD, path, flags, mode);
}

int
mkostemp(char *path, int flags)
{
	static unsigned number;
	char *slash = strrchr(path, '/');
	char folder[64];

	snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	snprintf(strchr(path, 'X'), 7, "%06u",
	    ((unsigned)getpid() + number++) % 1000000);
	for (size_t i = 0; i < COUNT_OF(full); i++)
		if (full[i].folder != NULL && full[i].room < 0
		    && strcmp(folder, full[i].folder) == 0) {
			errno = full[i].number;
			return -1;
		}
	return openat(AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL | flags, 0600);
}

ssize_t
write(int fd, const void *data, size_t len)
{
	char link[64], path[256] = "";
	off_t at = lseek(fd, 0, SEEK_CUR);

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (readlink(link, path, sizeof(path) - 1) < 0)
		path[0] = '\0';
	for (size_t i = 0; i < COUNT_OF(full); i++) {
		size_t name = full[i].folder ? strlen(full[i].folder) : 0;

		if (name == 0 || full[i].room < 0 || path[name] != '/'
		    || strncmp(path, full[i].folder, name) != 0)
			continue;
		if (at >= full[i].room) {
			errno = full[i].number;
			return -1;
		}
		if (len > (size_t)(full[i].room - at))
			len = (size_t)(full[i].room - at);
	}
	return syscall(SYS_write, fd, data, len);
}

static void
make_full(size_t i, const char *folder, off_t room, int number)
{
	full[i].folder = folder;
	full[i].room = room;
	full[i].number = number;
}

static void
fill(struct buffer_file *s, size_t size)
{
	struct error err = { 0 };
	size_t step = 4099;
	char *block = alloc_bytes(step);

	for (size_t at = 0; at < size; at += step) {
		size_t len = size - at < step ? size - at : step;

		for (size_t i = 0; i < len; i++)
			block[i] = (char)((at + i) % 251);
		assert_true(buffer_file_add(s, block, len, &err));
	}
	free(block);
}

static void
check(const struct buffer_file *s, size_t size)
{
	struct error err = { 0 };
	uint64_t at = 0;
	char block[5003];
	size_t got;

	assert_int_equal(s->size, size);
	do {
		assert_true(
		    buffer_file_read(s, at, block, sizeof(block), &got, &err));
		for (size_t i = 0; i < got; i++)
			assert_int_equal((unsigned char)block[i],
			    (at + i) % 251);
		at += got;
	} while (got > 0);
	assert_int_equal(at, size);
}

static void
returns_the_bytes_that_were_added(void **state)
{
	static const size_t sizes[] = { 0, 1, BUFFER_FILE_MEMORY_MAX - 1,
		BUFFER_FILE_MEMORY_MAX, BUFFER_FILE_MEMORY_MAX + 1,
		3 * BUFFER_FILE_MEMORY_MAX };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		struct buffer_file s = { 0 };

		fill(&s, sizes[i]);
		check(&s, sizes[i]);
		assert_int_equal(s.fd_plus_1 != 0,
		    sizes[i] > BUFFER_FILE_MEMORY_MAX);
		buffer_file_free(&s);
		buffer_file_free(&s);
	}
}

static void
stores_large_messages_in_a_private_unlinked_file(void **state)
{
	struct buffer_file s = { 0 };
	struct stat info;

	(void)state;
	fill(&s, BUFFER_FILE_MEMORY_MAX + 1);
	assert_int_equal(fstat(s.fd_plus_1 - 1, &info), 0);
	assert_int_equal(info.st_nlink, 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_true((fcntl(s.fd_plus_1 - 1, F_GETFD) & FD_CLOEXEC) != 0);
	assert_null(s.memory.data);
	buffer_file_free(&s);
}

static void
accepts_one_block_larger_than_the_memory_limit(void **state)
{
	struct buffer_file s = { 0 };
	struct error err = { 0 };
	char *piece = alloc_zeroed(1, 2 * BUFFER_FILE_MEMORY_MAX);

	(void)state;
	assert_true(
	    buffer_file_add(&s, piece, 2 * BUFFER_FILE_MEMORY_MAX, &err));
	assert_int_equal(s.size, 2 * BUFFER_FILE_MEMORY_MAX);
	buffer_file_free(&s);
	free(piece);
}

static void
looks_for_room_elsewhere(void **state)
{
	static const struct {
		off_t room[2];
		int number[2];
		bool in_memory;
	} rows[] = {
		{ { 0, 9000000 }, { ENOSPC, ENOSPC }, false },
		{ { 500000, 9000000 }, { ENOSPC, ENOSPC }, false },
		{ { 2000000, 9000000 }, { EDQUOT, ENOSPC }, false },
		{ { 2000000, 1500000 }, { ENOSPC, ENOSPC }, true },
		{ { 1500000, 2500000 }, { EFBIG, EDQUOT }, true },
		{ { -1, -1 }, { EROFS, EACCES }, true },
		{ { -1, 2000000 }, { ENOENT, ENOSPC }, true },
	};
	const size_t size = 3 * BUFFER_FILE_MEMORY_MAX;

	(void)state;
	for (size_t i = 0; i < 2 * COUNT_OF(rows); i++) {
		struct buffer_file s = { 0 };
		size_t row = i / 2;

		if (i % 2 != 0) /* a folder that was chosen */
			s.folder = "/nonexistent/folder";
		make_full(0, "/var/tmp", rows[row].room[0],
		    rows[row].number[0]);
		make_full(1, "/tmp", rows[row].room[1], rows[row].number[1]);
		fill(&s, size);
		check(&s, size);
		assert_int_equal(s.fd_plus_1 == 0, rows[row].in_memory);
		buffer_file_free(&s);
	}
	make_full(0, NULL, 0, 0);
	make_full(1, NULL, 0, 0);
}

static void
works_without_o_tmpfile(void **state)
{
	struct buffer_file s = { 0 };
	struct stat info;

	(void)state;
	has_tmpfile = false;
	fill(&s, 2 * BUFFER_FILE_MEMORY_MAX);
	has_tmpfile = true;
	check(&s, 2 * BUFFER_FILE_MEMORY_MAX);
	assert_int_equal(fstat(s.fd_plus_1 - 1, &info), 0);
	assert_int_equal(info.st_nlink, 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_true((fcntl(s.fd_plus_1 - 1, F_GETFD) & FD_CLOEXEC) != 0);
	buffer_file_free(&s);
}

static void
names_the_folder_that_needs_room(void **state)
{
	struct buffer_file s = { 0 };
	struct error err = { 0 };
	size_t size = BUFFER_FILE_FALLBACK_MAX;
	char *piece = alloc_zeroed(1, size);

	(void)state;
	make_full(0, "/var/tmp", 0, ENOSPC);
	make_full(1, "/tmp", 0, EDQUOT);
	assert_true(buffer_file_add(&s, piece, size, &err));
	assert_false(buffer_file_add(&s, "x", 1, &err));
	assert_int_equal(err.kind, ERROR_SPACE);
	assert_true(err.temporary);
	assert_non_null(strstr(err.text, "/var/tmp: No space left"));
	assert_int_equal(s.size, size);
	buffer_file_free(&s);

	s.folder = "/nonexistent/folder";
	fill(&s, BUFFER_FILE_MEMORY_MAX + 1);
	assert_false(buffer_file_add(&s, piece, size, &err));
	assert_int_equal(err.kind, ERROR_FILE);
	assert_true(err.temporary);
	assert_non_null(strstr(err.text, "/nonexistent/folder: No such file"));
	error_free(&err);
	buffer_file_free(&s);
	free(piece);
	make_full(0, NULL, 0, 0);
	make_full(1, NULL, 0, 0);
}

static void
reports_a_truncated_file(void **state)
{
	struct buffer_file s = { 0 };
	struct error err = { 0 };
	char block[16];
	size_t got;

	(void)state;
	fill(&s, BUFFER_FILE_MEMORY_MAX + 100);
	assert_int_equal(ftruncate(s.fd_plus_1 - 1, 1000), 0);
	assert_true(buffer_file_read(&s, 0, block, sizeof(block), &got, &err));
	assert_false(
	    buffer_file_read(&s, 995, block, sizeof(block), &got, &err));
	assert_int_equal(err.kind, ERROR_INPUT);
	error_free(&err);
	buffer_file_free(&s);
}

static void
shares_its_bytes_with_a_read_only_buffer(void **state)
{
	static const size_t sizes[] = { 0, 100, BUFFER_FILE_MEMORY_MAX + 1 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		struct buffer_file original = { 0 }, shared = { 0 };
		struct error err = { 0 };

		fill(&original, sizes[i]);
		buffer_file_share(&shared, &original);
		check(&shared, sizes[i]);
		assert_ptr_equal(shared.memory.data, original.memory.data);
		assert_false(buffer_file_add(&shared, "x", 1, &err));
		assert_int_equal(err.kind, ERROR_INTERNAL);
		error_free(&err);
		buffer_file_free(&shared);
		check(&original, sizes[i]);
		buffer_file_free(&original);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(returns_the_bytes_that_were_added),
		cmocka_unit_test(
		    stores_large_messages_in_a_private_unlinked_file),
		cmocka_unit_test(
		    accepts_one_block_larger_than_the_memory_limit),
		cmocka_unit_test(looks_for_room_elsewhere),
		cmocka_unit_test(works_without_o_tmpfile),
		cmocka_unit_test(names_the_folder_that_needs_room),
		cmocka_unit_test(reports_a_truncated_file),
		cmocka_unit_test(shares_its_bytes_with_a_read_only_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
