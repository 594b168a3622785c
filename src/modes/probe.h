/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tests every next hop of an account up to the envelope, for --probe and
 * --check.
 */
#ifndef VEREDUS_MODES_PROBE_H
#define VEREDUS_MODES_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/stage.h"
#include "delivery/params.h"
#include "mail/envelope.h"
#include "modes/probe_result.h"

/* The stages of one session, in order, and how long each took. */

/* A session has fewer; the last span includes the time of all that follow. */
#define STAGE_TIMES_MAX 16

struct stage_times {
	struct stage_span {
		enum smtp_stage stage; /* the first one of its group */
		int64_t spent;         /* milliseconds */
	} spans[STAGE_TIMES_MAX];
	size_t count;
	int64_t since; /* time of the last call, in milliseconds */
};

/*
 * The stage function of an observer; ctx is a struct stage_times.  Consecutive
 * stages of one group (base/stage.h) form one span.  STAGE_NONE ends the last
 * span.
 */
void stage_times_note(void *ctx, enum smtp_stage stage, int64_t when);

/*
 * Opens a session with every next hop, logs in if params has a login, sends MAIL
 * and RCPT if the envelope has recipients, and ends the transaction with RSET.
 * Without recipients, only checks whether the server takes the parameters of MAIL.
 * Adds to the result, which is empty, what it finds.
 *
 * Returns true if every next hop works and accepts every recipient.  Otherwise
 * err is the first permanent error in the order of the next hops, or else the
 * first temporary one.
 */
bool probe(const struct delivery_params *params, struct envelope *envelope,
    struct probe_result *result, struct error *err);

#endif
