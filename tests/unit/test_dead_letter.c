/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "report/dead_letter.h"

/* The uid of a regular user. */
#define PERSON 12345

static char *folder;

static int
make_folder(void **state)
{
	(void)state;
	folder = alloc_string("/tmp/veredus-letter.XXXXXX");
	unsetenv("XDG_STATE_HOME");
	return mkdtemp(folder) == NULL || chmod(folder, 0777) != 0 ? -1 : 0;
}

static int
remove_folder(void **state)
{
	int result = rmdir(folder);

	(void)state;
	free(folder);
	return result;
}

/* Saves the message in a child process with the uid.  Returns the kind of the
 * error. */
static enum error_kind
save_as(uid_t uid, const char *path, const struct envelope *e,
    const struct message *m)
{
	const struct user user = { .uid = uid, .home = folder };
	struct error err = { 0 };
	char *saved = NULL;
	int status;
	pid_t child;

	if (getuid() != 0 && getuid() != uid)
		skip(); /* only root can change its uid */
	child = fork();
	if (child == 0) {
		if (getuid() != uid && setuid(uid) != 0)
			_exit(99);
		dead_letter_save(path, &user, e, m, &saved, &err);
		_exit((int)err.kind);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return (enum error_kind)WEXITSTATUS(status);
}

static void
write_message(struct envelope *e, struct message *m)
{
	struct error err = { 0 };
	const char *body = "From here\n>From there\n From nowhere\n";

	envelope_set_sender(e, "al@x", false);
	envelope_add(e, "bob@x", NULL);
	envelope_add(e, "carol@x", NULL);
	envelope_add(e, "dave@x", NULL);
	e->recipients[1].state = RECIPIENT_DELIVERED;
	str_add(&m->header, "Subject: test\n");
	assert_true(buffer_file_add(&m->body, body, strlen(body), &err));
}

static void
saves_the_message_of_a_regular_user(void **state)
{
	char *path = alloc_printf("%s/dead.letter", folder);
	struct file_rules rules = { .max = 65536 };
	struct envelope e = { 0 };
	struct message m = { 0 };
	struct str text = { 0 };
	struct error err = { 0 };
	struct stat info;

	(void)state;
	write_message(&e, &m);
	assert_int_equal(save_as(PERSON, path, &e, &m), ERROR_NONE);
	assert_int_equal(save_as(PERSON, path, &e, &m), ERROR_NONE);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_true(file_read(path, &rules, &text, NULL, &err));
	assert_memory_equal(text.data, "From al@x ", 10);
	assert_string_equal(strchr(strstr(text.data + 1, "\nFrom al@x "), 'X'),
	    "X-Failed-Recipients: bob@x,\n\tdave@x\nSubject: test\n\n"
	    ">From here\n>>From there\n From nowhere\n\n");
	str_free(&text);
	message_free(&m);
	envelope_free(&e);
	unlink(path);
	free(path);
}

static void
saves_for_root_and_system_users_only_in_a_path(void **state)
{
	static const uid_t uids[] = { 0, 33, 999 };
	char *path = alloc_printf("%s/path", folder);
	char *local = alloc_printf("%s/.local", folder);
	struct envelope e = { 0 };
	struct message m = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(uids); i++) {
		assert_int_equal(save_as(uids[i], "on", &e, &m),
		    ERROR_PERMISSION);
		assert_int_equal(save_as(uids[i], path, &e, &m), ERROR_NONE);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_not_equal(access(local, F_OK), 0);
	free(local);
	free(path);
}

static void
makes_the_folder_of_the_default_file(void **state)
{
	static const char *const folders[] = { ".local/state/veredus",
		".local/state", ".local" };
	char *path =
	    alloc_printf("%s/.local/state/veredus/dead.letter", folder);
	struct envelope e = { 0 };
	struct message m = { 0 };
	struct stat info;

	(void)state;
	assert_int_equal(save_as(PERSON, "on", &e, &m), ERROR_NONE);
	assert_int_equal(save_as(PERSON, "on", &e, &m), ERROR_NONE);
	assert_int_equal(unlink(path), 0);
	free(path);
	for (size_t i = 0; i < COUNT_OF(folders); i++) {
		path = alloc_printf("%s/%s", folder, folders[i]);
		assert_int_equal(stat(path, &info), 0);
		assert_int_equal(info.st_mode & 0777, 0700);
		assert_int_equal(rmdir(path), 0);
		free(path);
	}
}

/* Begins to save a letter in a child process.  Returns the process. */
static pid_t
begin_to_save(const char *path, const struct envelope *e,
    const struct message *m)
{
	const struct user user = { .uid = getuid() };
	struct error err = { 0 };
	char *saved = NULL;
	pid_t child = fork();

	if (child == 0)
		_exit(!dead_letter_save(path, &user, e, m, &saved, &err));
	return child;
}

static void
keeps_the_letters_of_many_runs(void **state)
{
	char *path = alloc_printf("%s/path", folder);
	struct file_rules rules = { .max = 65536 };
	struct envelope e = { 0 };
	struct message m = { 0 };
	struct str text = { 0 };
	pid_t children[20];
	size_t count = 0;
	int status, fd = open(path, O_WRONLY | O_CREAT, 0600);

	(void)state;
	write_message(&e, &m);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	for (size_t i = 0; i < COUNT_OF(children); i++)
		children[i] = begin_to_save(path, &e, &m);
	/* Whoever waits for the lock of a removed file uses a new one. */
	usleep(100000);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(flock(fd, LOCK_UN), 0); /* the children share it */
	close(fd);
	for (size_t i = 0; i < COUNT_OF(children); i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	assert_true(file_read(path, &rules, &text, NULL, NULL));
	for (const char *at = text.data; (at = strstr(at, "From al@x ")); at++)
		count++;
	assert_int_equal(count, COUNT_OF(children));
	str_free(&text);
	message_free(&m);
	envelope_free(&e);
	unlink(path);
	free(path);
}

/* Counts the lines at which a reader of mailboxes begins a message. */
static size_t
count_messages(const char *text)
{
	size_t count = strncmp(text, "From ", 5) == 0;

	for (; (text = strstr(text, "\nFrom ")) != NULL; text++)
		count++;
	return count;
}

static void
writes_one_message_for_each_letter(void **state)
{
	static const struct {
		const char *header, *body;
	} rows[] = {
		{ "From : x\nSubject: y\n", "z\n" },
		{ "Subject: y\nFrom \t : x\n", "z\n" },
		{ "Subject: y\nFrom\t: x\n", "z\n" },
		{ "Subject: y\n From x\nFrom: x\n", "From a\nFrom b\n" },
		{ "Subject: y\n", "no line end" },
		{ "", "From x" },
		{ "", "" },
	};
	char *path = alloc_printf("%s/path", folder);
	struct file_rules rules = { .max = 65536 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct envelope e = { 0 };
		struct message m = { 0 };
		struct str text = { 0 };
		struct error err = { 0 };
		const char *second;

		str_add(&m.header, rows[i].header);
		assert_true(buffer_file_add(&m.body, rows[i].body,
		    strlen(rows[i].body), &err));
		assert_int_equal(save_as(getuid(), path, &e, &m), ERROR_NONE);
		assert_int_equal(save_as(getuid(), path, &e, &m), ERROR_NONE);
		assert_true(file_read(path, &rules, &text, NULL, &err));
		assert_int_equal(count_messages(text.data), 2);
		second = strstr(text.data, "\n\nFrom MAILER-DAEMON ");
		assert_non_null(second);
		if (strstr(rows[i].header, ": x") != NULL)
			assert_non_null(strstr(text.data, "\nFrom: x\n"));
		str_free(&text);
		message_free(&m);
		envelope_free(&e);
		unlink(path);
	}
	free(path);
}

static void
rejects_files_of_other_users(void **state)
{
	char *target = alloc_printf("%s/target", folder);
	char *path = alloc_printf("%s/dead.letter", folder);
	struct envelope e = { 0 };
	struct message m = { 0 };
	struct error err = { 0 };

	(void)state;
	if (getuid() != 0)
		skip(); /* only root can create files of other users */
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(save_as(PERSON, path, &e, &m), ERROR_CREATE);
	assert_int_not_equal(access(target, F_OK), 0);
	unlink(path);

	assert_int_equal(mkfifo(path, 0666), 0);
	assert_int_equal(save_as(PERSON, path, &e, &m), ERROR_CREATE);
	unlink(path);

	/* A file of root that every user may write to. */
	assert_int_equal(mknod(path, S_IFREG | 0666, 0), 0);
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(save_as(PERSON, path, &e, &m), ERROR_CREATE);
	assert_int_equal(chown(path, PERSON, PERSON), 0);
	assert_int_equal(link(path, target), 0);
	assert_int_equal(save_as(PERSON, path, &e, &m), ERROR_CREATE);
	unlink(path);
	unlink(target);
	error_free(&err);
	free(path);
	free(target);
}

static void
resolves_the_setting_to_a_file(void **state)
{
	const struct user homeless = { 0 }, al = { .home = "/home/al" };
	char *file = dead_letter_file("on", &al);

	(void)state;
	assert_string_equal(file, "/home/al/.local/state/veredus/dead.letter");
	free(file);
	file = dead_letter_file("/var/letters", &homeless);
	assert_string_equal(file, "/var/letters");
	free(file);
	assert_null(dead_letter_file("on", &homeless));
	assert_null(dead_letter_file("off", &al));
	assert_null(dead_letter_file(NULL, &al));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(saves_the_message_of_a_regular_user),
		cmocka_unit_test(
		    saves_for_root_and_system_users_only_in_a_path),
		cmocka_unit_test(makes_the_folder_of_the_default_file),
		cmocka_unit_test(keeps_the_letters_of_many_runs),
		cmocka_unit_test(writes_one_message_for_each_letter),
		cmocka_unit_test(rejects_files_of_other_users),
		cmocka_unit_test(resolves_the_setting_to_a_file),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
