/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The accounts that may be chosen after this process has entered the sandbox, and
 * the second process (base/monitor.h) that runs their commands.
 */
#ifndef VEREDUS_CONFIG_ACCOUNT_MONITOR_H
#define VEREDUS_CONFIG_ACCOUNT_MONITOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/monitor.h"
#include "base/secret.h"
#include "base/user.h"
#include "config/account.h"

/* { 0 } has no accounts and no second process. */
struct account_monitor {
	struct monitor monitor;
	const struct user *user; /* owns the files */
	struct account **accounts;
	size_t count;
	size_t size;      /* room in accounts */
	bool is_borrowed; /* the accounts belong to the caller */
	unsigned wait;    /* seconds for each answer, as long as the client of a
			   * session waits before its message is queued; 0: as
			   * long as the work may take */
};

/* Adds a resolved account, which now belongs to the monitor. */
void account_monitor_add(struct account_monitor *m, struct account *account);
/*
 * Forks the second process if an account has a command for its password or for its
 * messages, or gets tokens.  Errors: ERROR_SYSTEM.
 */
bool account_monitor_start(struct account_monitor *m, const struct user *user,
    struct error *err);
/* The same in an empty monitor for this account alone, which remains the caller's
 * and does not change until the monitor is freed. */
bool account_monitor_start_alone(struct account_monitor *m,
    struct account *account, const struct user *user, struct error *err);
/* Whether the second process runs the commands of the account; m may be NULL. */
bool account_monitor_has(const struct account_monitor *m,
    const struct account *account);
/* Has the second process run the command for the password.  Errors: those of
 * password_command_run() and monitor_ask(). */
bool account_monitor_password(const struct account_monitor *m,
    const struct account *account, struct secret *password, struct error *err);
/* The same for oauth_token_get(), with its results and errors. */
bool account_monitor_token(const struct account_monitor *m,
    const struct account *account, struct auth_params *auth, struct error *err);
/* The same for oauth_token_replace(), in place of the token in auth. */
bool account_monitor_replace_token(const struct account_monitor *m,
    const struct account *account, struct auth_params *auth, struct error *err);
/*
 * Has the second process run the filter of the account with that input and
 * output.  The answer becomes readable when the command has ended;
 * account_monitor_end_filter() closes it and says how the command ended, with
 * the remark of filter_command_run().  Errors: those of filter_command_run();
 * ERROR_FILTER, too, if the second process fails.
 */
struct filter_answer {
	const struct account *account; /* borrowed */
	int fd;
	int64_t deadline; /* until which there is an answer */
};
bool account_monitor_begin_filter(const struct account_monitor *m,
    const struct account *account, int input, int output,
    struct filter_answer *answer, struct error *err);
bool account_monitor_end_filter(const struct filter_answer *answer,
    struct str *remark, struct error *err);
void account_monitor_free(struct account_monitor *m);

#endif
