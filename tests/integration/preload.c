/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Loaded before libc in tests.  It appends system log messages to a file, and
 * replaces the name of this host, the addresses of other hosts, files, and the
 * speed of time.
 *
 *   VEREDUS_TEST_HOSTNAME=client.example
 *   VEREDUS_TEST_SYSLOG=/path, or socket:/path
 *   VEREDUS_TEST_JOURNAL=/path, a socket: the logger is the journal
 *   VEREDUS_TEST_HOSTS=mx.example=127.0.0.1+127.0.0.2,gone.example=none,
 *                      slow.example=hang,busy.example=again,
 *                      late.example=3s+127.0.0.1
 *   VEREDUS_TEST_FILES=/etc/mailname=/path,/etc/hosts=/path,/file=!5
 *   VEREDUS_TEST_STATE=/var=/path
 *   VEREDUS_TEST_SPEED=100
 *   VEREDUS_TEST_LANDLOCK=2, or 0
 *   VEREDUS_TEST_FILTER=0
 *   VEREDUS_TEST_REPORTS=/folder
 *   VEREDUS_TEST_NO_FORK=1
 *   VEREDUS_TEST_PIPE=5
 *   VEREDUS_TEST_ATTEMPTS=5,r:/etc/passwd,w:/path,x:/bin/true,c:25
 *
 * "!5" makes open() fail with that errno.  STATE replaces a folder, with all that
 * is in it.  SPEED makes the clock run so many times as fast, on 64-bit systems.
 * LANDLOCK is the version of Landlock that the kernel seems to have, 0: none, and
 * with FILTER=0 it has no filter of system calls.  REPORTS is where a sanitizer
 * writes.  PIPE is the errno of the second read() from a pipe that does not wait.
 * ATTEMPTS are made before the program connects to a server: to read or write a
 * file, to run a program, to connect to a port; a line with the errno of each is
 * written to descriptor 5.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* _FORTIFY_SOURCE replaces open() and openat() by these. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int folder, const char *path, int flags);
int __openat64_2(int folder, const char *path, int flags);

typedef int connect_fn(int, const struct sockaddr *, socklen_t);

static int
run(char *path)
{
	char *const argv[] = { path, NULL };
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		execv(path, argv);
		_exit(errno);
	}
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}

static int
attempt(char kind, char *object, connect_fn *real)
{
	struct sockaddr_in server = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd, failure;

	if (kind == 'x')
		return run(object);
	if (kind == 'c') {
		server.sin_port = htons((in_port_t)atoi(object));
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (real(fd, (struct sockaddr *)&server, sizeof server) == 0)
			errno = 0;
	} else {
		fd = open(object,
		    kind == 'r' ? O_RDONLY
				: O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
		    0600);
		if (fd >= 0)
			errno = 0;
	}
	failure = errno;
	close(fd);
	return failure;
}

static void
make_attempts(connect_fn *real)
{
	const char *list = getenv("VEREDUS_TEST_ATTEMPTS");
	static int made;
	char copy[4096], *rest = copy, *entry;
	int out;

	if (!list || made++)
		return;
	snprintf(copy, sizeof copy, "%s", list);
	out = atoi(strsep(&rest, ","));
	while ((entry = strsep(&rest, ",")))
		dprintf(out, "%d\n", attempt(entry[0], entry + 2, real));
}

static int
connect_to(connect_fn *real, int fd, const char *path)
{
	struct sockaddr_un other = { .sun_family = AF_UNIX };

	snprintf(other.sun_path, sizeof other.sun_path, "%s", path);
	return real(fd, (struct sockaddr *)&other, sizeof other);
}

/* Replaces the socket of the system's logger by a file. */
int
connect(int fd, const struct sockaddr *address, socklen_t len)
{
	connect_fn *real;
	const struct sockaddr_un *local = (const struct sockaddr_un *)address;
	const char *path = getenv("VEREDUS_TEST_SYSLOG");
	const char *journal = getenv("VEREDUS_TEST_JOURNAL");
	int file;

	*(void **)&real = dlsym(RTLD_NEXT, "connect");
	if (address->sa_family == AF_INET)
		make_attempts(real);
	if (journal && address->sa_family == AF_UNIX
	    && strcmp(local->sun_path, "/run/systemd/journal/socket") == 0)
		return connect_to(real, fd, journal);
	if (!path || address->sa_family != AF_UNIX
	    || strcmp(local->sun_path, "/dev/log") != 0)
		return real(fd, address, len);
	if (strncmp(path, "socket:", 7) == 0)
		return connect_to(real, fd, path + 7);
	file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (file < 0)
		return -1;
	dup3(file, fd, O_CLOEXEC);
	close(file);
	return 0;
}

