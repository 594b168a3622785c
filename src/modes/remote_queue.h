/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --rmqs: asks a server of the account to start sending the mail that it has
 * queued for a node (ETRN, RFC 1985).
 */
#ifndef VEREDUS_MODES_REMOTE_QUEUE_H
#define VEREDUS_MODES_REMOTE_QUEUE_H

#include <stdbool.h>

#include "base/error.h"
#include "delivery/attempt.h"

/*
 * Asks the hosts in turn, as for a delivery, until one of them accepts or
 * permanently rejects the command.  line is that of etrn_line().
 * Errors: ERROR_CONFIG for `host mx`, which has no host without a recipient;
 * those of session_open() and etrn_send().
 */
bool remote_queue_start(const struct delivery_params *params, const char *line,
    struct error *err);

#endif
