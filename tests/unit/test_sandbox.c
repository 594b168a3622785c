/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Each rule is proved by an attempt that fails. */
#include "base/sandbox.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "sandboxed.h"

/* ---- files ---- */

/* A folder with files and folders, which the attempts use. */
static struct {
	char folder[64];
	char file[96], other[96], new_file[96], link[96], inner[96];
} place;

static void
create(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0 && write(fd, "text", 4) == 4);
	close(fd);
}

static int
make_place(void **state)
{
	(void)state;
	strcpy(place.folder, "/tmp/veredus-sandbox.XXXXXX");
	assert_non_null(mkdtemp(place.folder));
	snprintf(place.file, sizeof(place.file), "%s/file", place.folder);
	snprintf(place.other, sizeof(place.other), "%s/other", place.folder);
	snprintf(place.new_file, sizeof(place.new_file), "%s/inner/new",
	    place.folder);
	snprintf(place.link, sizeof(place.link), "%s/link", place.folder);
	snprintf(place.inner, sizeof(place.inner), "%s/inner", place.folder);
	create(place.file);
	create(place.other);
	assert_int_equal(symlink("file", place.link), 0);
	assert_int_equal(mkdir(place.inner, 0700), 0);
	return 0;
}

static int
remove_place(void **state)
{
	(void)state;
	unlink(place.new_file);
	rmdir(place.inner);
	unlink(place.link);
	unlink(place.other);
	unlink(place.file);
	return rmdir(place.folder);
}

static int
open_path(const char *path, int flags)
{
	return open(path, flags | O_CLOEXEC, 0600) < 0 ? -1 : 0;
}

static int
read_passwd(void)
{
	return open_path("/etc/passwd", O_RDONLY);
}

static int
read_file(void)
{
	return open_path(place.file, O_RDONLY);
}

static int
read_other(void)
{
	return open_path(place.other, O_RDONLY);
}

static int
write_file(void)
{
	return open_path(place.file, O_WRONLY | O_APPEND);
}

static int
truncate_file(void)
{
	return truncate(place.file, 1);
}

static int
list_folder(void)
{
	return open_path(place.folder, O_RDONLY | O_DIRECTORY);
}

static int
create_file(void)
{
	int result = open_path(place.new_file, O_WRONLY | O_CREAT);

	return result != 0 ? result : unlink(place.new_file);
}

static int
make_folder(void)
{
	int result = mkdir(place.new_file, 0700);

	return result != 0 ? result : rmdir(place.new_file);
}

static int
move_file(void)
{
	int result = rename(place.other, place.new_file);

	return result != 0 ? result : rename(place.new_file, place.other);
}

static int
remove_file(void)
{
	return unlink(place.link);
}

enum target { NOTHING, THE_FILE, THE_LINK, THE_FOLDER };

static const char *
path_of(enum target target)
{
	return target == THE_FILE ? place.file
	    : target == THE_LINK  ? place.link
				  : place.folder;
}

static int
attempt_with(enum target target, unsigned access, attempt_fn *attempt)
{
	struct sandbox s = { 0 };
	int result;

	if (target != NOTHING)
		landlock_allow(&s.rules, path_of(target), access);
	result = attempt_in(&s, attempt);
	sandbox_free(&s);
	return result;
}

