/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Loaded before libc by the torture tests.  It numbers the file and socket
 * calls of the program and of its child processes, logs each of them, and lets
 * one of them fail.
 *
 *   VEREDUS_FAULT_LOG=/path
 *   VEREDUS_FAULT_AT=17     the number of the call, from 1
 *   VEREDUS_FAULT=28        it fails with that errno
 *                 kill      the process gets SIGKILL before the call
 *                 kill all  and so do all processes of its group
 *                 short     it reads or writes half of the octets
 *                 full      the same, and from then on the disk is full
 *
 * The log is locked until the last process has ended.  A line has fields that
 * end in a tab: number, process, name, return value, errno; then what a
 * simulation of the disk needs: numbers of inodes, names, offsets, and the
 * octets written, in hexadecimal.  Of what is sent, the number of messages that
 * end in it is known.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define LOG_FD 900
#define RESERVED 65536
#define CREATES (O_CREAT | __O_TMPFILE)

/* _FORTIFY_SOURCE replaces some calls by these. */
int __open64_2(const char *path, int flags);
int __openat64_2(int fd, const char *path, int flags);
ssize_t __pread64_chk(int fd, void *buf, size_t len, off64_t at, size_t size);
ssize_t __read_chk(int fd, void *buf, size_t len, size_t size);
ssize_t __recv_chk(int fd, void *buf, size_t len, size_t size, int flags);

enum fault {
	NO_FAULT,
	FAULT_ERRNO,
	FAULT_KILL,
	FAULT_KILL_ALL,
	FAULT_SHORT,
	FAULT_FULL
};

struct call {
	const char *name;
	long number;
	enum fault fault;
	int errnum;
};

static atomic_long *calls; /* shared with the child processes */
static long fault_at;
static enum fault fault_kind;
static int fault_errno;
static char reserved[RESERVED]; /* by inode; 0: not a file */
static int depth;               /* calls that another preloaded library makes */

