/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The envelope (RFC 5321 section 2.3.1): the sender, the recipients, and the
 * result of the delivery to each of them.
 */
#ifndef VEREDUS_MAIL_ENVELOPE_H
#define VEREDUS_MAIL_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/status.h"
#include "base/str.h"
#include "base/string_index.h"
#include "mail/dsn.h"
#include "mail/mail_params.h"

enum recipient_state {
	RECIPIENT_PENDING,   /* no final result yet */
	RECIPIENT_ACCEPTED,  /* the server accepted RCPT, not yet the message */
	RECIPIENT_DELIVERED, /* the server accepted the message */
	RECIPIENT_FAILED,    /* see outcome */
	RECIPIENT_QUEUED     /* the queue keeps the message for this recipient;
	                      * outcome says why */
};

struct recipient {
	char *address;  /* addr-spec for RCPT, without brackets */
	char *original; /* as the caller wrote it, for ORCPT; NULL: the same */
	enum recipient_state state;
	struct error outcome;      /* if FAILED */
	struct smtp_status status; /* of the last reply about the recipient */
	/* Set by an observer, or NULL: the server that accepted the message, and
	 * what its final reply says, as one printable line. */
	char *host, *said;
	unsigned notify; /* of enum dsn_notify; DEFAULT: that of the envelope */
	bool has_dsn;    /* the server that accepted it offers DSN */
};

struct envelope {
	char *sender; /* addr-spec, "" for the null sender; NULL: not set */
	bool sender_is_default; /* this program chose it, not the caller */
	struct recipient *recipients;
	size_t count;
	size_t size;               /* room in recipients */
	struct string_index index; /* of the addresses: only envelope_add() may
	                            * change them */
	struct dsn dsn;
	const struct mail_params *mail_params; /* borrowed; NULL: none */
	bool declared_8bit; /* -B8BITMIME: send BODY=8BITMIME in any case */
};

void envelope_set_sender(struct envelope *e, const char *sender,
    bool is_default);
/*
 * Adds a recipient unless the envelope has the address: local parts are
 * compared octet by octet, domains without regard to case (RFC 5321 section
 * 2.4).  original may be NULL.  Returns whether the recipient was added.
 */
bool envelope_add(struct envelope *e, const char *address,
    const char *original);
/*
 * Adds the addresses of one operand, which is an address list such as "a, b"
 * or "Name <a>".  Errors: ERROR_ADDRESS.
 */
bool envelope_add_list(struct envelope *e, const char *list, struct error *err);

/*
 * Adds the addresses of To, Cc, Bcc and Apparently-To.  If the header section
 * has a Resent-To, Resent-Cc or Resent-Bcc, adds only those of the first
 * Resent block that names recipients: older blocks are about earlier deliveries
 * (RFC 5322 section 3.6.6).  Errors: ERROR_ADDRESS, which names the field.
 */
bool envelope_add_header(struct envelope *e, const struct str *header,
    struct error *err);
/* Returns the recipient, or NULL.  Valid until a recipient is added. */
struct recipient *envelope_find(const struct envelope *e, const char *address);
/* Moves the recipients of src to dst, whose own recipients are freed. */
void envelope_take_recipients(struct envelope *dst, struct envelope *src);

/*
 * Makes `part` an envelope of the recipients whose element of members is true,
 * for a delivery to them alone.  It borrows everything from `e`, so that its
 * recipients must not be added or changed otherwise until envelope_merge()
 * copies their results back and frees `part`.
 */
void envelope_select(const struct envelope *e, const bool *members,
    struct envelope *part);
void envelope_merge(struct envelope *e, const bool *members,
    struct envelope *part);

/* Returns the NOTIFY of the recipient, of enum dsn_notify. */
unsigned envelope_notify(const struct envelope *e, const struct recipient *r);
/* Counts the recipients in that state. */
size_t envelope_count(const struct envelope *e, enum recipient_state state);
/* Fails every recipient that is PENDING or ACCEPTED with a copy of err. */
void envelope_fail(struct envelope *e, const struct error *err);
/* Fails every recipient that is ACCEPTED with a copy of err. */
void envelope_fail_accepted(struct envelope *e, const struct error *err);
/* Makes every recipient PENDING that is ACCEPTED. */
void envelope_reset_accepted(struct envelope *e);
/* Fails one recipient; moves err into its outcome. */
void recipient_fail(struct recipient *r, struct error *err);
/*
 * Returns the outcome that decides the exit status: the first permanent
 * failure in envelope order, else the first temporary one, else NULL.  A
 * consequence of another failure decides only if there is no other outcome.
 */
const struct error *envelope_result(const struct envelope *e);

void envelope_free(struct envelope *e);

#endif
