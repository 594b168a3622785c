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
#include <unistd.h>

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
	assert_true(s.has_mask);
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
	assert_false(s.has_mask);
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
	assert_true(first.has_mask);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = (rlim_t)first.mask_at + sizeof(data) + 300;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	secret_set(&s, data, sizeof(data));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_false(s.has_mask);
	assert_secret(&s, data, sizeof(data));
	assert_secret(&first, data, sizeof(data));
	secret_free(&s);
	secret_free(&first);
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
		cmocka_unit_test(overwrites_memory),
		cmocka_unit_test(overwrites_secrets_before_they_are_released),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
