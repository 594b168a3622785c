/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes a program for the kernel's packet filter from a table of system calls.
 *
 * A denied call fails, and does not end the process: a library may try such a
 * call and do without it, and a message must not get lost because a later
 * version of a library does so.  Whoever took over the process gains nothing by
 * the error.
 */
#include "base/syscall_filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/attr.h"

/* The architectures whose system calls are known to be filtered as below; x32
 * shares numbers with x86-64 and is not one of them. */
#if defined(__x86_64__) && !defined(__ILP32__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define ARCHITECTURE AUDIT_ARCH_I386
#elif defined(__aarch64__) && !defined(__ILP32__) && defined(__AARCH64EL__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__arm__) && defined(__ARM_EABI__) && defined(__ARMEL__)
#define ARCHITECTURE AUDIT_ARCH_ARM
#elif defined(__mips64) && defined(_MIPSEL) && _MIPS_SIM == _ABI64
#define ARCHITECTURE AUDIT_ARCH_MIPSEL64
#elif defined(__mips__) && defined(_MIPSEL) && _MIPS_SIM == _ABIO32
#define ARCHITECTURE AUDIT_ARCH_MIPSEL
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define ARCHITECTURE AUDIT_ARCH_PPC64LE
#elif defined(__s390x__)
#define ARCHITECTURE AUDIT_ARCH_S390X
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#elif defined(__loongarch_lp64)
#define ARCHITECTURE AUDIT_ARCH_LOONGARCH64
#endif

#ifdef ARCHITECTURE

#define X32_BIT 0x40000000U

/* The headers may lack this; since Linux 5.1, system calls follow each other in
 * the same order on all architectures. */
#ifndef SYS_mount_setattr
#define SYS_mount_setattr (SYS_pidfd_getfd + 4)
#endif

/* The headers may lack these, too. */
#define PROTOCOL_SMC 256
#define PROTOCOL_MPTCP 262

/* The calls of socketcall(2), which some architectures use. */
#define SOCKETCALL_LISTEN 4
#define SOCKETCALL_ACCEPT 5
#define SOCKETCALL_ACCEPT4 18

static const struct denied {
	unsigned number;
	unsigned group; /* allowed together with it, or 0 */
} denied[] = {
	{ SYS_execve, SYSCALL_EXEC },
	{ SYS_execveat, SYSCALL_EXEC },
	/* Other processes. */
	{ SYS_ptrace, SYSCALL_TRACE },
	{ SYS_process_vm_readv, 0 },
	{ SYS_process_vm_writev, 0 },
	{ SYS_pidfd_getfd, 0 },
	{ SYS_kcmp, 0 },
	/* Servers. */
	{ SYS_listen, 0 },
#ifdef SYS_accept
	{ SYS_accept, SYSCALL_ACCEPT },
#endif
	{ SYS_accept4, SYSCALL_ACCEPT },
	/* Keys. */
	{ SYS_keyctl, SYSCALL_KEYS },
	{ SYS_add_key, SYSCALL_KEYS },
	{ SYS_request_key, SYSCALL_KEYS },
	/* File systems and namespaces. */
	{ SYS_mount, 0 },
	{ SYS_umount2, 0 },
	{ SYS_pivot_root, 0 },
	{ SYS_chroot, 0 },
	{ SYS_open_tree, 0 },
	{ SYS_move_mount, 0 },
	{ SYS_fsopen, 0 },
	{ SYS_fsconfig, 0 },
	{ SYS_fsmount, 0 },
	{ SYS_fspick, 0 },
	{ SYS_mount_setattr, 0 },
	{ SYS_unshare, 0 },
	{ SYS_setns, 0 },
	/* Parts of the kernel that had many faults. */
	{ SYS_bpf, 0 },
	{ SYS_perf_event_open, 0 },
	{ SYS_userfaultfd, 0 },
	{ SYS_io_uring_setup, 0 },
	{ SYS_io_uring_enter, 0 },
	{ SYS_io_uring_register, 0 },
	{ SYS_init_module, 0 },
	{ SYS_finit_module, 0 },
};

#define DENY (SECCOMP_RET_ERRNO | EPERM)
#define INSTRUCTIONS_MAX (COUNT_OF(denied) * 2 + 64)

struct program {
	struct sock_filter code[INSTRUCTIONS_MAX];
	unsigned short len;
};

/* Loads the octets of struct seccomp_data at the offset. */
static void
load(struct program *p, size_t offset)
{
	p->code[p->len++] =
	    (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		(uint32_t)offset);
}

/* Loads the number of an argument that is an int. */
static void
load_argument(struct program *p, unsigned n)
{
	size_t low =
	    __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? sizeof(uint32_t) : 0;

	load(p,
	    offsetof(struct seccomp_data, args) + n * sizeof(uint64_t) + low);
}

