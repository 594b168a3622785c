/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which messages wait for the end of a pause.
 */
#ifndef VEREDUS_QUEUE_WAITS_H
#define VEREDUS_QUEUE_WAITS_H

#include <stdint.h>

#include "base/str.h"
#include "queue/entry.h"
#include "queue/pauses.h"

/*
 * Returns the pause that a recipient waits for; NULL if there is none.  `account`
 * is a destination without a domain.
 */
const struct queue_pause *queue_pause_of_recipient(const struct queue_pauses *p,
    const struct queue_destination *account, const char *address, int64_t now);
/*
 * Returns the pause that ends first of those that the recipients wait for; NULL
 * if there is a recipient that can be tried.
 */
const struct queue_pause *queue_pause_of_message(const struct queue_pauses *p,
    const struct queue_entry *entry, int64_t now);
/* Appends the name of the destination: "account NAME", or the domain. */
void queue_pause_print_name(const struct queue_pause *pause, struct str *out);

#endif
