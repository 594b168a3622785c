/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the modes share: the configuration, the account that was selected from
 * it, its TLS context and login, and the current submission.  The table of
 * steps in main.c says in which order the functions are called.
 */
#ifndef VEREDUS_MODES_CONTEXT_H
#define VEREDUS_MODES_CONTEXT_H

#include <stdbool.h>

#include "base/error.h"
#include "base/strv.h"
#include "base/user.h"
#include "config/account.h"
#include "config/account_monitor.h"
#include "config/cmdline.h"
#include "config/file.h"
#include "config/mta_sts.h"
#include "config/select.h"
#include "delivery/params.h"
#include "mail/maildir.h"
#include "queue/id.h"
#include "queue/rate.h"
#include "report/recorder.h"
#include "report/result.h"
#include "submission/submission.h"
#include "tls/tls.h"

struct context {
	const struct cmdline *cmdline; /* borrowed */
	struct user user; /* the caller, or a service and its client */
	struct config config;
	struct selection selection; /* empty if --host or --socket is given */
	char *selection_sender;  /* the sender that it is based on, or NULL */
	struct account account;  /* has a name once it is resolved */
	struct resolve lookup;   /* of the account's host, if started */
	struct strv notes;       /* for the log */
	struct strv problems;    /* the lines of an error that has several */
	struct strv differences; /* from msmtp, to be shown */
	struct auth_params auth; /* from credentials_get() */
	struct secret proxy_password;
	/* Of a session of -bs or --service; or of the account alone, to get
	 * another token for it. */
	struct account_monitor monitor;
	struct tls_context *tls;
	struct mta_sts mta_sts;
	struct aliases aliases;       /* the account's, read when needed */
	struct submission submission; /* the current one */
	struct session_log session;   /* of its delivery */
	struct recorder *recorder;    /* of the same, for --report; or NULL */
	struct rate_tokens rate;      /* that it has taken */
	struct maildir_copy archive;  /* of the attempt at it */
	struct queue_id queue_id;     /* of the queued message; "": none */
	bool no_input;                /* standard input was closed */
	int exit_status; /* of a mode that succeeded; 0 unless it sets it */
	struct report_queue queue; /* what else the queue did with it */
};

/*
 * Fills an uninitialised struct, which then contains pointers into itself and
 * must not be moved.
 */
void context_init(struct context *context, const struct cmdline *cmdline);
void context_free(struct context *context);

/* Fills in the user: the caller, or with --service the service itself. */
void context_find_user(struct context *context);
/* Reads the configuration files, unless --host or --socket replaces them; with
 * --service only the file of the service. */
bool context_read_config(struct context *context, struct error *err);
/*
 * Selects an account, applies the command line to its settings, and resolves
 * it.  Errors: those of config_select(), cmdline_apply(), account_resolve().
 */
bool context_select_account(struct context *context, struct error *err);
/*
 * Appends the notes on the command line, the files and the account, and the
 * differences from msmtp.  -v prints them; --pretend and --explain show them.
 */
void context_add_notes(const struct context *context, struct strv *out);
/* Starts the lookup of the account's host, without waiting for the result. */
void context_start_lookup(struct context *context);
/* Creates the TLS context of the account, and finds the password for its proxy.
 * Errors: those of tls_prepare() and password_of_proxy(). */
bool context_prepare_connection(struct context *context, struct error *err);
/* Finds the login of the account; `may_ask` is that of credentials_get(), and so
 * are the errors. */
bool context_get_login(struct context *context, bool may_ask,
    struct error *err);
/*
 * Has the filter of the account, if there is one, change the completed message.
 * Errors: those of submission_filter() and account_monitor_start_alone().
 */
bool context_filter_message(struct context *context, struct error *err);
/* Replaces the current submission by an empty one. */
void context_next_submission(struct context *context);

/* Fills the parameters of a delivery; -v and -d print the SMTP dialogue. */
void context_delivery_params(struct context *context,
    struct delivery_params *params);
/*
 * Calls tls_required_apply() for the current message, if it was read, and notes that
 * for the log.  Not for a session in which other messages follow.
 */
void context_waive_policies(struct context *context,
    struct delivery_params *params);
/* What the account and the options -od of the caller want; off without a
 * configuration file and without a folder for the queue. */
enum queue_mode context_queue_mode(const struct context *context);

/* Returns what a report on the current submission is made from; borrowed. */
struct report context_report(struct context *context);

#endif
