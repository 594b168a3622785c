/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes the system calls of Landlock, which the C library lacks.  Constants and
 * structures are those of the kernel's interface, because its header may be
 * older than the kernel.
 */
#include "base/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"

/* The headers may lack these; since Linux 5.1, system calls follow each other in
 * the same order on all architectures. */
#define CALL_CREATE_RULESET (SYS_pidfd_getfd + 6)
#define CALL_ADD_RULE (SYS_pidfd_getfd + 7)
#define CALL_RESTRICT_SELF (SYS_pidfd_getfd + 8)

#define CREATE_RULESET_VERSION 1U
#define RULE_PATH_BENEATH 1
#define RULE_NET_PORT 2

/* Rights to a file. */
#define FS_EXECUTE (1ULL << 0)
#define FS_WRITE_FILE (1ULL << 1)
#define FS_READ_FILE (1ULL << 2)
#define FS_TRUNCATE (1ULL << 14)  /* since version 3 */
#define FS_IOCTL_DEV (1ULL << 15) /* since version 5 */
#define FS_OF_FILES \
	(FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV)
/* Rights in a folder. */
#define FS_READ_DIR (1ULL << 3)
#define FS_REMOVE_DIR (1ULL << 4)
#define FS_REMOVE_FILE (1ULL << 5)
#define FS_MAKE_DIR (1ULL << 7)
#define FS_MAKE_REG (1ULL << 8)
#define FS_REFER (1ULL << 13)
#define FS_ALL_OF_VERSION_2 ((1ULL << 14) - 1)

#define NET_BIND_TCP (1ULL << 0)
#define NET_CONNECT_TCP (1ULL << 1)
#define SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#define ABI_TRUNCATE 3
#define ABI_IOCTL 5
#define ABI_SCOPE 6

struct ruleset_attr {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
	uint64_t scoped;
};

struct path_beneath_attr {
	uint64_t allowed_access;
	int32_t parent_fd;
};

struct net_port_attr {
	uint64_t allowed_access;
	uint64_t port;
};

static const struct {
	unsigned access;
	uint64_t rights;
} meanings[] = {
	{ LANDLOCK_READ, FS_READ_FILE },
	{ LANDLOCK_LIST, FS_READ_DIR },
	{ LANDLOCK_WRITE, FS_WRITE_FILE | FS_TRUNCATE },
	{ LANDLOCK_CHANGE,
	    FS_MAKE_REG | FS_MAKE_DIR | FS_REMOVE_FILE | FS_REMOVE_DIR
		| FS_REFER },
	{ LANDLOCK_EXECUTE, FS_EXECUTE },
};

int
landlock_abi(void)
{
	long abi = syscall(CALL_CREATE_RULESET, NULL, (size_t)0,
	    CREATE_RULESET_VERSION);

	return abi > 0 ? (int)abi : 0;
}

void
landlock_allow(struct landlock_rules *rules, const char *path, unsigned access)
{
	rules->items = alloc_grow(rules->items, rules->count, &rules->size,
	    sizeof(*rules->items));
	rules->items[rules->count++] =
	    (struct landlock_rule){ rules->paths.len, access };
	str_append(&rules->paths, path, strlen(path) + 1);
}

void
landlock_allow_port(struct landlock_rules *rules, unsigned port)
{
	rules->ports = alloc_grow(rules->ports, rules->port_count,
	    &rules->port_size, sizeof(*rules->ports));
	rules->ports[rules->port_count++] = port;
}

void
landlock_free(struct landlock_rules *rules)
{
	str_free(&rules->paths);
	free(rules->items);
	free(rules->ports);
	*rules = (struct landlock_rules){ 0 };
}

static uint64_t
rights_of(unsigned access)
{
	uint64_t rights = 0;

	for (size_t i = 0; i < COUNT_OF(meanings); i++)
		if ((access & meanings[i].access) != 0)
			rights |= meanings[i].rights;
	return rights;
}

