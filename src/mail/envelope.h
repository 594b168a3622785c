/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The envelope: whom a message is from, whom it goes to, and what became of
 * it for each of them.
 */
#ifndef VEREDUS_MAIL_ENVELOPE_H
#define VEREDUS_MAIL_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/status.h"
#include "mail/dsn.h"

/* What the server is asked to do besides delivering. */
struct mail_params {
	bool require_tls;  /* RFC 8689: TLS on all of the way */
	char *deliver_by;  /* RFC 2852: "3600;R", or NULL */
	unsigned hold_for; /* RFC 4865: release it in so many seconds; 0: no */
	char *hold_until;  /* the same, as a time of RFC 3339; or NULL */
	char *priority;    /* RFC 6710: "-9" to "9", or NULL */
	char *mail_auth;   /* RFC 4954 section 5: who wrote it, "<>", or NULL */
};

enum recipient_state {
	RECIPIENT_PENDING,   /* nothing is known yet */
	RECIPIENT_ACCEPTED,  /* RCPT was accepted, the message not yet */
	RECIPIENT_DELIVERED, /* the server has taken responsibility */
	RECIPIENT_FAILED     /* outcome says why */
};

struct recipient {
	char *address;  /* addr-spec as it goes into RCPT, without brackets */
	char *original; /* as the caller wrote it, for ORCPT; NULL: the same */
	enum recipient_state state;
	struct error outcome;      /* set when FAILED */
	struct smtp_status status; /* of the last reply about it */
};

struct envelope {
	char *sender; /* addr-spec, "" for the null sender; NULL: not known */
	bool sender_is_default; /* this program made it up: no -f was given */
	struct recipient *recipients;
	size_t count;
	size_t size;       /* room in recipients */
	size_t *index;     /* index by address, kept by envelope_add(): do */
	size_t index_size; /* not change addresses elsewhere */
	struct dsn dsn;
	const struct mail_params *mail_params; /* borrowed; NULL: none */
	bool declared_8bit; /* -B8BITMIME: BODY= even if no octet needs it */
};

void envelope_set_sender(struct envelope *e, const char *sender,
    bool is_default);
/*
 * Adds a recipient, unless it is there already: local parts are compared
 * octet by octet, domains without regard to case (RFC 5321 section 2.4).
 * original may be NULL.  Returns whether it was added.
 */
bool envelope_add(struct envelope *e, const char *address,
    const char *original);
/* The recipient of that address, or NULL; good until one is added. */
struct recipient *envelope_find(const struct envelope *e, const char *address);
/* Replaces the recipients of dst by those of src, which has none then. */
void envelope_take_recipients(struct envelope *dst, struct envelope *src);

/*
 * Makes an envelope of only those recipients that are members, for a session
 * that knows nothing of the others.  All it has is borrowed: it is ended by
 * envelope_merge(), which brings back what became of them, and must not be
 * changed in another way until then.
 */
void envelope_select(const struct envelope *e, const bool *members,
    struct envelope *part);
void envelope_merge(struct envelope *e, const bool *members,
    struct envelope *part);

/* How many recipients are in that state. */
size_t envelope_count(const struct envelope *e, enum recipient_state state);
/* Fails every recipient that is not FAILED or DELIVERED yet with a copy. */
void envelope_fail(struct envelope *e, const struct error *err);
/* Marks one recipient as failed; err is moved into its outcome. */
void recipient_fail(struct recipient *r, struct error *err);
/*
 * The outcome that decides the exit code: the first permanent failure in
 * envelope order, else the first temporary one, else NULL: all delivered.
 */
const struct error *envelope_result(const struct envelope *e);

void envelope_free(struct envelope *e);

#endif
