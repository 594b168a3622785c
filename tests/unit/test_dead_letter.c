/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
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
	const struct user user = { .uid = uid };
	struct error err = { 0 };
	int status;
	pid_t child;

	if (getuid() != 0 && getuid() != uid)
		skip(); /* only root can change its uid */
	child = fork();
	if (child == 0) {
		if (getuid() != uid && setuid(uid) != 0)
			_exit(99);
		dead_letter_save(path, &user, e, m, &err);
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
saves_nothing_for_root_and_system_users(void **state)
{
	char *path = alloc_printf("%s/dead.letter", folder);
	struct envelope e = { 0 };
	struct message m = { 0 };

	(void)state;
	assert_int_equal(save_as(0, path, &e, &m), ERROR_PERMISSION);
	assert_int_equal(save_as(33, path, &e, &m), ERROR_PERMISSION);
	assert_int_not_equal(access(path, F_OK), 0);
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
	assert_string_equal(file, "/home/al/dead.letter");
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
		cmocka_unit_test(saves_nothing_for_root_and_system_users),
		cmocka_unit_test(rejects_files_of_other_users),
		cmocka_unit_test(resolves_the_setting_to_a_file),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
