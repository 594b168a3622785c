/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/renameat2.h"
#include "error_says.h"
#include "queue/create.h"
#include "queue/file.h"
#include "queue_folder.h"
#include "queue_sample.h"

static int fsync_calls;
static int fsync_fails_at; /* the number of the call, from 1; 0: none */
static int folder_syncs;   /* calls for the new folders */

/* Takes the place of libc's function. */
int
fsync(int fd)
{
	(void)fd;
	if (++fsync_calls != fsync_fails_at)
		return 0;
	errno = EIO;
	return -1;
}

/* Takes the place of libc's function, as on a file system that does not know
 * the flag. */
static bool knows_flags;

int
renameat2(int oldfd, const char *old, int newfd, const char *new,
    unsigned flags)
{
	if (knows_flags)
		return (
		    int)syscall(SYS_renameat2, oldfd, old, newfd, new, flags);
	errno = EINVAL;
	return -1;
}

static int
open_queue(void **state)
{
	struct error err = { 0 };

	(void)state;
	fsync_calls = fsync_fails_at = 0;
	knows_flags = true;
	if (!queue_folder_open(&folder, queue_path, true, &err)
	    || queue_folder_place(&folder, QUEUE_TMP, &err) < 0
	    || queue_folder_place(&folder, QUEUE_ACTIVE, &err) < 0)
		return -1;
	folder_syncs = fsync_calls;
	fsync_calls = 0;
	return 0;
}

static struct message
sample_message(size_t body_size)
{
	struct message m = { .has_8bit_body = true, .body_lines = 1 };
	struct error err = { 0 };
	char *body = alloc_bytes(body_size + 1);

	memset(body, 'x', body_size);
	body[body_size] = '\n';
	str_add(&m.header, "Subject: test\nTo: x@example.com\n");
	assert_true(buffer_file_add(&m.body, body, body_size + 1, &err));
	free(body);
	return m;
}

/* Puts a message into the queue, and closes its file. */
static struct queue_id
put_message(size_t body_size)
{
	struct queue_entry entry = sample_entry();
	struct message m = sample_message(body_size);
	struct queue_file file;
	struct error err = { 0 };
	struct queue_id id;

	assert_true(queue_create(&file, &folder, &entry, &m, &err));
	id = file.entry.id;
	queue_file_close(&file);
	message_free(&m);
	return id;
}

static size_t
count_files(enum queue_place place)
{
	struct queue_list list = { 0 };
	struct error err = { 0 };
	size_t count;

	assert_true(queue_folder_list(&folder, place, &list, &err));
	count = list.count + list.foreign;
	queue_list_free(&list);
	return count;
}

static void
returns_the_message_that_was_put_in(void **state)
{
	/* In memory, at the limit, and in a temporary file. */
	static const size_t sizes[] = { 0, 100, 4000, 70000,
		BUFFER_FILE_MEMORY_MAX + 100000 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		struct queue_id id = put_message(sizes[i]);
		struct message expected = sample_message(sizes[i]);
		struct message m = { 0 };
		struct queue_file file;
		struct error err = { 0 };
		char *octets = alloc_bytes(sizes[i] + 1);
		size_t got = 0;

		assert_int_equal(queue_file_open(&file, &folder, QUEUE_ACTIVE,
				     &id, &err),
		    QUEUE_FILE_OPEN);
		assert_string_equal(file.entry.recipients[0].address,
		    "x@example.com");
		assert_true(queue_file_message(&file, &m, &err));
		assert_string_equal(m.header.data, expected.header.data);
		assert_true(m.body.size == sizes[i] + 1);
		assert_true(m.has_8bit_body);
		/* A short one is what was verified, and not read again. */
		assert_int_equal(m.body.fd_plus_1 == 0, sizes[i] <= 100);
		assert_true(buffer_file_read(&m.body, 0, octets, sizes[i] + 1,
		    &got, &err));
		assert_int_equal(got, sizes[i] + 1);
		assert_int_equal(octets[sizes[i]], '\n');
		message_free(&m);
		message_free(&expected);
		queue_file_close(&file);
		free(octets);
	}
	assert_int_equal(count_files(QUEUE_TMP), 0);
	assert_int_equal(count_files(QUEUE_ACTIVE), COUNT_OF(sizes));
}

