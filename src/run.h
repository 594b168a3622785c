/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One run of the program: what it was asked, and all that it gathers on the
 * way to an answer.  Each step of the straight line in main.c is a function
 * here; a step that fails leaves the rest undone.
 */
#ifndef VEREDUS_RUN_H
#define VEREDUS_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strv.h"
#include "base/user.h"
#include "config/account.h"
#include "config/choose.h"
#include "config/cmdline.h"
#include "config/file.h"
#include "mail/envelope.h"
#include "mail/message.h"
#include "mail/rewrite.h"
#include "mta_sts.h"
#include "net/tls.h"
#include "submit.h"

struct run {
	const struct cmdline *cmdline;
	struct user user; /* the caller */
	bool no_input;    /* there was no standard input */
	bool input_read;
	int64_t start; /* of clock_now() */
	struct config config;
	struct choice choice;   /* empty when the server was named */
	char *choice_sender;    /* by which it was made, or NULL */
	struct account account; /* named once it was chosen */
	struct resolve lookup;  /* of its host, if that has been begun */
	struct strv notes;      /* for the log */
	struct message message;
	struct envelope envelope;
	struct rewriting rewriting;
	char *written_sender; /* before rules changed it, or NULL */
	char *reply_to;       /* the sender before rules changed it, or NULL */
	struct strv operands; /* their addresses, if they go into a To */
	char *message_id;     /* for the log, or NULL */
	struct tls_context *tls;
	struct mta_sts mta_sts;
	struct session_facts facts;
};

/* Files first ... */
bool run_read_configuration(struct run *run, struct error *err);
bool run_read_message(struct run *run, struct error *err);
/* Notes for the log what was done to the message while it was read. */
void run_note_message(struct run *run);
/* Chooses, applies the command line, and works out what follows. */
bool run_choose_account(struct run *run, struct error *err);
/* Starts to look up its host. */
void run_start_lookup(struct run *run);
bool run_build_envelope(struct run *run, struct error *err);
/* The part of it that does not need the recipients. */
bool run_set_sender(struct run *run, struct error *err);
bool run_complete_message(struct run *run, struct error *err);
bool run_get_secrets(struct run *run, struct error *err);
/* ... network after. */
bool run_submit(struct run *run, struct error *err);

/* newaliases: checks the aliases of the chosen account. */
bool run_check_aliases(struct run *run, struct error *err);

/*
 * Reads the input to its end, unless a person is typing it: the caller is
 * still writing, and should get our exit status, not a broken pipe.
 */
void run_drain_input(struct run *run);

/* tls_prepare() for the account, and where the keys of TLS go. */
bool run_prepare_tls(struct run *run, struct error *err);

/* Fills what a delivery needs; -v and -d print the dialogue to stderr. */
void run_delivery_params(struct run *run, struct delivery_params *params);

void run_free(struct run *run);

#endif
