/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Puts a notice of this host into the queue.
 */
#ifndef VEREDUS_RUNNER_PUT_NOTICE_H
#define VEREDUS_RUNNER_PUT_NOTICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "mail/message.h"
#include "queue/folder.h"
#include "queue/id.h"

/* Everything is borrowed. */
struct notice_envelope {
	uint64_t uid;              /* whose message it is */
	const char *account;       /* that sends it */
	const char *configuration; /* the absolute path of its file, or NULL */
	const char *reader;        /* the recipient */
	const char *host;          /* the name of this host */
	/* The queued message whose journal will have the notice, or NULL. */
	const struct queue_id *about;
};

/*
 * Adds Date and Message-ID to the notice, and queues it with the null sender
 * (RFC 5321 section 4.5.5), beyond the limits of the queue.  With `about`, it is
 * only prepared, see queue_prepare().  id may be NULL.
 * Errors: those of message_add_headers() and queue_create().
 */
bool notice_put(struct queue_folder *folder,
    const struct notice_envelope *envelope, struct message *notice,
    struct queue_id *id, struct error *err);

#endif
