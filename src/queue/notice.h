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

enum notice_kind {
	NOTICE_FAILED,  /* the recipients will not get the message */
	NOTICE_DELAYED, /* they have not got it yet */
	NOTICE_RELAYED  /* a server took it that sends no notices */
};

struct notice {
	enum notice_kind kind;
	const struct queue_entry *entry; /* the message it is about */
	const struct message *message;
	const bool *members; /* by recipient: the notice is about this one */
	const char *host;    /* the name of this host */
	int64_t retry_until; /* of a delayed message, ms since 1970 */
};

/*
 * Whether the sender wants a notice of that kind (RFC 3461 section 4.1).  There
 * is none about a notice, and none to the null sender.
 */
bool notice_is_wanted(const struct queue_entry *entry, enum notice_kind kind);
/*
 * Makes the empty message `out` the notice.  It has all fields that name its
 * content; message_add_headers() adds Date and Message-ID.
 * Errors: those of the buffers.
 */
bool notice_build(const struct notice *notice, struct message *out,
    struct error *err);

#endif
