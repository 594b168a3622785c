/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Builds the envelope of a submission: its sender and its recipients.
 */
#ifndef VEREDUS_SUBMISSION_ENVELOPE_H
#define VEREDUS_SUBMISSION_ENVELOPE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/strv.h"
#include "submission/submission.h"

/*
 * Adds the recipients of the command line and, with -t, of the header; expands
 * aliases, qualifies and rewrites the addresses, and sets the sender.
 * Errors: ERROR_USAGE without recipients, ERROR_ADDRESS, ERROR_CONFIG.
 */
bool submission_build_envelope(struct submission *s, struct error *err);
/*
 * Sets only the sender: that of -f, unless the account forbids it; the address
 * that --read-envelope-from found; that of the account; or the default.
 * Errors: ERROR_ADDRESS, ERROR_CONFIG.
 */
bool submission_set_sender(struct submission *s, struct error *err);
/* Sets the error that there are no recipients; always returns false. */
bool submission_no_recipients(bool from_header, struct error *err);
/* Sets the sender, to which the rewrite rules have not been applied yet. */
void submission_use_sender(struct submission *s, const char *sender,
    enum sender_source source);

/*
 * Returns the first address of the From field for --read-envelope-from, or NULL
 * with a note for the log.  The caller frees the result.
 */
char *submission_header_sender(struct submission *s);
/*
 * Adds each address of the operands, also if another one has it, and the other
 * recipients in the header if they are wanted; before aliases.
 * Errors: ERROR_ADDRESS.
 */
bool submission_list_recipients(const struct submission *s,
    struct strv *recipients, struct error *err);
/*
 * Expands one recipient like an operand of the command line, and adds the results
 * to `expanded`, which must be empty.  The sender must have been set.
 * Errors: ERROR_ADDRESS, ERROR_CONFIG.
 */
bool submission_expand_recipient(struct submission *s, const char *address,
    struct envelope *expanded, struct error *err);

/*
 * Returns the sender for an account without `from`: the user's name, with
 * maildomain if it is set.  The caller frees the result.
 */
char *submission_default_sender(const struct submission *s);

/*
 * Reads an aliases file into zeroed aliases whose owner is set.  A file that
 * does not exist is empty, with a note if notes is not NULL.  Invalid lines are
 * in aliases->errors.  Errors: those of file_read() with FILE_TRUSTED.
 */
bool submission_read_aliases(const char *file, struct aliases *aliases,
    struct strv *notes, struct error *err);

#endif