static void
syncs_the_file_and_the_folder_once(void **state)
{
	(void)state;
	put_message(100);
	assert_int_equal(fsync_calls, 2);
}

static void
syncs_the_names_of_new_folders(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_int_equal(folder_syncs, 3);
	fsync_fails_at = 1;
	assert_true(queue_folder_place(&folder, QUEUE_HOLD, &err) < 0);
	assert_true(error_says(&err, strerror(EIO)));
	error_free(&err);
}

/* A sync that failed may have lost data that a second one does not miss. */
static void
queues_nothing_if_a_sync_fails(void **state)
{
	struct error none = { 0 };

	(void)state;
	assert_true(queue_folder_place(&folder, QUEUE_TMP, &none) >= 0);
	assert_true(queue_folder_place(&folder, QUEUE_ACTIVE, &none) >= 0);
	for (int n = 1; n <= 2; n++) {
		struct queue_entry entry = sample_entry();
		struct message m = sample_message(10);
		struct queue_file file;
		struct error err = { 0 };

		fsync_calls = 0;
		fsync_fails_at = n;
		assert_false(queue_create(&file, &folder, &entry, &m, &err));
		assert_true(error_says(&err, strerror(EIO)));
		assert_int_equal(err.kind, ERROR_FILE);
		assert_int_equal(count_files(QUEUE_TMP), 0);
		assert_int_equal(count_files(QUEUE_ACTIVE), 0);
		/* The removal from the queue is made durable, too. */
		assert_int_equal(fsync_calls, n == 1 ? 1 : 3);
		error_free(&err);
		message_free(&m);
	}
}

static void
replaces_a_message_under_its_id(void **state)
{
	struct queue_id id = put_message(70000);
	struct message m = { 0 };
	struct queue_entry entry = sample_entry();
	struct queue_file old, new;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(queue_file_open(&old, &folder, QUEUE_ACTIVE, &id,
			     &err),
	    QUEUE_FILE_OPEN);
	assert_true(queue_file_message(&old, &m, &err));
	alloc_replace(&entry.account, "work");
	assert_true(queue_replace(&new, &old, &entry, &m, &err));
	assert_string_equal(new.entry.id.text, id.text);
	queue_file_close(&new);
	queue_file_close(&old);
	message_free(&m);
	assert_int_equal(count_files(QUEUE_TMP), 0);
	assert_int_equal(count_files(QUEUE_ACTIVE), 1);
	assert_int_equal(queue_file_open(&new, &folder, QUEUE_ACTIVE, &id,
			     &err),
	    QUEUE_FILE_OPEN);
	assert_string_equal(new.entry.account, "work");
	assert_true(new.entry.text.body_size == 70001);
	queue_file_close(&new);
}

static void
keeps_the_old_message_if_the_new_one_is_not_on_the_disk(void **state)
{
	struct queue_id id = put_message(100);
	struct message m = sample_message(10);
	struct queue_entry entry = sample_entry();
	struct queue_file old, new;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(queue_file_open(&old, &folder, QUEUE_ACTIVE, &id,
			     &err),
	    QUEUE_FILE_OPEN);
	fsync_calls = 0;
	fsync_fails_at = 1;
	assert_false(queue_replace(&new, &old, &entry, &m, &err));
	assert_true(error_says(&err, strerror(EIO)));
	error_free(&err);
	queue_file_close(&old);
	message_free(&m);
	assert_int_equal(count_files(QUEUE_TMP), 0);
	assert_int_equal(queue_file_open(&old, &folder, QUEUE_ACTIVE, &id,
			     &err),
	    QUEUE_FILE_OPEN);
	assert_true(old.entry.text.body_size == 101);
	queue_file_close(&old);
}

static void
queues_nothing_with_control_characters_in_its_head(void **state)
{
	struct queue_entry entry = sample_entry();
	struct message m = sample_message(10);
	struct queue_file file;
	struct error err = { 0 };

	(void)state;
	alloc_replace(&entry.account, "a\nb");
	assert_false(queue_create(&file, &folder, &entry, &m, &err));
	assert_int_equal(count_files(QUEUE_TMP), 0);
	assert_int_equal(count_files(QUEUE_ACTIVE), 0);
	error_free(&err);
	message_free(&m);
}