static void
return_value(struct program *p, uint32_t value)
{
	p->code[p->len++] =
	    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, value);
}

/* Skips so many instructions if the loaded value is not that. */
static void
unless_equal(struct program *p, uint32_t value, uint8_t skipped)
{
	p->code[p->len++] =
	    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0,
		skipped);
}

static void
deny(struct program *p, uint32_t value)
{
	unless_equal(p, value, 1);
	return_value(p, DENY);
}

/* Another architecture has other numbers: a process that changes to it gets no
 * further. */
static void
check_architecture(struct program *p)
{
	load(p, offsetof(struct seccomp_data, arch));
	p->code[p->len++] =
	    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
		ARCHITECTURE, 1, 0);
	return_value(p, DENY);
	load(p, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
	p->code[p->len++] =
	    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0,
		1);
	return_value(p, DENY);
#endif
}

/*
 * The C library binds a netlink socket to learn the addresses of this host, by
 * which it sorts those of a server.  An address of that length has no port.
 */
static void
deny_bind(struct program *p)
{
	unless_equal(p, SYS_bind, 4);
	load_argument(p, 2);
	unless_equal(p, sizeof(struct sockaddr_nl), 1);
	return_value(p, SECCOMP_RET_ALLOW);
	return_value(p, DENY);
}

/* Landlock's rules for ports know neither a connection that is made with the
 * first data nor other protocols than that of TCP.  What socketcall(2) passes in
 * memory cannot be seen. */
static void
deny_fast_open(struct program *p, uint32_t call, unsigned flags)
{
	unless_equal(p, call, 4);
	load_argument(p, flags);
	p->code[p->len++] =
	    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K,
		MSG_FASTOPEN, 0, 1);
	return_value(p, DENY);
	return_value(p, SECCOMP_RET_ALLOW);
}

static void
deny_protocols(struct program *p)
{
	static const uint32_t protocols[] = { PROTOCOL_MPTCP, PROTOCOL_SMC };

	unless_equal(p, SYS_socket, 2 * COUNT_OF(protocols) + 2);
	load_argument(p, 2);
	for (size_t i = 0; i < COUNT_OF(protocols); i++)
		deny(p, protocols[i]);
	return_value(p, SECCOMP_RET_ALLOW);
}

static void
deny_other_connections(struct program *p)
{
	deny_fast_open(p, SYS_sendto, 3);
	deny_fast_open(p, SYS_sendmsg, 2);
	deny_fast_open(p, SYS_sendmmsg, 3);
	deny_protocols(p);
}

#ifdef SYS_socketcall
/*
 * The length of the address that is bound is in memory, too.  Binding is therefore
 * allowed: without a netlink socket, getifaddrs() fails, by which mail loops are
 * detected.
 */
static void
deny_socketcall(struct program *p, unsigned groups)
{
	static const struct {
		uint32_t call;
		unsigned group; /* allowed together with it, or 0 */
	} calls[] = {
		{ SOCKETCALL_LISTEN, 0 },
		{ SOCKETCALL_ACCEPT, SYSCALL_ACCEPT },
		{ SOCKETCALL_ACCEPT4, SYSCALL_ACCEPT },
	};
	size_t count = 0;

	for (size_t i = 0; i < COUNT_OF(calls); i++)
		count += (calls[i].group & groups) == 0;
	unless_equal(p, SYS_socketcall, (uint8_t)(2 * count + 2));
	load_argument(p, 0);
	for (size_t i = 0; i < COUNT_OF(calls); i++)
		if ((calls[i].group & groups) == 0)
			deny(p, calls[i].call);
	return_value(p, SECCOMP_RET_ALLOW);
}
#endif

bool
syscall_filter_exists(void)
{
	return true;
}

bool
syscall_filter_install(unsigned groups)
{
	struct program p = { .len = 0 };
	struct sock_fprog filter = { .filter = p.code };

	check_architecture(&p);
	for (size_t i = 0; i < COUNT_OF(denied); i++)
		if ((denied[i].group & groups) == 0)
			deny(&p, denied[i].number);
	if ((groups & SYSCALL_BIND) == 0)
		deny_bind(&p);
	deny_other_connections(&p);
#ifdef SYS_socketcall
	deny_socketcall(&p, groups);
#endif
	return_value(&p, SECCOMP_RET_ALLOW);
	filter.len = p.len;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}

#else

bool
syscall_filter_exists(void)
{
	return false;
}

bool
syscall_filter_install(unsigned groups)
{
	(void)groups;
	errno = ENOSYS;
	return false;
}

#endif
