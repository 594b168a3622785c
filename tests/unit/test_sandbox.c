/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each rule is proved by an attempt that fails.  The attempts are made by child
 * processes, which tell the errno by their exit status.
 */
#include "base/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#define NO_SANDBOX 254 /* of a kernel that lacks a part of it */
#define KILLED 255

typedef int attempt_fn(void);

/* Returns the errno of the attempt, or 0. */
static int
attempt_in(const struct sandbox *s, attempt_fn *attempt)
{
	struct str missing = { 0 };
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		if (s != NULL
		    && sandbox_enter(s, &missing) == SANDBOX_INCOMPLETE)
			_exit(NO_SANDBOX);
		_exit(attempt() == 0 ? 0 : errno);
	}
	while (waitpid(child, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	if (!WIFEXITED(status))
		return KILLED;
	if (WEXITSTATUS(status) == NO_SANDBOX)
		skip();
	return WEXITSTATUS(status);
}

/* ---- system calls ---- */

static int
run_true(void)
{
	char name[] = "true";
	char *const argv[] = { name, NULL };

	return execve("/bin/true", argv, environ);
}

static int
run_by_descriptor(void)
{
	char *const argv[] = { NULL };

	return (int)syscall(SYS_execveat, open("/bin/true", O_PATH), "", argv,
	    environ, AT_EMPTY_PATH);
}

static int
be_traced(void)
{
	return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static int
read_memory(void)
{
	char from[] = "x", to[2];
	const struct iovec source = { from, 1 }, target = { to, 1 };

	return process_vm_readv(getpid(), &target, 1, &source, 1, 0) == 1 ? 0
									  : -1;
}

static int
write_memory(void)
{
	char from[] = "x", to[2];
	const struct iovec source = { from, 1 }, target = { to, 1 };

	return process_vm_writev(getpid(), &source, 1, &target, 1, 0) == 1 ? 0
									   : -1;
}

static int
tcp_socket(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int
bind_port(in_port_t port)
{
	const struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return bind(tcp_socket(), (const struct sockaddr *)&address,
	    sizeof(address));
}

static int
choose_address(void)
{
	return bind_port(0);
}

static int
bind_unix(void)
{
	const struct sockaddr_un address = { .sun_family = AF_UNIX,
		.sun_path = "\0veredus-test" };

	return bind(socket(AF_UNIX, SOCK_STREAM, 0),
	    (const struct sockaddr *)&address, sizeof(address));
}

static int
bind_netlink(void)
{
	const struct sockaddr_nl address = { .nl_family = AF_NETLINK };

	return bind(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE),
	    (const struct sockaddr *)&address, sizeof(address));
}

static int
listen_at_a_port(void)
{
	return listen(tcp_socket(), 1);
}

static int
accept_a_client(void)
{
	return accept4(tcp_socket(), NULL, NULL, 0);
}

static int
accept_as_before(void)
{
	return accept(tcp_socket(), NULL, NULL);
}

static int
mount_nothing(void)
{
	return mount(NULL, NULL, NULL, 0, NULL);
}

static int
raw(long number)
{
	return (int)syscall(number, 0L, 0L, 0L, 0L, 0L, 0L);
}

#define RAW(name) \
	static int raw_##name(void) \
	{ \
		return raw(SYS_##name); \
	}

RAW(keyctl)
RAW(add_key)
RAW(request_key)
RAW(umount2)
RAW(pivot_root)
RAW(chroot)
RAW(unshare)
RAW(setns)
RAW(bpf)
RAW(perf_event_open)
RAW(userfaultfd)
RAW(io_uring_setup)
RAW(io_uring_enter)
RAW(io_uring_register)
RAW(finit_module)
RAW(init_module)
RAW(kcmp)

static const struct {
	const char *name;
	attempt_fn *attempt;
	unsigned group; /* that allows it */
} calls[] = {
	{ "execve", run_true, SYSCALL_EXEC },
	{ "execveat", run_by_descriptor, SYSCALL_EXEC },
	{ "ptrace", be_traced, SYSCALL_TRACE },
	{ "process_vm_readv", read_memory, 0 },
	{ "process_vm_writev", write_memory, 0 },
	{ "kcmp", raw_kcmp, 0 },
	{ "bind", choose_address, SYSCALL_BIND },
	{ "bind of a unix socket", bind_unix, SYSCALL_BIND },
	{ "listen", listen_at_a_port, 0 },
	{ "accept4", accept_a_client, 0 },
	{ "accept", accept_as_before, 0 },
	{ "keyctl", raw_keyctl, SYSCALL_KEYS },
	{ "add_key", raw_add_key, SYSCALL_KEYS },
	{ "request_key", raw_request_key, SYSCALL_KEYS },
	{ "mount", mount_nothing, 0 },
	{ "umount2", raw_umount2, 0 },
	{ "pivot_root", raw_pivot_root, 0 },
	{ "chroot", raw_chroot, 0 },
	{ "unshare", raw_unshare, 0 },
	{ "setns", raw_setns, 0 },
	{ "bpf", raw_bpf, 0 },
	{ "perf_event_open", raw_perf_event_open, 0 },
	{ "userfaultfd", raw_userfaultfd, 0 },
	{ "io_uring_setup", raw_io_uring_setup, 0 },
	{ "io_uring_enter", raw_io_uring_enter, 0 },
	{ "io_uring_register", raw_io_uring_register, 0 },
	{ "init_module", raw_init_module, 0 },
	{ "finit_module", raw_finit_module, 0 },
};

/* Without the sandbox, some are denied to a user who is not root, too. */
static void
denies_calls_that_a_client_never_makes(void **state)
{
	const struct sandbox s = { .any_file = true };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(calls); i++) {
		int without = attempt_in(NULL, calls[i].attempt);
		int within = attempt_in(&s, calls[i].attempt);

		if (within != EPERM)
			fail_msg("%s: %s", calls[i].name, strerror(within));
		if (without == EPERM)
			print_message("%s is denied to this user anyway\n",
			    calls[i].name);
	}
}

static void
allows_the_calls_of_a_group(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(calls); i++) {
		const struct sandbox s = { .any_file = true,
			.calls = calls[i].group };
		int without = attempt_in(NULL, calls[i].attempt);

		if (calls[i].group != 0
		    && attempt_in(&s, calls[i].attempt) != without)
			fail_msg("%s is denied", calls[i].name);
	}
}

/* The resolver of the C library reads the addresses of this host. */
static void
allows_to_bind_a_netlink_socket(void **state)
{
	const struct sandbox s = { .any_file = true };

	(void)state;
	assert_int_equal(attempt_in(&s, bind_netlink), 0);
}

static int
run_a_child(void)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(run_true() == 0 ? 0 : errno);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -1;
	errno = WEXITSTATUS(status);
	return status == 0 ? 0 : -1;
}

