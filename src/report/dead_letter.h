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

/* Users with a lower uid are system users; their home is no place for mail. */
#define DEAD_LETTER_UID_MIN 1000

/*
 * Appends the message to the file of the setting dead_letter (not "off") in the
 * mbox format, with a field X-Failed-Recipients for the recipients that did not
 * get it.  *saved is the file, which the caller frees.
 *
 * A path counts for all users, "on" only for users who are no system users.
 * Creates the file with mode 0600, and the folder of "on"; an existing file must
 * be regular and belong to the user, and file_open_append() accepts it.  Waits
 * for the lock of the file, and truncates the file to its old length if writing
 * fails.
 *
 * Errors: ERROR_PERMISSION for "on" of a system user, ERROR_CREATE,
 * ERROR_INPUT.
 */
bool dead_letter_save(const char *setting, const struct user *user,
    const struct envelope *envelope, const struct message *message,
    char **saved, struct error *err);

/*
 * Whether dead_letter_save() could write to the file.  Creates nothing.  Errors:
 * those of dead_letter_save().
 */
bool dead_letter_check(const char *setting, const struct user *user,
    struct error *err);

/*
 * Returns the file of a setting, which the caller frees: "on" is
 * veredus/dead.letter in $XDG_STATE_HOME, if the user owns that folder, or in
 * ~/.local/state.  NULL for "off", and for "on" without a home folder.
 */
char *dead_letter_file(const char *setting, const struct user *user);

#endif
