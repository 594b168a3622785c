/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Observes a delivery for --report: how long its stages take, which one is the
 * last, and what the servers say when they accept the message.
 */
#ifndef VEREDUS_REPORT_RECORDER_H
#define VEREDUS_REPORT_RECORDER_H

#include "client/observer.h"
#include "report/watch.h"

struct recorder {
	struct timing timing;
	enum smtp_stage last; /* that has begun, or STAGE_NONE */
	struct observer observer;
};

/* Starts with STAGE_DNS, and returns the observer, which points into *where.  If
 * that is NULL, it is allocated, and the caller frees it. */
const struct observer *recorder_begin(struct recorder **where);
/* Ends the last stage at the time of clock_now().  NULL is accepted. */
void recorder_end(struct recorder *r);
/* Forgets the times, for the next message in the session.  NULL is accepted. */
void recorder_reset(struct recorder *r);

#endif
