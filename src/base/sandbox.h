/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sandbox: before this program reads what comes from the network, it gives
 * up the files and system calls that it will not need.  Rules are data, and the
 * layers above make them.
 */
#ifndef VEREDUS_BASE_SANDBOX_H
#define VEREDUS_BASE_SANDBOX_H

#include <stdbool.h>

#include "base/landlock.h"
#include "base/str.h"
#include "base/strv.h"
#include "base/syscall_filter.h"

/* { 0 } allows as little as possible. */
struct sandbox {
	struct landlock_rules rules;
	/* Landlock is not used: files and ports cannot be told in advance. */
	bool any_file;
	unsigned calls; /* of enum syscall_group, that stay allowed */
};

enum sandbox_state {
	SANDBOX_COMPLETE,
	SANDBOX_WITHOUT_PORTS, /* the kernel cannot limit TCP ports */
	SANDBOX_INCOMPLETE     /* Landlock or the filter is missing */
};

/* Where shared libraries are, the modules of this program and those of the
 * name service among them, and what they read to be loaded. */
void sandbox_allow_libraries(struct sandbox *s);
/* What the resolver of the C library reads, and the port that it uses. */
void sandbox_allow_resolver(struct sandbox *s);
/* What the C library reads to find the names of users. */
void sandbox_allow_user_names(struct sandbox *s);
/* The places of CA certificates, and those that links in them may lead to. */
void sandbox_allow_trust(struct sandbox *s, const struct strv *places);
/* The program, to be run with all that it needs to be loaded. */
void sandbox_allow_program(struct sandbox *s, const char *path);
/*
 * What sanitizers, and the measurement of the coverage, need in a build with
 * them; nothing in other builds.
 */
void sandbox_allow_instruments(struct sandbox *s);

/*
 * Enters the sandbox, as far as the kernel has what it takes; that is for ever.
 * Unless it is complete, appends what is missing, as in "no Landlock (Function
 * not implemented)".
 */
enum sandbox_state sandbox_enter(const struct sandbox *s, struct str *missing);
void sandbox_free(struct sandbox *s);

/* Whether sandbox_enter() can be complete, but for the ports. */
bool sandbox_is_available(void);
/* Appends what this kernel has, for --version. */
void sandbox_describe(struct str *out);

#endif
