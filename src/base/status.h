/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Enhanced mail system status codes (RFC 3463, RFC 5248) and the sysexits
 * code that each of them becomes.  Knows the table and nothing of who asks.
 */
#ifndef VEREDUS_BASE_STATUS_H
#define VEREDUS_BASE_STATUS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/stage.h"

/* "5.1.10" and its NUL; subject and detail have at most three digits. */
#define STATUS_SIZE 12

/* What a server says in numbers; copied by assignment. */
struct smtp_status {
	int code;                   /* reply code, or 0 */
	char enhanced[STATUS_SIZE]; /* "5.1.1", or "" */
};

/* Ignores a text that does not fit. */
void smtp_status_set_enhanced(struct smtp_status *status, const char *enhanced);

/*
 * Reads a status at the start of text: class "." subject "." detail, ended by
 * a blank or the end (RFC 2034 section 4).  Fills status and returns its
 * length, or 0 when there is none.
 */
size_t status_parse(const char *text, char status[STATUS_SIZE]);

/*
 * The status that a reply code has in this stage when the server gave none
 * or one of another class.  Never NULL.
 */
const char *status_of_code(int code, enum smtp_stage stage);

/*
 * The sysexits code of a reply with an enhanced status.  A class 4 is
 * EX_TEMPFAIL, a class 2 EX_OK.  A permanent reply to AUTH (RFC 4954) is never
 * a fault of the message, of a recipient or of the sender: it is EX_CONFIG if
 * the server does not have the method, else EX_NOPERM.  sender_is_default: the
 * program made up the sender that was rejected.
 */
int status_exit(const struct smtp_status *status, enum smtp_stage stage,
    bool sender_is_default);

#endif
