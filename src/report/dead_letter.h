/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The dead letter: a message that could not be sent, kept for a person.
 */
#ifndef VEREDUS_REPORT_DEAD_LETTER_H
#define VEREDUS_REPORT_DEAD_LETTER_H

#include <stdbool.h>

#include "base/error.h"
#include "base/user.h"
#include "mail/envelope.h"
#include "mail/message.h"

/* Users below this number are services, which no person reads mail for. */
#define DEAD_LETTER_UID_MIN 1000

/*
 * Appends the message to the file in the mbox format, with a field that names
 * the recipients who did not get it (X-Failed-Recipients).  The file is made
 * with mode 0600 if need be; it must be a regular file with one name that
 * belongs to the user, and is locked.  Half a letter is taken back.
 *
 * Nothing is kept for root and for services.  Errors: ERROR_PERMISSION for
 * them, ERROR_CREATE, ERROR_INPUT.
 */
bool dead_letter_keep(const char *file, const struct user *user,
    const struct envelope *envelope, const struct message *message,
    struct error *err);

/* "on" is dead.letter in the home folder; NULL for "off" or without a home. */
char *dead_letter_file(const char *setting, const struct user *user);

#endif
