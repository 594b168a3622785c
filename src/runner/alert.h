/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * alert_to: tells a person, once a day, that an account cannot log in.
 */
#ifndef VEREDUS_RUNNER_ALERT_H
#define VEREDUS_RUNNER_ALERT_H

#include "base/error.h"
#include "mail/envelope.h"
#include "modes/context.h"

/*
 * If the account has alert_to, and the failure is that of its login
 * (queue_login_is_rejected()), and nobody was told of it for a day: writes a
 * line of priority LOG_ALERT, and queues a notice, which alert_account sends.
 * What the folder rate/ of the queue cannot remember is not told.
 */
void alert_of_failure(const struct context *context,
    const struct error *failure);
/* The same for the first such failure of a recipient. */
void alert_after_attempt(const struct context *context,
    const struct envelope *envelope);

#endif
