/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who watches a session: its phases as they begin, and the octets that leave.
 * A session that nobody watches pays nothing for it.
 */
#ifndef VEREDUS_SMTP_OBSERVER_H
#define VEREDUS_SMTP_OBSERVER_H

#include <stddef.h>
#include <stdint.h>

/* What a session is waiting for or working at.  One may come back. */
enum phase {
	PHASE_DNS,
	PHASE_TCP,
	PHASE_GREETING, /* and EHLO */
	PHASE_TLS,      /* and STARTTLS */
	PHASE_AUTH,
	PHASE_ENVELOPE, /* from MAIL to 354 */
	PHASE_BODY,
	PHASE_REPLY, /* the final one */
	PHASES,      /* the session is over */
};

/* For people: "greeting". */
const char *phase_name(enum phase phase);

struct observer {
	/* A phase has begun, and the one before is over; `when` is a point of
	 * clock_now(). */
	void (*phase)(void *ctx, enum phase phase, int64_t when); /* or NULL */
	/* So many octets more have been written, commands included. */
	void (*sent)(void *ctx, size_t octets); /* or NULL */
	void *ctx;
	const struct observer *next; /* somebody else, or NULL */
};

/* Tell all of them; the list may be NULL. */
void observer_phase(const struct observer *list, enum phase phase);
void observer_sent(const struct observer *list, size_t octets);

#endif