#define LANDLOCK_CREATE_RULESET 444
#define LANDLOCK_ADD_RULE 445
#define LANDLOCK_RESTRICT_SELF 446
#define LANDLOCK_RULE_PATH_BENEATH 1
#define LANDLOCK_ACCESS_FS_WRITE_FILE (1ULL << 1)
#define LANDLOCK_ACCESS_FS_MAKE_REG (1ULL << 8)

static long
real_syscall(long number, const long a[6])
{
	static long (*real)(long, ...);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "syscall");
	return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static void
allow(long ruleset, const char *path, int flags, unsigned long long access)
{
	struct {
		unsigned long long access;
		int fd;
	} rule = { access, open(path, flags | O_CLOEXEC, 0600) };
	const long a[6] = { ruleset, LANDLOCK_RULE_PATH_BENEATH, (long)&rule };

	if (rule.fd < 0)
		return;
	real_syscall(LANDLOCK_ADD_RULE, a);
	close(rule.fd);
}

/* Only a test with a journal has one: that of the system gets nothing. */
static ssize_t
read_link(const char *path, char *target, size_t size)
{
	static const char journal[] = "/run/systemd/journal/dev-log";
	const long a[6] = { AT_FDCWD, (long)path, (long)target, (long)size };

	if (strcmp(path, "/dev/log") != 0)
		return real_syscall(SYS_readlinkat, a);
	if (!getenv("VEREDUS_TEST_JOURNAL")) {
		errno = EINVAL;
		return -1;
	}
	memcpy(target, journal, strlen(journal));
	return (ssize_t)strlen(journal);
}

ssize_t
readlink(const char *path, char *target, size_t size)
{
	return read_link(path, target, size);
}

/* The name with _FORTIFY_SOURCE. */
ssize_t
__readlink_chk(const char *path, char *target, size_t size, size_t room)
{
	(void)room;
	return read_link(path, target, size);
}

/* The sandbox knows nothing of the file that replaces the system's logger. */
static void
allow_files(long ruleset)
{
	const char *path = getenv("VEREDUS_TEST_SYSLOG");

	if (path && strncmp(path, "socket:", 7) != 0)
		allow(ruleset, path, O_WRONLY | O_CREAT,
		    LANDLOCK_ACCESS_FS_WRITE_FILE);
	path = getenv("VEREDUS_TEST_REPORTS");
	if (path)
		allow(ruleset, path, O_PATH,
		    LANDLOCK_ACCESS_FS_WRITE_FILE
			| LANDLOCK_ACCESS_FS_MAKE_REG);
}

static long
create_ruleset(const long a[6])
{
	const char *version = getenv("VEREDUS_TEST_LANDLOCK");
	long result;

	if (version && strcmp(version, "0") == 0) {
		errno = ENOSYS;
		return -1;
	}
	result = real_syscall(LANDLOCK_CREATE_RULESET, a);
	return version && !a[0] && result > 0 ? atol(version) : result;
}

long
syscall(long number, ...)
{
	long a[6];
	va_list args;

	va_start(args, number);
	for (size_t i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (number == LANDLOCK_CREATE_RULESET)
		return create_ruleset(a);
	if (number == LANDLOCK_RESTRICT_SELF)
		allow_files(a[0]);
	return real_syscall(number, a);
}

int
prctl(int option, ...)
{
	int (*real)(int, ...);
	const char *filter = getenv("VEREDUS_TEST_FILTER");
	unsigned long a[4];
	va_list args;

	va_start(args, option);
	for (size_t i = 0; i < 4; i++)
		a[i] = va_arg(args, unsigned long);
	va_end(args);
	if (option == PR_SET_SECCOMP && filter && strcmp(filter, "0") == 0) {
		errno = EINVAL;
		return -1;
	}
	*(void **)&real = dlsym(RTLD_NEXT, "prctl");
	return real(option, a[0], a[1], a[2], a[3]);
}

pid_t
fork(void)
{
	pid_t (*real)(void);

	if (getenv("VEREDUS_TEST_NO_FORK")) {
		errno = EAGAIN;
		return -1;
	}
	*(void **)&real = dlsym(RTLD_NEXT, "fork");
	return real();
}

static int
is_pipe(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode)
	    && (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0;
}

ssize_t
read(int fd, void *to, size_t size)
{
	static ssize_t (*real)(int, void *, size_t);
	static int reads;
	const char *failure = getenv("VEREDUS_TEST_PIPE");

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "read");
	if (!failure || !is_pipe(fd) || reads++ == 0)
		return real(fd, to, size);
	errno = atoi(failure);
	return -1;
}

