/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The trace field of a message that is submitted on this host (RFC 5321 section
 * 4.4):
 *
 *   Received: by HOST (veredus, login NAME, uid N) id STRING; DATE
 *
 * There is no FROM clause, because a local process has no host, and no FOR
 * clause, which would show recipients that are hidden.
 */
#ifndef VEREDUS_SUBMISSION_RECEIVED_H
#define VEREDUS_SUBMISSION_RECEIVED_H

#include "submission/submission.h"

/*
 * Adds the field before all others, and sets the trace ID of the submission, if
 * the account wants that: `received`, which is on for a service without it.
 */
void submission_add_received(struct submission *s);

#endif
