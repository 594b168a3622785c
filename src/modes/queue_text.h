/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the commands of the queue print about a message.
 */
#ifndef VEREDUS_MODES_QUEUE_TEXT_H
#define VEREDUS_MODES_QUEUE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "queue/entry.h"
#include "queue/file.h"
#include "queue/listing.h"
#include "queue/pauses.h"

/* The octets of the message with its header section. */
uint64_t queue_message_size(const struct queue_entry *entry);
/* The sender; MAILER-DAEMON for the null sender and for notices, as Postfix has
 * it. */
const char *queue_sender_name(const struct queue_entry *entry);
/* Returns what listings tell of an open file, which is borrowed.  The next
 * attempt is due at the time of the entry, or at the end of the pause that it
 * waits for. */
struct queue_item queue_item_of_file(const struct queue_file *file,
    const struct queue_pauses *pauses);
/* Appends why the last attempt failed for a recipient: "host MX said: REPLY"
 * or another reason.  Appends nothing if there is none. */
void queue_add_reason(struct str *out, const struct queue_recipient *r);
/* Appends why a destination has a pause, in the same form. */
void queue_add_pause(struct str *out, const struct queue_pause *pause);
/* Appends a local time, in milliseconds since 1970, as "Sun Nov 29 14:00:00". */
void queue_add_time(struct str *out, int64_t when);

#endif
