/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The dead letter: a message that was not delivered, saved in a mailbox file.
 */
#ifndef VEREDUS_REPORT_DEAD_LETTER_H
#define VEREDUS_REPORT_DEAD_LETTER_H

#include <stdbool.h>

#include "base/error.h"
#include "base/user.h"
#include "mail/envelope.h"
#include "mail/message.h"

/* Users with a lower uid are system users, whose mail nobody reads. */
#define DEAD_LETTER_UID_MIN 1000

/*
 * Appends the message to the file in the mbox format, with a field
 * X-Failed-Recipients for the recipients that did not get it.  Creates the file
 * with mode 0600; an existing one must be a regular file with one link that
 * belongs to the user.  Locks the file, and truncates it to its old length if
 * writing fails.
 *
 * Errors: ERROR_PERMISSION for root and system users, ERROR_CREATE,
 * ERROR_INPUT.
 */
bool dead_letter_save(const char *file, const struct user *user,
    const struct envelope *envelope, const struct message *message,
    struct error *err);

/*
 * Returns the file of a setting, which the caller frees: "on" is dead.letter in
 * the home folder.  NULL for "off", and for "on" without a home folder.
 */
char *dead_letter_file(const char *setting, const struct user *user);

#endif