/* A kernel rejects what it does not know. */
static struct ruleset_attr
everything(const struct landlock_rules *rules, int abi)
{
	struct ruleset_attr attr = { .handled_access_fs = FS_ALL_OF_VERSION_2 };

	if (abi >= ABI_TRUNCATE)
		attr.handled_access_fs |= FS_TRUNCATE;
	if (abi >= ABI_IOCTL)
		attr.handled_access_fs |= FS_IOCTL_DEV;
	if (abi >= LANDLOCK_ABI_PORTS) {
		attr.handled_access_net = NET_BIND_TCP;
		if (!rules->any_port)
			attr.handled_access_net |= NET_CONNECT_TCP;
	}
	if (abi >= ABI_SCOPE)
		attr.scoped = SCOPE_ABSTRACT_UNIX_SOCKET;
	return attr;
}

/* Nothing can be done with what does not exist.  After another failure, the
 * program could not do what it needs to: without the queue, it could send a
 * message and not record that. */
static bool
is_unreachable(int errnum)
{
	return errnum == ENOENT || errnum == ENOTDIR || errnum == EACCES
	    || errnum == ELOOP || errnum == ENAMETOOLONG;
}

static bool
add_path(int ruleset, const struct landlock_rules *rules, size_t number,
    uint64_t handled)
{
	const struct landlock_rule *rule = &rules->items[number];
	struct path_beneath_attr attr = {
		.allowed_access = rights_of(rule->access) & handled
	};
	struct stat st;
	bool ok;

	attr.parent_fd =
	    open(rules->paths.data + rule->path, O_PATH | O_CLOEXEC);
	if (attr.parent_fd < 0)
		return is_unreachable(errno);
	if (fstat(attr.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		attr.allowed_access &= FS_OF_FILES;
	/* No rule is needed or possible for a pipe that has a path in /proc. */
	ok = attr.allowed_access == 0
	    || syscall(CALL_ADD_RULE, ruleset, RULE_PATH_BENEATH, &attr, 0U)
		== 0
	    || errno == EBADFD;
	close(attr.parent_fd);
	return ok;
}

static bool
add_port(int ruleset, uint64_t right, unsigned port)
{
	struct net_port_attr attr = { right, port };

	return syscall(CALL_ADD_RULE, ruleset, RULE_NET_PORT, &attr, 0U) == 0;
}

static bool
add_rules(int ruleset, const struct landlock_rules *rules,
    const struct ruleset_attr *attr)
{
	bool ok = true;

	for (size_t i = 0; ok && i < rules->count; i++)
		ok = add_path(ruleset, rules, i, attr->handled_access_fs);
	if ((attr->handled_access_net & NET_CONNECT_TCP) != 0)
		for (size_t i = 0; ok && i < rules->port_count; i++)
			ok =
			    add_port(ruleset, NET_CONNECT_TCP, rules->ports[i]);
	if (ok && attr->handled_access_net != 0 && rules->binds)
		ok = add_port(ruleset, NET_BIND_TCP, 0);
	return ok;
}

bool
landlock_restrict(const struct landlock_rules *rules, int abi)
{
	struct ruleset_attr attr = everything(rules, abi);
	/* An old kernel does not know the members at the end. */
	size_t size = abi >= ABI_SCOPE  ? sizeof(attr)
	    : abi >= LANDLOCK_ABI_PORTS ? offsetof(struct ruleset_attr, scoped)
					: sizeof(attr.handled_access_fs);
	int ruleset = (int)syscall(CALL_CREATE_RULESET, &attr, size, 0U);
	bool ok;
	int failure;

	if (ruleset < 0)
		return false;
	ok = add_rules(ruleset, rules, &attr)
	    && syscall(CALL_RESTRICT_SELF, ruleset, 0U) == 0;
	failure = errno;
	close(ruleset);
	errno = failure;
	return ok;
}