int
gethostname(char *name, size_t size)
{
	int (*real)(char *, size_t);
	const char *configured = getenv("VEREDUS_TEST_HOSTNAME");

	if (configured) {
		snprintf(name, size, "%s", configured);
		return 0;
	}
	*(void **)&real = dlsym(RTLD_NEXT, "gethostname");
	return real(name, size);
}

typedef int getaddrinfo_fn(const char *, const char *, const struct addrinfo *,
    struct addrinfo **);

/* Copies the entry of a name in the variable; false if it has none. */
static int
find_entry(const char *variable, const char *name, char *value, size_t size)
{
	const char *entry = getenv(variable);
	size_t len = name ? strlen(name) : 0;

	while (entry && len > 0) {
		if (strncasecmp(entry, name, len) == 0 && entry[len] == '=') {
			snprintf(value, size, "%.*s",
			    (int)strcspn(entry + len + 1, ","),
			    entry + len + 1);
			return 1;
		}
		entry = strchr(entry, ',');
		if (entry)
			entry++;
	}
	return 0;
}

int
getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
    struct addrinfo **result)
{
	getaddrinfo_fn *real;
	struct addrinfo **end = result;
	char value[256];
	int status = EAI_NONAME;

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (!find_entry("VEREDUS_TEST_HOSTS", name, value, sizeof value))
		return real(name, service, hints, result);
	if (strcmp(value, "none") == 0)
		return EAI_NONAME;
	if (strcmp(value, "again") == 0)
		return EAI_AGAIN;
	if (strcmp(value, "hang") == 0) {
		sleep(60);
		return EAI_AGAIN;
	}
	for (char *rest = value, *address; (address = strsep(&rest, "+"));) {
		if (strchr(address, 's')) {
			sleep((unsigned)atoi(address));
			continue;
		}
		status = real(address, service, hints, end);
		if (status != 0)
			return status;
		while (*end)
			end = &(*end)->ai_next;
	}
	return status;
}

/* Returns the path, or the one in the folder of this test. */
static const char *
in_state(const char *path, char *value, size_t size)
{
	const char *entry = getenv("VEREDUS_TEST_STATE");
	size_t len = entry ? strcspn(entry, "=") : 0;

	if (len == 0 || strncmp(path, entry, len) != 0
	    || (path[len] != '/' && path[len] != '\0'))
		return path;
	snprintf(value, size, "%s%s", entry + len + 1, path + len);
	return value;
}

/* Returns NULL with errno set if the file is to fail. */
static const char *
replacement(const char *path, char *value, size_t size)
{
	if (!find_entry("VEREDUS_TEST_FILES", path, value, size))
		return in_state(path, value, size);
	if (*value != '!')
		return value;
	errno = atoi(value + 1);
	return NULL;
}

/* A program with large files on a 32-bit system calls the 64-bit names, and one
 * with _FORTIFY_SOURCE the short forms. */
