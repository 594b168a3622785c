/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The message of a submission: input and header.
 */
#ifndef VEREDUS_SUBMISSION_MESSAGE_H
#define VEREDUS_SUBMISSION_MESSAGE_H

#include <stdbool.h>

#include "base/error.h"
#include "submission/submission.h"

/*
 * Reads the message from standard input.  Afterwards a SIGHUP no longer ends
 * the program.  Errors: those of message_read().
 */
bool submission_read_message(struct submission *s, struct error *err);
/* The same with a message that was read already; `m` is empty afterwards. */
void submission_set_message(struct submission *s, struct message *m);

/*
 * Rewrites the addresses of the header and adds the fields that are missing,
 * once the envelope is built.  Errors: those of message_add_headers().
 */
bool submission_complete_message(struct submission *s, struct error *err);

#endif