static void
a_child_is_in_the_sandbox_too(void **state)
{
	const struct sandbox s = { .any_file = true };

	(void)state;
	assert_int_equal(attempt_in(NULL, run_a_child), 0);
	assert_int_equal(attempt_in(&s, run_a_child), EPERM);
}

#if defined(__x86_64__) && !defined(__ILP32__)

/* The calls of other architectures have other numbers. */
static int
call_as_i386(void)
{
	long result = 20; /* getpid */

	__asm__ volatile("int $0x80" : "+a"(result) : : "memory");
	if (result >= 0)
		return 0;
	errno = (int)-result;
	return -1;
}

static int
call_as_x32(void)
{
	return syscall(0x40000000 | SYS_getpid) < 0 ? -1 : 0;
}

static void
denies_calls_of_other_architectures(void **state)
{
	const struct sandbox s = { .any_file = true };

	(void)state;
	assert_int_equal(attempt_in(&s, call_as_x32), EPERM);
	if (attempt_in(NULL, call_as_i386) == KILLED)
		skip();
	assert_int_equal(attempt_in(&s, call_as_i386), EPERM);
}

#endif

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
		cmocka_unit_test(denies_calls_that_a_client_never_makes),
		cmocka_unit_test(allows_the_calls_of_a_group),
		cmocka_unit_test(allows_to_bind_a_netlink_socket),
		cmocka_unit_test(a_child_is_in_the_sandbox_too),
#if defined(__x86_64__) && !defined(__ILP32__)
		cmocka_unit_test(denies_calls_of_other_architectures),
#endif
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
