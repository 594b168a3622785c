/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads the message of a submission, and completes its header.
 */
#ifndef VEREDUS_SUBMISSION_MESSAGE_H
#define VEREDUS_SUBMISSION_MESSAGE_H

#include <stdbool.h>

#include "base/error.h"
#include "submission/submission.h"

/*
 * Reads the message from standard input.  From then on SIGHUP is ignored.
 * Errors: those of message_read() and message_encode_binary(); ERROR_ADDRESS for
 * a NUL in a field with addresses if the envelope comes from the header.
 */
bool submission_read_message(struct submission *s, struct error *err);
/* Takes over a message that has been read already; `m` is empty afterwards. */
void submission_set_message(struct submission *s, struct message *m);

/* Replaces the complete message by another form of it, in the same way. */
void submission_replace_message(struct submission *s, struct message *m);

/*
 * Rewrites the addresses of the header, removes invalid and repeated fields, and
 * adds missing ones.  The envelope must have been built.
 * Errors: those of message_add_headers().
 */
bool submission_complete_message(struct submission *s, struct error *err);

#endif
