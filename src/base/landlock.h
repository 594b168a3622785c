/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Landlock (landlock(7)): takes the access to files, ports and sockets from this
 * process and its children, except what rules allow.  What is open stays open.
 */
#ifndef VEREDUS_BASE_LANDLOCK_H
#define VEREDUS_BASE_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* What a rule allows for a file, or for everything below a folder. */
enum landlock_access {
	LANDLOCK_READ = 1 << 0,
	LANDLOCK_LIST = 1 << 1,   /* to read folders */
	LANDLOCK_WRITE = 1 << 2,  /* to write and truncate files */
	LANDLOCK_CHANGE = 1 << 3, /* to create, rename and remove files */
	LANDLOCK_EXECUTE = 1 << 4
};

/* Of a file of this program, and of a folder in which its files come and go. */
#define LANDLOCK_OWN_FILE (LANDLOCK_READ | LANDLOCK_WRITE)
#define LANDLOCK_OWN_FOLDER \
	(LANDLOCK_OWN_FILE | LANDLOCK_LIST | LANDLOCK_CHANGE)

struct landlock_rule {
	size_t path;     /* where it begins in the paths */
	unsigned access; /* of enum landlock_access */
};

/* { 0 } allows nothing. */
struct landlock_rules {
	struct landlock_rule *items;
	size_t count;
	size_t size;
	/* One behind the other, each with its NUL: copies of their own would cost
	 * five times as much. */
	struct str paths;
	unsigned *ports; /* TCP ports to connect to */
	size_t port_count;
	size_t port_size;
	bool any_port; /* to connect to */
	bool binds;    /* a local address, but no port, may be chosen */
};

/* The oldest version of Landlock that is used: before it, no file could be moved
 * to another folder, as the queue does. */
#define LANDLOCK_ABI_MIN 2
/* The first version that knows TCP ports. */
#define LANDLOCK_ABI_PORTS 4

/* The version of the kernel's Landlock; 0 without it, with errno set. */
int landlock_abi(void);

/* Adds a copy of the path, which a symbolic link leads to, too. */
void landlock_allow(struct landlock_rules *rules, const char *path,
    unsigned access);
void landlock_allow_port(struct landlock_rules *rules, unsigned port);
void landlock_free(struct landlock_rules *rules);

/*
 * Makes the rules those of this process.  A rule whose path does not exist has
 * no effect.  The process must have set PR_SET_NO_NEW_PRIVS.  On failure returns
 * false with errno set, and nothing has changed.
 */
bool landlock_restrict(const struct landlock_rules *rules, int abi);

#endif