__attribute__((constructor)) static void
start(void)
{
	const char *at = getenv("VEREDUS_FAULT_AT");
	const char *kind = getenv("VEREDUS_FAULT");
	const char *path = getenv("VEREDUS_FAULT_LOG");
	int fd;

	calls = mmap(NULL, sizeof *calls, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	fault_at = at ? atol(at) : 0;
	if (!kind)
		fault_kind = NO_FAULT;
	else if (strcmp(kind, "kill") == 0)
		fault_kind = FAULT_KILL;
	else if (strcmp(kind, "kill all") == 0)
		fault_kind = FAULT_KILL_ALL;
	else if (strcmp(kind, "short") == 0)
		fault_kind = FAULT_SHORT;
	else if (strcmp(kind, "full") == 0)
		fault_kind = FAULT_FULL;
	else
		fault_kind = FAULT_ERRNO;
	fault_errno = fault_kind == FAULT_ERRNO ? atoi(kind) : ENOSPC;
	fd = (int)syscall(SYS_openat, AT_FDCWD, path ? path : "/dev/null",
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	syscall(SYS_flock, fd, LOCK_SH);
	syscall(SYS_dup3, fd, LOG_FD, O_CLOEXEC);
	syscall(SYS_close, fd);
}

static void
put(const char *format, ...)
{
	int saved = errno;
	va_list args;
	char *line = NULL;
	int len;

	va_start(args, format);
	len = vasprintf(&line, format, args);
	va_end(args);
	if (len > 0)
		syscall(SYS_write, LOG_FD, line, (size_t)len);
	free(line);
	errno = saved;
}

static long
inode(int fd)
{
	int saved = errno;
	struct stat64 st;
	int status;

	depth++;
	status = fstat64(fd, &st);
	depth--;
	errno = saved;
	if (status != 0 || (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
		return 0;
	return (long)st.st_ino;
}

/* Whether the file may grow although the disk is full. */
static int
is_reserved(int fd)
{
	long number = inode(fd);

	return number != 0 && reserved[(unsigned long)number % RESERVED];
}

/* Decides what becomes of the call.  A full disk stays so. */
static void
begin(struct call *call, const char *name, int takes_space)
{
	call->name = name;
	call->number = atomic_fetch_add(calls, 1) + 1;
	call->fault = call->number == fault_at ? fault_kind : NO_FAULT;
	call->errnum = fault_errno;
	if (fault_kind == FAULT_FULL && fault_at > 0 && call->number > fault_at
	    && takes_space)
		call->fault = FAULT_ERRNO;
	if (call->fault == FAULT_KILL || call->fault == FAULT_KILL_ALL) {
		put("%ld\t%ld\t%s\tkilled\t0\t\n", call->number, (long)getpid(),
		    name);
		syscall(SYS_kill, call->fault == FAULT_KILL ? getpid() : 0,
		    SIGKILL);
	}
}

static int
fails(const struct call *call)
{
	if (call->fault == FAULT_ERRNO)
		errno = call->errnum;
	return call->fault == FAULT_ERRNO;
}

/* The length of a call that is cut short. */
static size_t
part(const struct call *call, size_t len)
{
	return (call->fault == FAULT_SHORT || call->fault == FAULT_FULL)
		&& len > 1
	    ? len / 2
	    : len;
}

#define END(call, result, ...) end(&(call), (long)(result), __VA_ARGS__)

static void
end(const struct call *call, long result, const char *format, ...)
{
	int saved = errno;
	va_list args;
	char *detail = NULL;

	va_start(args, format);
	if (vasprintf(&detail, format, args) >= 0)
		put("%ld\t%ld\t%s\t%ld\t%d\t%s\n", call->number, (long)getpid(),
		    call->name, result, result < 0 ? saved : 0, detail);
	va_end(args);
	free(detail);
	errno = saved;
}

/* Finds the function that this one stands before. */
#define NEXT(name) \
	static __typeof__(&name) next; \
\
	if (!next) \
	*(void **)&next = dlsym(RTLD_NEXT, #name)

/* Makes the call unless it is to fail. */
#define CALL(result, failed, space, name, ...) \
	do { \
		if (depth > 0) \
			return next(__VA_ARGS__); \
		begin(&call, #name, space); \
		if (fails(&call)) { \
			result = failed; \
		} else { \
			depth++; \
			result = next(__VA_ARGS__); \
			depth--; \
		} \
	} while (0)

/* ---- files ---- */

#define OPEN_MODE(flags) \
	mode_t mode = 0; \
	va_list args; \
\
	va_start(args, flags); \
	if (flags & CREATES) \
		mode = va_arg(args, mode_t); \
	va_end(args)

int
open64(const char *path, int flags, ...)
{
	struct call call;
	int fd;

	NEXT(open64);
	OPEN_MODE(flags);
	CALL(fd, -1, (flags & CREATES) != 0, open64, path, flags, mode);
	END(call, fd, "%ld\t%d\t%s", inode(fd), (flags & O_CREAT) != 0, path);
	return fd;
}

int
__open64_2(const char *path, int flags)
{
	return open64(path, flags);
}

int
openat64(int folder, const char *path, int flags, ...)
{
	struct call call;
	int fd;

	NEXT(openat64);
	OPEN_MODE(flags);
	CALL(fd, -1, (flags & CREATES) != 0, openat64, folder, path, flags,
	    mode);
	END(call, fd, "%ld\t%d\t%s\t%ld", inode(fd), (flags & O_CREAT) != 0,
	    path, inode(folder));
	return fd;
}

int
__openat64_2(int folder, const char *path, int flags)
{
	return openat64(folder, path, flags);
}

/* The descriptor is closed even if the call fails. */
int
close(int fd)
{
	struct call call;
	int status;

	NEXT(close);
	CALL(status, -1, 0, close, fd);
	if (call.fault == FAULT_ERRNO)
		syscall(SYS_close, fd);
	END(call, status, "%d", fd);
	return status;
}

/* Counts the parts of some octets that are the same as a text. */
static int
count(const char *data, size_t len, const char *text)
{
	const char *at = data;
	int n = 0;

	while ((at = memmem(at, len - (size_t)(at - data), text, strlen(text)))
	    != NULL) {
		n++;
		at += strlen(text);
	}
	return n;
}

/* The number of messages that end in these octets, for SMTP. */
static int
count_ends(const char *data, size_t len)
{
	return count(data, len, " LAST\r\n") + count(data, len, "\r\n.\r\n");
}

static void
log_output(const struct call *call, int fd, const char *data, ssize_t written,
    off64_t at)
{
	size_t len = written > 0 ? (size_t)written : 0;
	long number = inode(fd);
	char *hex = calloc(len + 1, 2);

	for (size_t i = 0; number != 0 && i < len; i++) {
		hex[2 * i] = "0123456789abcdef"[(unsigned char)data[i] >> 4];
		hex[2 * i + 1] = "0123456789abcdef"[data[i] & 15];
	}
	if (number != 0)
		end(call, written, "%ld\t%lld\t%s", number, (long long)at, hex);
	else
		end(call, written, "0\t%d", count_ends(data, len));
	free(hex);
}

/* Another process may kill this one before the call is in the log. */
static void
announce(int fd, const char *data, size_t len)
{
	int ends;

	if (fault_kind != FAULT_KILL_ALL || depth > 0 || inode(fd) != 0)
		return;
	ends = count_ends(data, len);
	if (ends > 0)
		put("0\t%ld\tbegin\t0\t0\t0\t%d\n", (long)getpid(), ends);
}

ssize_t
write(int fd, const void *data, size_t len)
{
	struct call call = { 0 };
	off64_t at = depth == 0 ? syscall(SYS_lseek, fd, 0, SEEK_CUR) : 0;
	ssize_t n;

	NEXT(write);
	announce(fd, data, len);
	CALL(n, -1, !is_reserved(fd), write, fd, data, part(&call, len));
	log_output(&call, fd, data, n, at);
	return n;
}

ssize_t
pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	struct call call = { 0 };
	ssize_t n;

	NEXT(pwrite64);
	CALL(n, -1, 1, pwrite64, fd, data, part(&call, len), at);
	log_output(&call, fd, data, n, at);
	return n;
}

ssize_t
read(int fd, void *data, size_t len)
{
	struct call call = { 0 };
	ssize_t n;

	NEXT(read);
	CALL(n, -1, 0, read, fd, data, part(&call, len));
	END(call, n, "%ld", inode(fd));
	return n;
}

ssize_t
__read_chk(int fd, void *data, size_t len, size_t size)
{
	(void)size;
	return read(fd, data, len);
}

ssize_t
pread64(int fd, void *data, size_t len, off64_t at)
{
	struct call call = { 0 };
	ssize_t n;

	NEXT(pread64);
	CALL(n, -1, 0, pread64, fd, data, part(&call, len), at);
	END(call, n, "%ld", inode(fd));
	return n;
}

ssize_t
__pread64_chk(int fd, void *data, size_t len, off64_t at, size_t size)
{
	(void)size;
	return pread64(fd, data, len, at);
}

/* ---- calls that differ only in their parameters ---- */

#define DEFINE(space, name, params, arguments, ...) \
	DEFINE_AS(int, space, name, params, arguments, __VA_ARGS__)
#define DEFINE_AS(type, space, name, params, arguments, ...) \
	type name params \
	{ \
		struct call call; \
		type status; \
\
		NEXT(name); \
		CALL(status, -1, space, name, UNPACK arguments); \
		END(call, status, __VA_ARGS__); \
		return status; \
	}
#define UNPACK(...) __VA_ARGS__

DEFINE(!is_reserved(fd), fsync, (int fd), (fd), "%ld", inode(fd))
DEFINE(!is_reserved(fd), fdatasync, (int fd), (fd), "%ld", inode(fd))
DEFINE_AS(off64_t, 0, lseek64, (int fd, off64_t at, int whence),
    (fd, at, whence), "%ld\t%lld", inode(fd), (long long)at)
DEFINE(0, ftruncate64, (int fd, off64_t len), (fd, len), "%ld\t%lld", inode(fd),
    (long long)len)
DEFINE(0, futimens, (int fd, const struct timespec times[2]), (fd, times),
    "%ld", inode(fd))
DEFINE(1, renameat2,
    (int from, const char *old, int to, const char *new, unsigned flags),
    (from, old, to, new, flags), "%ld\t%s\t%ld\t%s", inode(from), old,
    inode(to), new)
DEFINE(1, renameat, (int from, const char *old, int to, const char *new),
    (from, old, to, new), "%ld\t%s\t%ld\t%s", inode(from), old, inode(to), new)
DEFINE(1, linkat,
    (int from, const char *old, int to, const char *new, int flags),
    (from, old, to, new, flags), "%ld\t%s\t%ld\t%s", inode(from), old,
    inode(to), new)
DEFINE(0, unlinkat, (int folder, const char *name, int flags),
    (folder, name, flags), "%ld\t%s", inode(folder), name)
DEFINE(0, unlink, (const char *path), (path), "%s", path)
DEFINE(1, mkdirat, (int folder, const char *name, mode_t mode),
    (folder, name, mode), "%ld\t%s", inode(folder), name)
DEFINE(1, mkdir, (const char *path, mode_t mode), (path, mode), "%s", path)
DEFINE(0, fstat64, (int fd, struct stat64 *st), (fd, st), "%d", fd)
DEFINE(0, stat64, (const char *path, struct stat64 *st), (path, st), "%s", path)
DEFINE(0, fstatat64,
    (int folder, const char *name, struct stat64 *st, int flags),
    (folder, name, st, flags), "%s", name)
DEFINE(0, fstatvfs64, (int fd, struct statvfs64 *fs), (fd, fs), "%d", fd)
DEFINE(0, connect, (int fd, const struct sockaddr *address, socklen_t len),
    (fd, address, len), "%d", fd)
DEFINE(0, socket, (int domain, int type, int protocol),
    (domain, type, protocol), "%d", domain)
DEFINE(0, poll, (struct pollfd * polled, nfds_t count, int timeout),
    (polled, count, timeout), "%ld", (long)count)
DEFINE(0, ppoll,
    (struct pollfd * polled, nfds_t count, const struct timespec *timeout,
	const sigset_t *mask),
    (polled, count, timeout, mask), "%ld", (long)count)
DEFINE(0, dup2, (int fd, int other), (fd, other), "%d\t%d", fd, other)
DEFINE(0, pipe2, (int fds[2], int flags), (fds, flags), "%d", flags)
DEFINE(0, fork, (void), (), "")

int
fcntl64(int fd, int command, ...)
{
	struct call call;
	va_list args;
	void *argument;
	int result;

	NEXT(fcntl64);
	va_start(args, command);
	argument = va_arg(args, void *);
	va_end(args);
	CALL(result, -1, 0, fcntl64, fd, command, argument);
	END(call, result, "%ld\t%d", inode(fd), command);
	return result;
}

struct dirent64 *
readdir64(DIR *stream)
{
	struct call call;
	struct dirent64 *entry;

	NEXT(readdir64);
	CALL(entry, NULL, 0, readdir64, stream);
	END(call, 0, "%s", entry ? entry->d_name : "");
	return entry;
}

int
fallocate64(int fd, int mode, off64_t at, off64_t len)
{
	struct call call;
	int status;

	NEXT(fallocate64);
	CALL(status, -1, 1, fallocate64, fd, mode, at, len);
	if (status == 0)
		reserved[(unsigned long)inode(fd) % RESERVED] = 1;
	END(call, status, "%ld\t%lld\t%lld", inode(fd), (long long)at,
	    (long long)len);
	return status;
}

/* ---- sockets ---- */

ssize_t
send(int fd, const void *data, size_t len, int flags)
{
	struct call call = { 0 };
	ssize_t n;

	NEXT(send);
	announce(fd, data, len);
	CALL(n, -1, 0, send, fd, data, part(&call, len), flags);
	log_output(&call, fd, data, n, 0);
	return n;
}

ssize_t
recv(int fd, void *data, size_t len, int flags)
{
	struct call call = { 0 };
	ssize_t n;

	NEXT(recv);
	CALL(n, -1, 0, recv, fd, data, part(&call, len), flags);
	END(call, n, "0");
	return n;
}

ssize_t
__recv_chk(int fd, void *data, size_t len, size_t size, int flags)
{
	(void)size;
	return recv(fd, data, len, flags);
}

/* Messages for the log have several parts, and so may output. */
ssize_t
writev(int fd, const struct iovec *parts, int number)
{
	struct call call = { 0 };
	int ends = 0;
	ssize_t n;

	NEXT(writev);
	for (int i = 0; i < number; i++)
		announce(fd, parts[i].iov_base, parts[i].iov_len);
	CALL(n, -1, 0, writev, fd, parts, number);
	for (int i = 0; i < number; i++)
		ends += count_ends(parts[i].iov_base, parts[i].iov_len);
	END(call, n, "0\t%d", ends);
	return n;
}
