/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sends a message to one host.
 */
#ifndef VEREDUS_DELIVERY_SEND_H
#define VEREDUS_DELIVERY_SEND_H

#include <stdbool.h>

#include "base/error.h"
#include "delivery/attempt.h"
#include "delivery/session_log.h"
#include "mail/message.h"

/*
 * Sends the message to every pending recipient of the envelope; of `to` it uses
 * only params, target and envelope.
 *
 * Afterwards each recipient is DELIVERED, or FAILED with its result; but if
 * *try_next_host is true, the recipients for the next host are still PENDING.
 * True when all were delivered; otherwise err is the result that decides the
 * exit status.
 */
bool send_to_host(const struct attempt *to, const struct message *message,
    struct session_log *log, bool *try_next_host, struct error *err);

#endif
