/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What --rmqs asks for: a host of the account that sends what it keeps for
 * another one (ETRN, RFC 1985).
 */
#ifndef VEREDUS_MODES_REMOTE_QUEUE_H
#define VEREDUS_MODES_REMOTE_QUEUE_H

#include <stdbool.h>

#include "base/error.h"
#include "delivery/attempt.h"

/*
 * Asks one host after the other, as a delivery does, until one says that it
 * will see to it or refuses for good; `line` is that of etrn_line().
 * Errors: ERROR_CONFIG with `host mx`, which names no host to ask; those of
 * session_open() and etrn_ask().
 */
bool remote_queue_start(const struct delivery_params *params, const char *line,
    struct error *err);

#endif
