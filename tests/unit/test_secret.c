/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/secret.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "unit.h"

/* Takes the place of munmap() in this program: counts the calls, and those for
 * memory that was not overwritten. */
static unsigned unmapped, not_wiped;

int
munmap(void *addr, size_t len)
{
	const char *octets = addr;
	bool empty = true;

	for (size_t i = 0; i < len; i++)
		empty = empty && octets[i] == 0;
	unmapped++;
	not_wiped += !empty;
	return (int)syscall(SYS_munmap, addr, len);
}

/* Takes the place of memfd_create(): fails with this error number, or 0. */
static int no_masks;

int
memfd_create(const char *name, unsigned flags)
{
	if (no_masks != 0) {
		errno = no_masks;
		return -1;
	}
	return (int)syscall(SYS_memfd_create, name, flags);
}

static void
assert_secret(const struct secret *s, const char *data, size_t len)
{
	struct secret_text text;

	assert_true(secret_is_set(s));
	assert_int_equal(s->len, len);
	secret_reveal(s, &text);
	assert_int_equal(text.len, len);
	assert_memory_equal(text.data, data, len);
	assert_int_equal(text.data[len], 0);
	secret_text_free(&text);
	assert_null(text.data);
}

static void
stores_any_octets(void **state)
{
	struct secret s = { 0 }, copy = { 0 };
	struct secret_text text;

	(void)state;
	assert_false(secret_is_set(&s));
	secret_set(&s, "a\0b", 3);
	assert_secret(&s, "a\0b", 3);
	secret_copy(&copy, &s);
	secret_set(&s, "", 0);
	assert_secret(&s, "", 0);
	assert_secret(&copy, "a\0b", 3);
	secret_free(&s);
	secret_copy(&copy, &s);
	assert_false(secret_is_set(&copy));
	secret_reveal(&copy, &text);
	assert_null(text.data);
	secret_free(&copy);
}

static void
stores_secrets_of_all_lengths(void **state)
{
	static const size_t lengths[] = { 1, 255, 256, 257, 4096, SECRET_MAX,
		SECRET_MAX + 1 };
	struct secret secrets[COUNT_OF(lengths)] = { 0 };
	char *data = malloc(SECRET_MAX + 1);

	(void)state;
	for (size_t i = 0; i <= SECRET_MAX; i++)
		data[i] = (char)(i * 7 + i / 256);
	for (size_t i = 0; i < COUNT_OF(lengths); i++)
		secret_set(&secrets[i], data, lengths[i]);
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		assert_secret(&secrets[i], data,
		    lengths[i] > SECRET_MAX ? SECRET_MAX : lengths[i]);
		secret_free(&secrets[i]);
	}
	free(data);
}

static void
masks_a_secret_at_rest(void **state)
{
	static const char data[] = "correct horse battery staple";
	struct secret s = { 0 }, other = { 0 };

	(void)state;
	secret_set(&s, data, strlen(data));
	secret_set(&other, data, strlen(data));
	assert_int_not_equal(s.masks_plus_1, 0);
	/* An octet of the mask may be 0, but not so many in a row. */
	for (size_t i = 0; i + 8 <= strlen(data); i++)
		assert_memory_not_equal(s.masked + i, data + i, 8);
	assert_memory_not_equal(s.masked, other.masked, strlen(data));
	assert_secret(&s, data, strlen(data));
	secret_free(&other);
	assert_secret(&s, data, strlen(data));
	secret_free(&s);
}

/* This is the first test, because the file is opened once. */
static void
does_without_a_mask_if_there_is_no_file_for_it(void **state)
{
	struct secret s = { 0 };

	(void)state;
	no_masks = EPERM;
	secret_set(&s, "hunter2", 7);
	no_masks = 0;
	assert_int_equal(s.masks_plus_1, 0);
	assert_secret(&s, "hunter2", 7);
	secret_free(&s);
}

