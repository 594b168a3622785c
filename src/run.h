/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One run of the program: its configuration, the account that is chosen from
 * it, and the submissions through that account.  The table of steps in main.c
 * names the functions in their order.
 */
#ifndef VEREDUS_RUN_H
#define VEREDUS_RUN_H

#include <stdbool.h>

#include "base/error.h"
#include "base/strv.h"
#include "base/user.h"
#include "config/account.h"
#include "config/cmdline.h"
#include "config/file.h"
#include "config/mta_sts.h"
#include "config/select.h"
#include "delivery/attempt.h"
#include "submission/submission.h"
#include "tls/tls.h"

struct run {
	const struct cmdline *cmdline;
	struct user user; /* the caller */
	bool no_input;    /* there was no standard input */
	struct config config;
	struct selection choice; /* empty when the server was named */
	char *choice_sender;     /* by which it was made, or NULL */
	struct account account;  /* named once it was chosen */
	struct resolve lookup;   /* of its host, if that has been begun */
	struct strv notes;       /* for the log */
	struct auth_params auth; /* of credentials_get() */
	struct tls_context *tls;
	struct mta_sts mta_sts;
	struct aliases aliases;       /* the account's, once they are needed */
	struct submission submission; /* through the account */
	struct session_log facts;     /* of its delivery */
};

/* Fills an uninitialised struct, which holds pointers into itself from then on.
 * The command line is borrowed. */
void run_begin(struct run *run, const struct cmdline *cmdline);

/* Files first ... */
bool run_read_configuration(struct run *run, struct error *err);
/* Chooses, applies the command line, and works out what follows. */
bool run_choose_account(struct run *run, struct error *err);
/* Starts to look up its host. */
void run_start_lookup(struct run *run);
/* tls_prepare() for the account, and where the keys of TLS go. */
bool run_prepare_tls(struct run *run, struct error *err);
/* That, and the password. */
bool run_get_secrets(struct run *run, struct error *err);
/* ... network after. */
bool run_submit(struct run *run, struct error *err);

/* Begins another submission in place of the last one. */
void run_next_submission(struct run *run);

/*
 * Reads the input to its end, unless a person is typing it: the caller is
 * still writing, and should get our exit status, not a broken pipe.
 */
void run_drain_input(struct run *run);

/* Fills what a delivery needs; -v and -d print the dialogue to stderr. */
void run_delivery_params(struct run *run, struct delivery_params *params);

void run_free(struct run *run);

#endif
