/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The transactions that send a message in one session.
 */
#ifndef VEREDUS_DELIVERY_TRANSACTIONS_H
#define VEREDUS_DELIVERY_TRANSACTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "client/session.h"
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

#endif