static void
keeps_what_happened_in_the_journal(void **state)
{
	const struct queue_event events[] = {
		{ .type = QUEUE_EVENT_ATTEMPT, .time = 5 },
		{ .type = QUEUE_EVENT_DELIVERED, .recipient = 1, .time = 6 },
		{ .type = QUEUE_EVENT_NEXT, .next = 7000 },
	};
	struct queue_id id = put_message(100);
	struct queue_file file;
	struct error err = { 0 };
	struct stat st;

	(void)state;
	assert_int_equal(queue_file_open(&file, &folder, QUEUE_ACTIVE, &id,
			     &err),
	    QUEUE_FILE_OPEN);
	assert_true(queue_file_append(&file, events, 2, true, &err));
	assert_true(queue_file_append(&file, events + 2, 1, false, &err));
	assert_int_equal(file.entry.attempts, 1);
	queue_file_touch(&file);
	assert_int_equal(fstat(file.fd_plus_1 - 1, &st), 0);
	assert_int_equal(st.st_mtime, 7);
	queue_file_close(&file);

	assert_int_equal(queue_file_open(&file, &folder, QUEUE_ACTIVE, &id,
			     &err),
	    QUEUE_FILE_OPEN);
	assert_int_equal(file.entry.attempts, 1);
	assert_int_equal(file.entry.recipients[1].state, QUEUE_DELIVERED);
	assert_true(file.entry.next_attempt == 7000);
	queue_file_close(&file);
}

static int
open_raw(const struct queue_id *id, int flags)
{
	char *path = alloc_printf("%s/queue/%s", queue_path, id->text);
	int fd = open(path, flags, 0600);

	assert_true(fd >= 0);
	free(path);
	return fd;
}

static void
removes_an_incomplete_line_of_the_journal(void **state)
{
	const struct queue_event event = { .type = QUEUE_EVENT_ATTEMPT };
	struct queue_id id = put_message(100);
	struct queue_file file;
	struct error err = { 0 };
	int fd = open_raw(&id, O_WRONLY | O_APPEND);

	(void)state;
	assert_int_equal(write(fd, "12345678 1 att", 14), 14);
	close(fd);
	for (unsigned attempts = 0; attempts < 3; attempts++) {
		assert_int_equal(queue_file_open(&file, &folder, QUEUE_ACTIVE,
				     &id, &err),
		    QUEUE_FILE_OPEN);
		assert_int_equal(file.entry.attempts, attempts);
		assert_true(queue_file_append(&file, &event, 1, true, &err));
		queue_file_close(&file);
	}
}

/* Limits the size of files, as a disk that is full does. */
static void
limit_files(rlim_t size)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
removes_what_an_append_that_failed_has_written(void **state)
{
	const struct queue_event event = { .type = QUEUE_EVENT_ATTEMPT };
	const struct queue_event events[] = { event, event, event, event };
	struct queue_id id = put_message(100);
	struct queue_file file;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(queue_file_open(&file, &folder, QUEUE_ACTIVE, &id,
			     &err),
	    QUEUE_FILE_OPEN);
	limit_files(file.appended + 70);
	assert_false(queue_file_append(&file, events, 4, true, &err));
	error_free(&err);
	limit_files(RLIM_INFINITY);
	assert_true(queue_file_append(&file, &event, 1, true, &err));
	queue_file_close(&file);

	assert_int_equal(queue_file_open(&file, &folder, QUEUE_ACTIVE, &id,
			     &err),
	    QUEUE_FILE_OPEN);
	assert_int_equal(file.entry.attempts, 1);
	queue_file_close(&file);
}

