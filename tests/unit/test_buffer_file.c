/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buffer_file.h"

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
names_the_folder_that_it_cannot_write_to(void **state)
{
	struct buffer_file s = { .folder = "/nonexistent/folder" };
	struct error err = { 0 };
	char *piece = alloc_zeroed(1, BUFFER_FILE_MEMORY_MAX + 1);

	(void)state;
	assert_false(
	    buffer_file_add(&s, piece, BUFFER_FILE_MEMORY_MAX + 1, &err));
	assert_int_equal(err.kind, ERROR_SPACE);
	assert_true(err.temporary);
	assert_non_null(strstr(err.text, "/nonexistent/folder"));
	error_free(&err);
	buffer_file_free(&s);
	free(piece);
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
		cmocka_unit_test(names_the_folder_that_it_cannot_write_to),
		cmocka_unit_test(reports_a_truncated_file),
		cmocka_unit_test(shares_its_bytes_with_a_read_only_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
