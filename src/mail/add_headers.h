/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Completes the header section of a message for submission (RFC 6409 section
 * 8).
 *
 * Removes Return-Path and Content-Length, and with remove_bcc also Bcc and
 * Resent-Bcc in all Resent blocks.  Adds, if missing: Date, Message-ID and
 * From; in the current Resent block Resent-Date, Resent-Message-ID and
 * Resent-From; "To: undisclosed-recipients:;" if no To, Cc or Bcc is left; MIME
 * fields for a body with octets over 127 and without any MIME field.
 */
#ifndef VEREDUS_MAIL_ADD_HEADERS_H
#define VEREDUS_MAIL_ADD_HEADERS_H

#include <stdbool.h>
#include <time.h>

#include "base/error.h"
#include "base/strv.h"
#include "mail/message.h"

/* Received fields of a message; more of them mean a mail loop. */
#define MESSAGE_HOPS_MAX 50

enum header_mode {
	HEADER_MODE_AUTO, /* add the field if it is missing */
	HEADER_MODE_ON,   /* replace it */
	HEADER_MODE_OFF   /* do not change it */
};

/* The settings. */
struct header_settings {
	enum header_mode from;
	enum header_mode date;
	enum header_mode message_id;
	/* Replace To, Cc and Bcc by a To with the operands that are in no
	 * Bcc. */
	bool set_to;
	bool remove_bcc;
	bool add_nothing; /* only remove fields: the message is relayed */
};

/* The values of the fields; all are borrowed. */
struct header_values {
	const char *from;      /* addr-spec; NULL or "": no From is added */
	const char *reply_to;  /* added together with From; or NULL */
	const char *full_name; /* the display name in From, not yet encoded;
	                        * or NULL */
	const char *phrase;    /* the display name in From as a phrase, in
	                        * place of full_name; or NULL */
	const char *domain;    /* the right-hand side of Message-ID */
	const struct strv *operands; /* addr-specs for set_to; may be NULL */
	time_t now;                  /* of Date; 0: the current time */
	bool resends; /* the message is for recipients of the Resent block */
};

/*
 * Completes the header section.  It removes Bcc, so the caller reads the
 * recipients first.  Does not limit the length of lines.
 *
 * Errors: ERROR_LOOP for too many Received fields; a temporary ERROR_SYSTEM if
 * there are no random numbers for a Message-ID; ERROR_INPUT if the body cannot
 * be read.
 */
bool message_add_headers(struct message *m,
    const struct header_settings *settings, const struct header_values *values,
    struct error *err);

/*
 * Adds MIME fields for a body with octets over 127 and without any MIME field (RFC
 * 2045 section 6); its charset is unknown-8bit (RFC 1428) if it is not UTF-8.
 * Errors: ERROR_INPUT if the body cannot be read.
 */
bool message_declare_8bit(struct message *m, struct error *err);

/* Removes Return-Path and Content-Length, and Bcc if the settings say so. */
void message_remove_hidden(struct message *m,
    const struct header_settings *settings);

#endif
