/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The envelope of a submission: who sends it, who receives it.
 */
#ifndef VEREDUS_SUBMISSION_ENVELOPE_H
#define VEREDUS_SUBMISSION_ENVELOPE_H

#include <stdbool.h>

#include "base/error.h"
#include "submission/submission.h"

/*
 * Adds the recipients of the command line and, with -t, of the header; expands
 * aliases, qualifies and rewrites the addresses, and sets the sender.
 * Errors: ERROR_USAGE without recipients, ERROR_ADDRESS, ERROR_CONFIG.
 */
bool submission_build_envelope(struct submission *s, struct error *err);
/*
 * Sets the sender alone: -f, unless the account forbids it; the address that
 * --read-envelope-from found; the account's; or the default.
 */
bool submission_set_sender(struct submission *s, struct error *err);
/* Sets the sender before any rule is applied to it. */
void submission_use_sender(struct submission *s, const char *sender,
    enum sender_source source);

/* --read-envelope-from: the first address of the From field, or NULL.  The
 * caller frees the result. */
char *submission_header_sender(const struct submission *s);
/*
 * Expands one recipient, once the sender is set, as an operand of the command
 * line is expanded, and adds the result to another envelope, which is empty.
 * Errors: ERROR_ADDRESS, ERROR_CONFIG.
 */
bool submission_expand_recipient(struct submission *s, const char *address,
    struct envelope *expanded, struct error *err);

/* The sender of an account that names none: the user, with maildomain if it is
 * set.  The caller frees the result. */
char *submission_default_sender(const struct submission *s);

/* Reads the account's file with aliases, if it has one, and checks it. */
bool account_check_aliases(const struct account *account, struct error *err);

#endif
