/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The setting `archive`: a copy of every message that a server took, with the
 * recipients of its envelope.  The copy is on the disk before the first server is
 * told of the message.
 */
#ifndef VEREDUS_RUNNER_ARCHIVE_H
#define VEREDUS_RUNNER_ARCHIVE_H

#include <stdbool.h>

#include "base/error.h"
#include "config/account.h"
#include "config/file.h"
#include "mail/envelope.h"
#include "mail/maildir.h"
#include "modes/context.h"

/*
 * Writes the copy before an attempt, if the account has an archive.
 * Errors: those of maildir_write(), which end the attempt if
 * archive->required.
 */
bool archive_begin(struct maildir_copy *copy,
    const struct archive_params *archive, const struct envelope *envelope,
    const struct message *m, struct error *err);
/*
 * Keeps the copy after an attempt if a recipient got the message, or may have
 * got it; else removes it.  Errors: those of maildir_keep(); the message was
 * sent.
 */
bool archive_end(struct maildir_copy *copy, const struct envelope *envelope,
    struct error *err);

/*
 * The same for the current submission.  An error that does not end the attempt is
 * a warning.  Errors: those of archive_begin(), for all
 * recipients.
 */
bool archive_begin_attempt(struct context *context, struct error *err);
void archive_end_attempt(struct context *context);

/* Tells the logs and, unless the caller is a program that wants no output, standard
 * error why there is no copy of a message that is sent. */
void archive_warn(const struct context *context, const struct error *why);

/* Removes old copies of all accounts. */
void archive_sweep(const struct config *config, const struct user *user);

#endif
