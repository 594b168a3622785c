/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Copies of messages in a Maildir: a folder with tmp/, new/ and cur/, in which
 * each message is a file with a name of its own and LF as its line end.
 */
#ifndef VEREDUS_MAIL_MAILDIR_H
#define VEREDUS_MAIL_MAILDIR_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "mail/message.h"

/* A copy in tmp/.  { 0 } is none. */
struct maildir_copy {
	char *folder;
	char *name;
};

/*
 * Writes the message to tmp/, with the given fields before its own, and to the
 * disk.  Missing folders are created, with mode 0700, and the file has the mode
 * 0600.  The folder and those in it must belong to this user, whatever their modes,
 * and must not be symbolic links.
 * Errors: ERROR_FILE, ERROR_SPACE; ERROR_INPUT if the message cannot be read.
 */
bool maildir_write(struct maildir_copy *copy, const char *folder,
    const struct str *fields, const struct message *m, struct error *err);
/* Whether the folders that exist can be opened as maildir_write() opens them.
 * Errors: ERROR_FILE. */
bool maildir_check(const char *folder, struct error *err);
/* Moves the copy to new/, and the name to the disk.  Releases it in any case.
 * Errors: ERROR_FILE. */
bool maildir_keep(struct maildir_copy *copy, struct error *err);
/* Removes the copy, and releases it. */
void maildir_discard(struct maildir_copy *copy);
/* Releases the copy, which another process keeps or removes. */
void maildir_leave(struct maildir_copy *copy);
/*
 * Removes copies that were put into new/ and cur/ more than `days` days ago (0:
 * none).  What killed processes have left in tmp/ 36 hours ago moves to new/ if it
 * is whole, because a server may have the message, and is removed if it is not;
 * maildir_write() does the same.  Files of other programs stay.  Errors are
 * ignored until the next time.
 */
void maildir_sweep(const char *folder, unsigned days);

#endif
