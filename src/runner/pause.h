/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pauses of destinations: what the result of an attempt says about the servers,
 * and which messages wait for them.  A destination is the account, or with
 * `host mx` the domain of recipients.
 */
#ifndef VEREDUS_RUNNER_PAUSE_H
#define VEREDUS_RUNNER_PAUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "config/account.h"
#include "delivery/session_log.h"
#include "mail/envelope.h"
#include "queue/entry.h"
#include "queue/pauses.h"

/* Makes a temporary error of the reason of a pause. */
void pause_error(const struct queue_pause *pause, struct error *err);
/* What an attempt has shown. */
enum pause_evidence {
	EVIDENCE_OF_RESULT,   /* the results of the recipients say it */
	EVIDENCE_OF_SESSIONS, /* one session after the other has broken */
	EVIDENCE_OF_ACCOUNT   /* the account cannot be used */
};

struct pause_attempt {
	const struct account *account;
	const char *configuration;       /* as in the entry */
	const struct envelope *envelope; /* with the results */
	const struct session_log *session;
	enum pause_evidence evidence;
};

enum pause_outcome {
	OUTCOME_UNKNOWN, /* neither of both, or nothing that can be recorded */
	OUTCOME_WORKS,   /* the destinations work */
	OUTCOME_PAUSED   /* each recipient that is left waits for its
			  * destination, whose pause decides when it is due */
};

/*
 * Begins the pauses of destinations that have failed, and ends those of the ones
 * that work.
 */
enum pause_outcome pause_after_attempt(struct queue_pauses *p,
    const struct pause_attempt *attempt);

#endif