static void
finds_every_damaged_octet(void **state)
{
	struct queue_id id = put_message(50);
	int fd = open_raw(&id, O_RDWR);
	off_t size = lseek(fd, 0, SEEK_END);

	(void)state;
	for (off_t i = 0; i < size; i++) {
		enum queue_file_state found;
		struct queue_file file;
		struct error err = { 0 };
		char octet;

		assert_int_equal(pread(fd, &octet, 1, i), 1);
		octet ^= 1;
		assert_int_equal(pwrite(fd, &octet, 1, i), 1);
		found =
		    queue_file_open(&file, &folder, QUEUE_ACTIVE, &id, &err);
		/* Another version may be that of a later program. */
		if (found != QUEUE_FILE_DAMAGED && found != QUEUE_FILE_NEWER)
			fail_msg("octet %ld: state %d", (long)i, (int)found);
		octet ^= 1;
		assert_int_equal(pwrite(fd, &octet, 1, i), 1);
		queue_file_close(&file);
		error_free(&err);
	}
	close(fd);
}

static void
finds_every_missing_end(void **state)
{
	struct queue_id id = put_message(50);
	int fd = open_raw(&id, O_RDWR);

	(void)state;
	for (off_t size = lseek(fd, 0, SEEK_END) - 1; size >= 0; size--) {
		struct queue_file file;
		struct error err = { 0 };

		assert_int_equal(ftruncate(fd, size), 0);
		assert_int_equal(queue_file_open(&file, &folder, QUEUE_ACTIVE,
				     &id, &err),
		    QUEUE_FILE_DAMAGED);
		queue_file_close(&file);
		error_free(&err);
	}
	close(fd);
}

static void
rejects_the_file_of_another_message(void **state)
{
	struct queue_id id = put_message(50);
	struct queue_id other = queue_id_make(1, 1);
	struct queue_file file;
	struct error err = { 0 };
	char *from = alloc_printf("%s/queue/%s", queue_path, id.text);
	char *to = alloc_printf("%s/queue/%s", queue_path, other.text);

	(void)state;
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(queue_file_open(&file, &folder, QUEUE_ACTIVE, &other,
			     &err),
	    QUEUE_FILE_DAMAGED);
	assert_true(error_says(&err, "another ID"));
	/* It can be moved out of the way. */
	error_free(&err);
	assert_true(queue_file_move(&file, QUEUE_FAILED_MAIL, &err));
	assert_int_equal(count_files(QUEUE_FAILED_MAIL), 1);
	assert_int_equal(count_files(QUEUE_ACTIVE), 0);
	queue_file_close(&file);
	free(from);
	free(to);
}

static void
leaves_the_file_of_a_later_version_alone(void **state)
{
	struct queue_id id = put_message(50);
	struct queue_file file;
	struct error err = { 0 };
	int fd = open_raw(&id, O_RDWR);

	(void)state;
	assert_int_equal(pwrite(fd, "2", 1, 14), 1);
	assert_int_equal(queue_file_open(&file, &folder, QUEUE_ACTIVE, &id,
			     &err),
	    QUEUE_FILE_NEWER);
	assert_int_equal(count_files(QUEUE_ACTIVE), 1);
	close(fd);
}

static void
lets_one_process_at_a_time_have_a_file(void **state)
{
	struct queue_id id = put_message(50);
	struct queue_file first;
	struct queue_file second;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(queue_file_open(&first, &folder, QUEUE_ACTIVE, &id,
			     &err),
	    QUEUE_FILE_OPEN);
	assert_int_equal(queue_file_open(&second, &folder, QUEUE_ACTIVE, &id,
			     &err),
	    QUEUE_FILE_LOCKED);
	assert_int_equal(queue_file_peek(&second, &folder, QUEUE_ACTIVE, &id,
			     &err),
	    QUEUE_FILE_OPEN);
	assert_true(queue_file_is_locked(&second));
	queue_file_close(&first);
	assert_false(queue_file_is_locked(&second));
	queue_file_close(&second);
}

static void
keeps_a_new_file_locked(void **state)
{
	struct queue_entry entry = sample_entry();
	struct message m = sample_message(10);
	struct queue_file file;
	struct queue_file other;
	struct error err = { 0 };
	struct queue_id id;

	(void)state;
	assert_true(queue_create(&file, &folder, &entry, &m, &err));
	id = file.entry.id;
	assert_int_equal(queue_file_open(&other, &folder, QUEUE_ACTIVE, &id,
			     &err),
	    QUEUE_FILE_LOCKED);
	queue_file_close(&file);
	message_free(&m);
}