static void
does_without_a_mask_if_there_is_no_room_for_it(void **state)
{
	static const char data[600] = "hunter2";
	struct rlimit before, limit;
	struct secret s = { 0 }, first = { 0 };

	(void)state;
	secret_set(&first, data, sizeof(data));
	assert_int_not_equal(first.masks_plus_1, 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = (rlim_t)first.mask_at + sizeof(data) + 300;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	secret_set(&s, data, sizeof(data));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(s.masks_plus_1, 0);
	assert_secret(&s, data, sizeof(data));
	assert_secret(&first, data, sizeof(data));
	secret_free(&s);
	secret_free(&first);
}

static bool
is_secret(const struct secret *s, const char *data)
{
	struct secret_text text;
	bool is;

	secret_reveal(s, &text);
	is = strcmp(text.data, data) == 0;
	secret_text_free(&text);
	return is;
}

static void
two_processes_do_not_change_secrets_of_each_other(void **state)
{
	struct secret inherited = { 0 }, own = { 0 };
	int ready[2], go[2], status = 0;
	char octet = 0;
	pid_t child;

	(void)state;
	secret_set(&inherited, "inherited", 9);
	assert_true(pipe(ready) == 0 && pipe(go) == 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		secret_set(&own, "of the child", 12);
		_exit(write(ready[1], "", 1) == 1 && read(go[0], &octet, 1) == 1
			    && is_secret(&inherited, "inherited")
			    && is_secret(&own, "of the child")
			? 0
			: 1);
	}
	secret_set(&own, "of the parent", 13);
	assert_int_equal(read(ready[0], &octet, 1), 1);
	assert_true(is_secret(&own, "of the parent"));
	secret_free(&own);
	secret_free(&inherited);
	secret_set(&own, "another secret", 14);
	assert_int_equal(write(go[1], "", 1), 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_secret(&own, "another secret", 14);
	secret_free(&own);
	for (int i = 0; i < 2; i++) {
		close(ready[i]);
		close(go[i]);
	}
}

static void
overwrites_memory(void **state)
{
	char text[] = "hunter2";

	(void)state;
	secret_wipe(text, sizeof(text));
	for (size_t i = 0; i < sizeof(text); i++)
		assert_int_equal(text[i], 0);
	secret_wipe(NULL, 0);
}

static void
overwrites_secrets_before_they_are_released(void **state)
{
	struct secret s = { 0 };
	struct secret_text text;

	(void)state;
	secret_set(&s, "hunter2", 7);
	secret_reveal(&s, &text);
	unmapped = not_wiped = 0;
	secret_text_free(&text);
	secret_free(&s);
	assert_int_equal(unmapped, 2);
	assert_int_equal(not_wiped, 0);
	assert_false(secret_is_set(&s));
}

enum { RELEASED = 7 }; /* blocks; malloc() of glibc gives so many first */

static void
allocate(char *blocks[RELEASED], size_t size)
{
	for (size_t i = 0; i < RELEASED; i++)
		blocks[i] = alloc_bytes(size);
}

static void
release(char *blocks[RELEASED])
{
	for (size_t i = 0; i < RELEASED; i++)
		free(blocks[i]);
}

/* The blocks that malloc() gives are those that were released, or new ones, which
 * have the text nowhere.  glibc links released blocks by pointers at their start,
 * four in a large one: any octet of an address may be that of the text. */
static void
wipes_what_a_library_has_released(void **state)
{
	static const size_t sizes[] = { 24, 40, 41, 100, 300, 1500 };
	char *blocks[RELEASED];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		size_t links = (sizes[i] < 1000 ? 2 : 4) * sizeof(char *);

		allocate(blocks, sizes[i]);
		for (size_t k = 0; k < RELEASED; k++)
			memset(blocks[k], 'x', sizes[i]);
		release(blocks);
		secret_wipe_released(20, 1500);
		allocate(blocks, sizes[i]);
		for (size_t k = 0; k < RELEASED; k++)
			assert_null(
			    memchr(blocks[k] + links, 'x', sizes[i] - links));
		release(blocks);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    does_without_a_mask_if_there_is_no_file_for_it),
		cmocka_unit_test(
		    does_without_a_mask_if_there_is_no_room_for_it),
		cmocka_unit_test(stores_any_octets),
		cmocka_unit_test(stores_secrets_of_all_lengths),
		cmocka_unit_test(masks_a_secret_at_rest),
		cmocka_unit_test(
		    two_processes_do_not_change_secrets_of_each_other),
		cmocka_unit_test(overwrites_memory),
		cmocka_unit_test(overwrites_secrets_before_they_are_released),
		cmocka_unit_test(wipes_what_a_library_has_released),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
