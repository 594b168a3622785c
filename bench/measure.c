/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs a program several times and measures each run.
 *
 *	measure RUNS INPUT PROGRAM ARGUMENT...
 *
 * prints one line for each run: its start and its end (CLOCK_MONOTONIC in
 * nanoseconds), its peak memory in KiB, and the time of the processor that it
 * took, in microseconds.  A run starts before fork() and ends when wait()
 * returns.
 *
 * The peak memory that the kernel reports includes the memory of the process
 * before exec().  Therefore this is a small program and not part of run.py: a
 * Python interpreter is larger than some of the clients.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000000000 + t.tv_nsec;
}

static long long
microseconds(const struct timeval *t)
{
	return (long long)t->tv_sec * 1000000 + t->tv_usec;
}

static _Noreturn void
execute(const char *input, char **argv)
{
	int in = open(input, O_RDONLY);
	int out = open("/dev/null", O_WRONLY);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (in >= 0 && out >= 0 && dup2(in, STDIN_FILENO) >= 0
	    && dup2(out, STDOUT_FILENO) >= 0) {
		if (in > STDERR_FILENO)
			close(in);
		if (out > STDERR_FILENO)
			close(out);
		execvp(argv[0], argv);
	}
	perror(argv[0]);
	_exit(127);
}

static bool
run_once(const char *input, char **argv)
{
	struct rusage usage;
	int status;
	long long start = now();
	pid_t child = fork();

	if (child == 0)
		execute(input, argv);
	if (child < 0 || wait4(child, &status, 0, &usage) != child)
		return false;
	printf("%lld %lld %ld %lld\n", start, now(), usage.ru_maxrss,
	    microseconds(&usage.ru_utime) + microseconds(&usage.ru_stime));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	fprintf(stderr, "measure: %s ended with status %#x\n", argv[0],
	    (unsigned)status);
	return false;
}

int
main(int argc, char *argv[])
{
	long runs = argc > 3 ? strtol(argv[1], NULL, 10) : 0;

	if (runs < 1) {
		fprintf(stderr, "usage: measure RUNS INPUT PROGRAM...\n");
		return 64;
	}
	for (long i = 0; i < runs; i++)
		if (!run_once(argv[2], argv + 3))
			return 1;
	return 0;
}
