/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What helps against an error: the setting to change, with its place, or the
 * command to run.
 */
#ifndef VEREDUS_CHECK_REMEDY_H
#define VEREDUS_CHECK_REMEDY_H

#include <sys/types.h>

#include "base/error.h"
#include "base/stage.h"
#include "base/str.h"
#include "check/finding.h"
#include "config/account.h"
#include "modes/session_facts.h"

/* As in etc/sysusers.d. */
#define REMEDY_SERVICE_USER "veredus"

/* What went wrong, and where; all borrowed. */
struct failure {
	const struct account *account;
	const struct error *err;
	enum smtp_stage stage;             /* STAGE_NONE: before a session */
	const char *host;                  /* of the session, or NULL */
	const struct session_facts *facts; /* or NULL: there was no session */
	const struct check_target *target; /* or NULL: that of no option */
};

/* Appends the remedy for a failure.  The host tells one of several lines `host`. */
void remedy_of_failure(const struct failure *f, struct str *out);
/* Appends the remedy for a certificate that was rejected.  The facts have the
 * host. */
void remedy_of_certificate(const struct account *a,
    const struct session_facts *facts, struct str *out);
/*
 * Appends the remedy for a file that this user cannot use: to create it, to change
 * its permissions, to name a regular file; a file with a secret also needs only one
 * name (hard link), and a text.  Returns false if nothing of that is wrong.
 */
bool remedy_of_file(const char *path, bool has_secret, struct str *out);
/*
 * Appends the remedy for the folder of a setting that cannot be used as the owner's
 * alone: to name another one, to create it, or to change its owner and permissions.
 */
void remedy_of_folder(const char *setting, const char *path, uid_t owner,
    struct str *out);
/*
 * Appends "veredus OPTION -a ACCOUNT" as a shell reads it, with the options that make
 * it act on the target (or NULL), and as the user of its service.  The account may be
 * NULL.  No other function makes such a command.
 */
void remedy_add_command(struct str *out, const struct check_target *target,
    const char *option, const char *account);

#endif