static void
takes_the_files_that_no_rule_allows(void **state)
{
	static const struct {
		const char *name;
		attempt_fn *attempt;
		enum target target;
		unsigned access;
		int expected;
	} rows[] = {
		{ "passwd", read_passwd, NOTHING, 0, EACCES },
		{ "passwd", read_passwd, THE_FOLDER, LANDLOCK_READ, EACCES },
		{ "read", read_file, NOTHING, 0, EACCES },
		{ "read", read_file, THE_FILE, LANDLOCK_READ, 0 },
		{ "read", read_file, THE_LINK, LANDLOCK_READ, 0 },
		{ "read", read_file, THE_FOLDER, LANDLOCK_READ, 0 },
		{ "read", read_file, THE_FOLDER, LANDLOCK_WRITE, EACCES },
		{ "other", read_other, THE_FILE, LANDLOCK_READ, EACCES },
		{ "write", write_file, THE_FILE, LANDLOCK_READ, EACCES },
		{ "write", write_file, THE_FILE, LANDLOCK_WRITE, 0 },
		{ "list", list_folder, THE_FOLDER, LANDLOCK_READ, EACCES },
		{ "list", list_folder, THE_FOLDER, LANDLOCK_LIST, 0 },
		{ "create", create_file, THE_FOLDER, LANDLOCK_WRITE, EACCES },
		{ "create", create_file, THE_FOLDER,
		    LANDLOCK_WRITE | LANDLOCK_CHANGE, 0 },
		{ "mkdir", make_folder, THE_FOLDER, LANDLOCK_WRITE, EACCES },
		{ "mkdir", make_folder, THE_FOLDER, LANDLOCK_CHANGE, 0 },
		{ "move", move_file, THE_FOLDER, LANDLOCK_WRITE, EACCES },
		{ "move", move_file, THE_FOLDER, LANDLOCK_CHANGE, 0 },
		{ "remove", remove_file, THE_FOLDER, LANDLOCK_WRITE, EACCES },
		{ "remove", remove_file, THE_FOLDER, LANDLOCK_CHANGE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int result = attempt_with(rows[i].target, rows[i].access,
		    rows[i].attempt);

		if (result != rows[i].expected)
			fail_msg("row %zu, %s: %s", i, rows[i].name,
			    strerror(result));
	}
}

static void
does_not_let_a_file_be_truncated(void **state)
{
	(void)state;
	if (landlock_abi() < 3)
		skip();
	assert_int_equal(attempt_with(THE_FILE, LANDLOCK_READ, truncate_file),
	    EACCES);
	assert_int_equal(attempt_with(THE_FILE, LANDLOCK_WRITE, truncate_file),
	    0);
}

static int descriptor;

static int
read_descriptor(void)
{
	char octet;

	return pread(descriptor, &octet, 1, 0) == 1 ? 0 : -1;
}

static void
what_is_open_stays_open(void **state)
{
	const struct sandbox s = { 0 };

	(void)state;
	descriptor = open(place.file, O_RDONLY | O_CLOEXEC);
	assert_int_equal(attempt_in(&s, read_descriptor), 0);
	close(descriptor);
}

static void
a_path_that_is_missing_allows_nothing(void **state)
{
	struct sandbox s = { 0 };

	(void)state;
	landlock_allow(&s.rules, "/nonexistent/file", LANDLOCK_READ);
	landlock_allow(&s.rules, place.file, LANDLOCK_LIST);
	assert_int_equal(attempt_in(&s, read_file), EACCES);
	sandbox_free(&s);
}

static void
a_path_of_a_pipe_is_no_obstacle(void **state)
{
	struct sandbox s = { 0 };
	char path[64];
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[1]);
	landlock_allow(&s.rules, path, LANDLOCK_WRITE);
	assert_int_equal(attempt_in(&s, read_file), EACCES);
	close(ends[0]);
	close(ends[1]);
	sandbox_free(&s);
}

/* Each kernel knows a version and all before it. */
static int version;

static int
restrict_by_version(void)
{
	const struct landlock_rules none = { 0 };

	if (!landlock_restrict(&none, version))
		return -1;
	return read_file();
}

static void
uses_no_more_than_a_version_has(void **state)
{
	const struct sandbox s = { .any_file = true };

	(void)state;
	for (version = 2; version <= landlock_abi(); version++)
		assert_int_equal(attempt_in(&s, restrict_by_version), EACCES);
}

static void
runs_the_one_program_that_is_allowed(void **state)
{
	struct sandbox s = { .calls = SYSCALL_EXEC };

	(void)state;
	sandbox_allow_libraries(&s);
	assert_int_equal(attempt_in(&s, run_true), EACCES);
	sandbox_allow_program(&s, "/bin/true");
#ifndef __GLIBC__
	/* The program may need the dynamic linker of glibc. */
	landlock_allow(&s.rules, "/lib", LANDLOCK_EXECUTE);
#endif
	assert_int_equal(attempt_in(&s, run_true), 0);
	assert_int_equal(attempt_in(&s, run_a_child), 0);
	sandbox_free(&s);
}

