/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Notices to the sender of a queued message: delivery status notifications (RFC
 * 3464) in a multipart/report (RFC 6522), with the internationalized types of
 * RFC 6533 where an address needs them.
 */
#ifndef VEREDUS_QUEUE_NOTICE_H
#define VEREDUS_QUEUE_NOTICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "mail/message.h"
#include "queue/entry.h"

/* Octets of a message that is returned whole without RET=FULL. */
#define NOTICE_WHOLE_MAX ((uint64_t)100 * 1024)

/* What a notice says about a recipient; a larger number is more important. */
enum notice_kind {
	NOTICE_NONE,    /* nothing */
	NOTICE_RELAYED, /* a server took the message that sends no notices */
	NOTICE_DELAYED, /* the recipient has not got it yet */
	NOTICE_FAILED   /* the recipient will not get it */
};

struct notice {
	const struct queue_entry *entry; /* the message it is about */
	const struct message *message;
	const enum notice_kind *kinds; /* by recipient of the entry */
	const char *reader;            /* who gets the notice */
	const char *host;              /* the name of this host */
	int64_t retry_until;           /* of a delayed message, ms since 1970 */
};

/* Whether NOTIFY of the recipient asks for that (RFC 3461 section 4.1). */
bool notice_is_wanted(const struct queue_entry *entry,
    const struct queue_recipient *r, enum notice_kind kind);
/* Whether the message may have a notice to its sender: it is not one itself, and
 * its sender is not the null sender. */
bool notice_is_allowed(const struct queue_entry *entry);
/* Whether the code is that of a reply to AUTH alone (RFC 4954 section 6). */
bool notice_is_about_login(int code);
/*
 * Whether the reason of the recipient's last result is for the administrator of
 * this host alone, because it may name files, settings or commands: it is neither
 * a reply nor about the network, but has a status of the mail system, of security
 * or of a loop (RFC 3463 sections 3.4, 3.5 and 3.8).  So is a reply that rejects
 * the login of this host.
 */
bool notice_hides_reason(const struct queue_recipient *r);
/* What is told in place of such a reason. */
#define NOTICE_HIDDEN_REASON \
	"this host has a problem of its own, which is in its log"
/* Whether a header section is that of a notice of this host, which came back to
 * it as a message of somebody. */
bool notice_is_own(const struct str *header, const char *host);
/*
 * Makes the empty message `out` the notice.  It has all fields that name its
 * content; message_add_headers() adds Date and Message-ID.
 * Errors: those of the buffers.
 */
bool notice_build(const struct notice *notice, struct message *out,
    struct error *err);

#endif
