/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What helps against an error: the setting to change, with its place, or the
 * command to run.
 */
#ifndef VEREDUS_CHECK_REMEDY_H
#define VEREDUS_CHECK_REMEDY_H

#include "base/error.h"
#include "base/stage.h"
#include "base/str.h"
#include "config/account.h"
#include "modes/session_facts.h"

/*
 * Appends the remedy for an error of the account in that stage of a session.  The
 * host is that of the session, or NULL; it tells one of several lines `host`.
 */
void remedy_of_error(const struct account *a, const char *host,
    enum smtp_stage stage, const struct error *err, struct str *out);
/* Appends the remedy for a certificate that was rejected.  The facts have the host. */
void remedy_of_certificate(const struct account *a,
    const struct session_facts *facts, struct str *out);
/*
 * Appends the remedy for a file that this user cannot use: to create it, to change
 * its permissions, to name a regular file; a file with a secret also needs only one
 * name (hard link), and a text.  Returns false if nothing of that is wrong.
 */
bool remedy_of_file(const char *path, bool has_secret, struct str *out);
/* Appends "veredus OPTION -a NAME", as a shell reads it. */
void remedy_add_command(struct str *out, const char *option, const char *name);

#endif
