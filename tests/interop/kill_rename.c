/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A library to preload: SIGKILL ends the process in place of its rename() with
 * the number in VEREDUS_TEST_RENAME, from 1.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int number, count;

/* The program clears its environment. */
__attribute__((constructor)) static void
start(void)
{
	const char *configured = getenv("VEREDUS_TEST_RENAME");

	number = configured != NULL ? atoi(configured) : 0;
}

int
rename(const char *old, const char *new)
{
	int (*real)(const char *, const char *);

	if (++count == number)
		kill(getpid(), SIGKILL);
	*(void **)&real = dlsym(RTLD_NEXT, "rename");
	return real(old, new);
}
