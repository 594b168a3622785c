/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Observers of a session: they are called when a stage begins, when octets are
 * sent and when the message is accepted.  A session without observers does not
 * even read the clock.
 */
#ifndef VEREDUS_CLIENT_OBSERVER_H
#define VEREDUS_CLIENT_OBSERVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/stage.h"
#include "mail/envelope.h"

struct observer {
	/* A stage begins at `when`, a time of clock_now(), and ends the stage
	 * before it; a stage may begin several times.  STAGE_NONE: the session
	 * has ended. */
	void (*stage)(void *ctx, enum smtp_stage stage,
	    int64_t when); /* or NULL */
	/* The size of the message (RFC 1870) that is sent next. */
	void (*size)(void *ctx, uint64_t octets); /* or NULL */
	/* The number of octets of a write, commands included. */
	void (*sent)(void *ctx, size_t octets); /* or NULL */
	/* The server has accepted the message for this recipient.  `said` is
	 * its final reply, as one printable line. */
	void (*accepted)(void *ctx, struct recipient *to, const char *host,
	    const char *said); /* or NULL */
	void *ctx;
	const struct observer *next; /* another observer, or NULL */
};

/* These call all observers of the list, which may be NULL.  observer_sent() is
 * a stream_sent_fn. */
void observer_stage(const struct observer *list, enum smtp_stage stage);
void observer_size(const struct observer *list, uint64_t octets);
void observer_sent(const void *list, size_t octets);
void observer_accepted(const struct observer *list, struct recipient *to,
    const char *host, const char *said);

#endif
