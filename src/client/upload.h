/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sends a message that was not sent together with its envelope: after 354 to
 * DATA, or as one BDAT chunk (RFC 3030 section 2).
 */
#ifndef VEREDUS_CLIENT_UPLOAD_H
#define VEREDUS_CLIENT_UPLOAD_H

#include <stdbool.h>

#include "base/error.h"
#include "client/session.h"
#include "mail/message.h"

/* The command that completes the message. */
enum upload_command {
	UPLOAD_DATA,     /* DATA, to which the server has replied 354 */
	UPLOAD_BDAT,     /* "BDAT n LAST" with all of the message */
	UPLOAD_BDAT_LAST /* "BDAT 0 LAST": the server has the message */
};

/*
 * Sends the message up to its end.  The total deadline of the session moves by
 * the time that this takes.
 *
 * A reply that arrives before the end was sent stops the upload, and the client
 * never completes the message.  A rejection is the error then.  Any other reply
 * is ERROR_PROTOCOL, temporary, and uncertain if the server may have a part of
 * the message.  Without a reply the errors are those of body_write().  After a
 * failure the session is unusable.
 */
bool upload_message(struct session *s, enum upload_command command,
    const struct message *message, struct error *err);

#endif