#define DEFINE_OPEN(name, short_name) \
	int name(const char *path, int flags, ...) \
	{ \
		int (*real)(const char *, int, ...); \
		char value[4096]; \
		const char *actual; \
		va_list args; \
		mode_t mode; \
\
		va_start(args, flags); \
		mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(args, mode_t) \
						       : 0; \
		va_end(args); \
		*(void **)&real = dlsym(RTLD_NEXT, #name); \
		actual = replacement(path, value, sizeof value); \
		return actual ? real(actual, flags, mode) : -1; \
	} \
\
	int short_name(const char *path, int flags) \
	{ \
		return name(path, flags); \
	}

/* A program that is replaced gets no other environment and arguments. */
int
execve(const char *path, char *const argv[], char *const envp[])
{
	int (*real)(const char *, char *const[], char *const[]);
	char value[4096];
	const char *actual = replacement(path, value, sizeof value);

	*(void **)&real = dlsym(RTLD_NEXT, "execve");
	return actual ? real(actual, argv, envp) : -1;
}

int
access(const char *path, int mode)
{
	int (*real)(const char *, int);
	char value[4096];
	const char *actual = replacement(path, value, sizeof value);

	*(void **)&real = dlsym(RTLD_NEXT, "access");
	return actual ? real(actual, mode) : -1;
}

DEFINE_OPEN(open, __open_2)
DEFINE_OPEN(open64, __open64_2)

#define DEFINE_OPENAT(name, short_name) \
	int name(int folder, const char *path, int flags, ...) \
	{ \
		int (*real)(int, const char *, int, ...); \
		char value[4096]; \
		va_list args; \
		mode_t mode; \
\
		va_start(args, flags); \
		mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(args, mode_t) \
						       : 0; \
		va_end(args); \
		*(void **)&real = dlsym(RTLD_NEXT, #name); \
		return real(folder, in_state(path, value, sizeof value), \
		    flags, mode); \
	} \
\
	int short_name(int folder, const char *path, int flags) \
	{ \
		return name(folder, path, flags); \
	}

DEFINE_OPENAT(openat, __openat_2)
DEFINE_OPENAT(openat64, __openat64_2)

/* The functions with a path and one argument. */
#define DEFINE_ON_PATH(name, type) \
	int name(const char *path, type argument) \
	{ \
		int (*real)(const char *, type); \
		char value[4096]; \
\
		*(void **)&real = dlsym(RTLD_NEXT, #name); \
		return real(in_state(path, value, sizeof value), argument); \
	}

DEFINE_ON_PATH(mkdir, mode_t)
DEFINE_ON_PATH(stat, struct stat *)
DEFINE_ON_PATH(stat64, struct stat64 *)
DEFINE_ON_PATH(lstat, struct stat *)
DEFINE_ON_PATH(lstat64, struct stat64 *)
DEFINE_ON_PATH(statfs, struct statfs *)
DEFINE_ON_PATH(statfs64, struct statfs64 *)
DEFINE_ON_PATH(statvfs, struct statvfs *)
DEFINE_ON_PATH(statvfs64, struct statvfs64 *)

int
faccessat(int folder, const char *path, int mode, int flags)
{
	int (*real)(int, const char *, int, int);
	char value[4096];

	*(void **)&real = dlsym(RTLD_NEXT, "faccessat");
	return real(folder, in_state(path, value, sizeof value), mode, flags);
}

int
unlink(const char *path)
{
	int (*real)(const char *);
	char value[4096];

	*(void **)&real = dlsym(RTLD_NEXT, "unlink");
	return real(in_state(path, value, sizeof value));
}

int
rename(const char *from, const char *to)
{
	int (*real)(const char *, const char *);
	char values[2][4096];

	*(void **)&real = dlsym(RTLD_NEXT, "rename");
	return real(in_state(from, values[0], sizeof values[0]),
	    in_state(to, values[1], sizeof values[1]));
}

/* The random characters are at the end of both paths. */
#define DEFINE_MKOSTEMP(name) \
	int name(char *path, int flags) \
	{ \
		int (*real)(char *, int); \
		char value[4096]; \
		char *actual = (char *)in_state(path, value, sizeof value); \
		size_t random = strlen("XXXXXX"); \
		int fd; \
\
		*(void **)&real = dlsym(RTLD_NEXT, #name); \
		fd = real(actual, flags); \
		if (actual == value) \
			memcpy(path + strlen(path) - random, \
			    value + strlen(value) - random, random); \
		return fd; \
	}

DEFINE_MKOSTEMP(mkostemp)
DEFINE_MKOSTEMP(mkostemp64)

#ifdef __LP64__

#define SECOND 1000000000L

/* Time passes so many times as fast. */
static long
speed(void)
{
	const char *configured = getenv("VEREDUS_TEST_SPEED");

	return configured ? atol(configured) : 1;
}

int
clock_gettime(clockid_t clock, struct timespec *now)
{
	long factor = speed();
	long result = syscall(SYS_clock_gettime, clock, now);

	if (clock == CLOCK_MONOTONIC && factor > 1) {
		now->tv_nsec *= factor;
		now->tv_sec = now->tv_sec * factor + now->tv_nsec / SECOND;
		now->tv_nsec %= SECOND;
	}
	return (int)result;
}

int
ppoll(struct pollfd *polled, nfds_t count, const struct timespec *timeout,
    const sigset_t *mask)
{
	int (*real)(struct pollfd *, nfds_t, const struct timespec *,
	    const sigset_t *);
	long factor = speed();
	struct timespec shorter;

	*(void **)&real = dlsym(RTLD_NEXT, "ppoll");
	if (timeout && factor > 1) {
		long left = timeout->tv_sec * SECOND + timeout->tv_nsec;

		shorter.tv_sec = left / factor / SECOND;
		shorter.tv_nsec = left / factor % SECOND;
		timeout = &shorter;
	}
	return real(polled, count, timeout, mask);
}

#endif
