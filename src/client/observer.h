/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Observers of a session: they are called when a stage begins and when octets
 * are sent.  A session without observers does not even read the clock.
 */
#ifndef VEREDUS_CLIENT_OBSERVER_H
#define VEREDUS_CLIENT_OBSERVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/stage.h"

struct observer {
	/* A stage begins at `when`, a time of clock_now(), and ends the stage
	 * before it; a stage may come back.  STAGE_NONE: the session is over. */
	void (*stage)(void *ctx, enum smtp_stage stage,
	    int64_t when); /* or NULL */
	/* The octets of the message (RFC 1870) that is sent next. */
	void (*size)(void *ctx, uint64_t octets); /* or NULL */
	/* So many octets more have been written, commands included. */
	void (*sent)(void *ctx, size_t octets); /* or NULL */
	void *ctx;
	const struct observer *next; /* another observer, or NULL */
};

/* Call all observers of the list, which may be NULL. */
void observer_stage(const struct observer *list, enum smtp_stage stage);
void observer_size(const struct observer *list, uint64_t octets);
void observer_sent(const struct observer *list, size_t octets);

#endif
