/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The transactions that send a message to one host.
 */
#ifndef VEREDUS_DELIVERY_SEND_H
#define VEREDUS_DELIVERY_SEND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "delivery/attempt.h"
#include "delivery/session_log.h"
#include "mail/message.h"

/* A message that is sent to one host: the context of an attempt. */
struct sending {
	const struct message *message;
	uint64_t size; /* in the form that was sent, or 0 */
	bool broke_lines;
};

/*
 * An action for attempt_host(), whose ctx is a struct sending: runs as many
 * transactions as the server's limits require, and stops when one makes no
 * progress.  Errors: those of the last transaction.
 */
bool run_transactions(struct attempt *a, struct error *err);
/* Whether the server takes another message in the session (RFC 9422). */
bool may_begin_transaction(const struct session *s);
/*
 * Prepares the next transaction: ends the last one, unless that was `ok`, or opens
 * another session if this one cannot be used any more.
 */
bool prepare_next_transaction(struct attempt *a, bool ok, struct error *err);
/* Fills the log of a message after its transactions. */
void sending_log(struct attempt *a, struct session_log *log);

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