/* ---- ports ---- */

static in_port_t allowed_port, denied_port;

static in_port_t
listen_somewhere(void)
{
	int fd = tcp_socket();
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);

	assert_int_equal(bind(fd, (const struct sockaddr *)&address,
			     sizeof(address)),
	    0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size),
	    0);
	return ntohs(address.sin_port);
}

static int
connect_port(in_port_t port)
{
	const struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return connect(tcp_socket(), (const struct sockaddr *)&address,
	    sizeof(address));
}

static int
connect_allowed(void)
{
	return connect_port(allowed_port);
}

static int
connect_denied(void)
{
	return connect_port(denied_port);
}

static int
bind_denied(void)
{
	return bind_port(1);
}

static void
connects_to_no_other_port(void **state)
{
	struct sandbox s = { 0 };

	(void)state;
	if (landlock_abi() < LANDLOCK_ABI_PORTS)
		skip();
	allowed_port = listen_somewhere();
	denied_port = listen_somewhere();
	assert_int_equal(attempt_in(&s, connect_allowed), EACCES);
	landlock_allow_port(&s.rules, allowed_port);
	assert_int_equal(attempt_in(&s, connect_allowed), 0);
	assert_int_equal(attempt_in(&s, connect_denied), EACCES);
	s.rules.any_port = true;
	assert_int_equal(attempt_in(&s, connect_denied), 0);
	sandbox_free(&s);
}

static void
chooses_an_address_but_no_port(void **state)
{
	struct sandbox s = { .calls = SYSCALL_BIND };

	(void)state;
	if (landlock_abi() < LANDLOCK_ABI_PORTS)
		skip();
	assert_int_equal(attempt_in(&s, choose_address), EACCES);
	s.rules.binds = true;
	assert_int_equal(attempt_in(&s, choose_address), 0);
	assert_int_equal(attempt_in(&s, bind_denied), EACCES);
}

static const struct sockaddr_un abstract = { .sun_family = AF_UNIX,
	.sun_path = "\0veredus-sandbox-test" };

static int
connect_abstract(void)
{
	return connect(socket(AF_UNIX, SOCK_STREAM, 0),
	    (const struct sockaddr *)&abstract, sizeof(abstract));
}

static void
reaches_no_abstract_socket_of_others(void **state)
{
	const struct sandbox s = { 0 };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	if (landlock_abi() < 6)
		skip();
	assert_int_equal(bind(fd, (const struct sockaddr *)&abstract,
			     sizeof(abstract)),
	    0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(attempt_in(NULL, connect_abstract), 0);
	assert_int_equal(attempt_in(&s, connect_abstract), EPERM);
	close(fd);
}

/* ---- the whole ---- */

static void
tells_what_the_kernel_has(void **state)
{
	struct str text = { 0 };

	(void)state;
	sandbox_describe(&text);
	assert_non_null(strstr(str_text(&text), "Landlock"));
	assert_non_null(strstr(str_text(&text), "filter of system calls"));
	str_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    takes_the_files_that_no_rule_allows, make_place,
		    remove_place),
		cmocka_unit_test_setup_teardown(
		    does_not_let_a_file_be_truncated, make_place, remove_place),
		cmocka_unit_test_setup_teardown(what_is_open_stays_open,
		    make_place, remove_place),
		cmocka_unit_test_setup_teardown(
		    a_path_that_is_missing_allows_nothing, make_place,
		    remove_place),
		cmocka_unit_test_setup_teardown(a_path_of_a_pipe_is_no_obstacle,
		    make_place, remove_place),
		cmocka_unit_test_setup_teardown(uses_no_more_than_a_version_has,
		    make_place, remove_place),
		cmocka_unit_test(runs_the_one_program_that_is_allowed),
		cmocka_unit_test(connects_to_no_other_port),
		cmocka_unit_test(chooses_an_address_but_no_port),
		cmocka_unit_test(reaches_no_abstract_socket_of_others),
		cmocka_unit_test(tells_what_the_kernel_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
