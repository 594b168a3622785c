/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/syscall_filter.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "sandboxed.h"

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
bind_netlink(void)
{
	const struct sockaddr_nl address = { .nl_family = AF_NETLINK };

	return bind(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE),
	    (const struct sockaddr *)&address, sizeof(address));
}

/*
 * What depends on an argument is called without the C library, which makes these
 * calls by socketcall(2) on some architectures (glibc on i386): the filter cannot
 * see the arguments of that.
 */
static int
bind_unix(void)
{
	const struct sockaddr_un address = { .sun_family = AF_UNIX,
		.sun_path = "\0veredus-test" };

	return (int)syscall(SYS_bind, socket(AF_UNIX, SOCK_STREAM, 0), &address,
	    sizeof(address));
}

static int
open_mptcp(void)
{
	return (int)syscall(SYS_socket, AF_INET, SOCK_STREAM, 262);
}

static int
open_smc(void)
{
	return (int)syscall(SYS_socket, AF_INET, SOCK_STREAM, 256);
}

/* A message to a port of this host that nobody uses. */
static struct mmsghdr
first_data(void)
{
	static char octet[] = "x";
	static struct iovec data = { octet, 1 };
	static struct sockaddr_in address = { .sin_family = AF_INET };

	address.sin_port = htons(1);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return (struct mmsghdr){ .msg_hdr = { .msg_name = &address,
				     .msg_namelen = sizeof(address),
				     .msg_iov = &data,
				     .msg_iovlen = 1 } };
}

static int
connect_by_sendto(void)
{
	const struct mmsghdr m = first_data();

	return (int)syscall(SYS_sendto, tcp_socket(), "x", 1L, MSG_FASTOPEN,
	    m.msg_hdr.msg_name, m.msg_hdr.msg_namelen);
}

static int
connect_by_sendmsg(void)
{
	const struct mmsghdr m = first_data();

	return (
	    int)syscall(SYS_sendmsg, tcp_socket(), &m.msg_hdr, MSG_FASTOPEN);
}

static int
connect_by_sendmmsg(void)
{
	struct mmsghdr m = first_data();

	return (int)syscall(SYS_sendmmsg, tcp_socket(), &m, 1, MSG_FASTOPEN);
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
	{ "socket of MPTCP", open_mptcp, 0 },
	{ "socket of SMC", open_smc, 0 },
	{ "sendto with fast open", connect_by_sendto, 0 },
	{ "sendmsg with fast open", connect_by_sendmsg, 0 },
	{ "sendmmsg with fast open", connect_by_sendmmsg, 0 },
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
