/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the program does in a run: the modes, the options that choose them, and
 * which of these options can be given together.
 */
#ifndef VEREDUS_CONFIG_MODE_H
#define VEREDUS_CONFIG_MODE_H

#include <stdbool.h>

enum mode {
	MODE_SEND,
	MODE_SERVE,        /* -bs */
	MODE_SERVICE,      /* --service without another mode */
	MODE_CHECK,        /* --check, also with --service */
	MODE_PRINT_QUEUE,  /* -bp, mailq, --queue-list */
	MODE_INIT_ALIASES, /* -bi, -I, newaliases */
	MODE_HOST_STATUS,  /* -bh, hoststat */
	MODE_PURGE_STATUS, /* -bH, purgestat */
	MODE_RUN_QUEUE,    /* -q: does nothing */
	MODE_QUEUE_SHOW,
	MODE_QUEUE_DELETE,
	MODE_QUEUE_HOLD,
	MODE_QUEUE_RELEASE,
	MODE_QUEUE_REQUEUE,
	MODE_QUEUE_RETURN,
	MODE_QUEUE_CHECK,
	MODE_LOGIN,
	MODE_LOGIN_STATUS,
	MODE_LOGOUT,
	MODE_VERIFY, /* -bv */
	MODE_CONFIGURE,
	MODE_EXPLAIN,
	MODE_PRETEND,
	MODE_PRINT,
	MODE_PROBE,
	MODE_SERVERINFO,
	MODE_REMOTE_QUEUE, /* --rmqs */
	MODE_LIST_OPTIONS,
	MODE_VERSION,
	MODE_HELP
};

/* Returns the option that chooses the mode, for errors. */
const char *mode_option(enum mode mode);
enum mode_operands {
	OPERANDS_NONE,
	OPERANDS_RECIPIENTS, /* -t names recipients, too */
	OPERANDS_IDS,        /* of queued messages, or "all" */
	OPERANDS_LIMITS      /* none or two */
};

enum mode_operands mode_operands(enum mode mode);
/* Whether the mode prints JSON with --json. */
bool mode_prints_json(enum mode mode);
/* Whether the mode sends messages. */
bool mode_sends(enum mode mode);
/*
 * Makes *mode the one of both that counts, in whatever order they were given:
 * an option that only prints something is never undone.  Returns false if they
 * contradict each other.
 */
bool mode_combine(enum mode *mode, enum mode other);

#endif
