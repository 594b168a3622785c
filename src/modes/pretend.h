/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The output of the modes that show what would be done with a message:
 * --pretend prints the settings of the resolved account, where each of them was
 * set, and the envelope; -bv prints the server for each recipient.
 */
#ifndef VEREDUS_MODES_PRETEND_H
#define VEREDUS_MODES_PRETEND_H

#include "base/str.h"
#include "base/strv.h"
#include "config/account.h"
#include "mail/envelope.h"

struct pretended_setting {
	const char *name;
	const char *value;  /* a secret is masked */
	const char *origin; /* where it was set */
	const char *line;   /* "NAME = VALUE (ORIGIN)", cleaned */
};

/* Calls visit() for each setting that was set and, with `defaults`, for each
 * default value. */
void pretend_each_setting(const struct account *a, bool defaults,
    void (*visit)(void *ctx, const struct pretended_setting *setting),
    void *ctx);

/* Appends the name of the resolved account, its settings with the defaults,
 * the sender and the recipients.  envelope may be NULL. */
void pretend_print(struct str *out, const struct account *a,
    const struct envelope *envelope);

/* Appends a line "note = TEXT" for each note. */
void pretend_notes(struct str *out, const struct strv *notes);

/*
 * For -bv: appends a line for each recipient: the address as given, if it has
 * changed, the final address, the account, and the host or socket.  Text is
 * cleaned.
 */
void verify_print(struct str *out, const struct account *account,
    const struct envelope *envelope);

#endif