static void
does_not_find_a_file_that_was_removed(void **state)
{
	struct queue_id id = put_message(50);
	struct queue_file file;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(queue_file_open(&file, &folder, QUEUE_ACTIVE, &id,
			     &err),
	    QUEUE_FILE_OPEN);
	assert_true(queue_file_remove(&file, &err));
	assert_true(queue_folder_sync(&folder, QUEUE_ACTIVE, &err));
	queue_file_close(&file);
	assert_int_equal(queue_file_open(&file, &folder, QUEUE_ACTIVE, &id,
			     &err),
	    QUEUE_FILE_GONE);
}

static void
moves_files_in_every_file_system(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct queue_file file;
		struct error err = { 0 };
		struct queue_id id;

		knows_flags = i == 0;
		id = put_message(50);
		assert_int_equal(queue_file_open(&file, &folder, QUEUE_ACTIVE,
				     &id, &err),
		    QUEUE_FILE_OPEN);
		assert_true(queue_file_move(&file, QUEUE_HOLD, &err));
		queue_file_close(&file);
		assert_int_equal(queue_file_open(&file, &folder, QUEUE_HOLD,
				     &id, &err),
		    QUEUE_FILE_OPEN);
		queue_file_close(&file);
	}
	assert_int_equal(count_files(QUEUE_TMP), 0);
	assert_int_equal(count_files(QUEUE_ACTIVE), 0);
}

/* The kinds of file that this program does not create. */
static void
leaves_foreign_files_alone(void **state)
{
	const struct queue_id id = queue_id_make(1, 1);
	int place = queue_folder_place(&folder, QUEUE_ACTIVE, NULL);

	(void)state;
	for (int kind = 0; kind < 5; kind++) {
		struct queue_file file;
		struct error err = { 0 };
		int fd = -1;

		if (kind == 0)
			assert_int_equal(mkfifoat(place, id.text, 0600), 0);
		else if (kind == 1)
			assert_int_equal(mkdirat(place, id.text, 0700), 0);
		else if (kind == 2)
			assert_int_equal(symlinkat("/dev/null", place, id.text),
			    0);
		else
			fd = openat(place, id.text, O_WRONLY | O_CREAT, 0600);
		if (kind == 3)
			assert_int_equal(fchmod(fd, 0640), 0);
		if (kind == 4)
			assert_int_equal(linkat(place, id.text, place, "second",
					     0),
			    0);
		assert_int_equal(queue_file_open(&file, &folder, QUEUE_ACTIVE,
				     &id, &err),
		    QUEUE_FILE_FOREIGN);
		assert_true(error_says(&err, id.text));
		error_free(&err);
		assert_int_equal(unlinkat(place, id.text,
				     kind == 1 ? AT_REMOVEDIR : 0),
		    0);
		if (fd >= 0)
			close(fd);
	}
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_queue, close_queue_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(returns_the_message_that_was_put_in),
		TEST(syncs_the_file_and_the_folder_once),
		TEST(syncs_the_names_of_new_folders),
		TEST(queues_nothing_if_a_sync_fails),
		TEST(replaces_a_message_under_its_id),
		TEST(keeps_the_old_message_if_the_new_one_is_not_on_the_disk),
		TEST(queues_nothing_with_control_characters_in_its_head),
		TEST(keeps_what_happened_in_the_journal),
		TEST(removes_an_incomplete_line_of_the_journal),
		TEST(removes_what_an_append_that_failed_has_written),
		TEST(finds_every_damaged_octet),
		TEST(finds_every_missing_end),
		TEST(rejects_the_file_of_another_message),
		TEST(leaves_the_file_of_a_later_version_alone),
		TEST(lets_one_process_at_a_time_have_a_file),
		TEST(keeps_a_new_file_locked),
		TEST(does_not_find_a_file_that_was_removed),
		TEST(moves_files_in_every_file_system),
		TEST(leaves_foreign_files_alone),
	};

	return cmocka_run_group_tests(tests, make_queue_parent,
	    remove_queue_parent);
}
