/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Loaded before libc in tests.  It appends system log messages to a file, and
 * replaces the name of this host, the addresses of other hosts, files, and the
 * speed of time.
 *
 *   VEREDUS_TEST_HOSTNAME=client.example
 *   VEREDUS_TEST_SYSLOG=/path, or socket:/path
 *   VEREDUS_TEST_HOSTS=mx.example=127.0.0.1+127.0.0.2,gone.example=none,
 *                      slow.example=hang,busy.example=again,
 *                      late.example=3s+127.0.0.1
 *   VEREDUS_TEST_FILES=/etc/mailname=/path,/etc/hosts=/path,/file=!5
 *   VEREDUS_TEST_SPEED=100
 *
 * "!5" makes open() fail with that errno.  The last one makes the clock run so
 * many times as fast, on 64-bit systems.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* _FORTIFY_SOURCE replaces open() by these. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);

/* Replaces the socket of the system's logger by a file. */
int
connect(int fd, const struct sockaddr *address, socklen_t len)
{
	int (*real)(int, const struct sockaddr *, socklen_t);
	const struct sockaddr_un *local = (const struct sockaddr_un *)address;
	const char *path = getenv("VEREDUS_TEST_SYSLOG");
	int file;

	*(void **)&real = dlsym(RTLD_NEXT, "connect");
	if (!path || address->sa_family != AF_UNIX
	    || strcmp(local->sun_path, "/dev/log") != 0)
		return real(fd, address, len);
	if (strncmp(path, "socket:", 7) == 0) {
		struct sockaddr_un other = { .sun_family = AF_UNIX };

		snprintf(other.sun_path, sizeof other.sun_path, "%s", path + 7);
		return real(fd, (struct sockaddr *)&other, sizeof other);
	}
	file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (file < 0)
		return -1;
	dup3(file, fd, O_CLOEXEC);
	close(file);
	return 0;
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

/* Returns NULL with errno set if the file is to fail. */
static const char *
replacement(const char *path, char *value, size_t size)
{
	if (!find_entry("VEREDUS_TEST_FILES", path, value, size))
		return path;
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

DEFINE_OPEN(open, __open_2)
DEFINE_OPEN(open64, __open64_2)

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
