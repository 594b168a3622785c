/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Message completion: what a message must not leave with goes, what it must
 * have and has not is added.
 *
 * Removed: Return-Path and Content-Length always; Bcc and Resent-Bcc, in all
 * Resent blocks and also as "Bcc :", with remove_bcc.  Added if missing: Date,
 * Message-ID, From; with Resent- fields also Resent-Date, Resent-Message-ID
 * and Resent-From, in the first Resent block; "To: undisclosed-recipients:;"
 * when neither To nor Cc is left; MIME fields for a body with octets over 127
 * that declares nothing.
 */
#ifndef VEREDUS_MAIL_ADD_HEADERS_H
#define VEREDUS_MAIL_ADD_HEADERS_H

#include <stdbool.h>
#include <time.h>

#include "base/error.h"
#include "base/strv.h"
#include "mail/message.h"

/* More Received fields than this are a loop. */
#define MESSAGE_HOPS_MAX 50

enum header_mode {
	HEADER_MODE_AUTO, /* add it if it is missing */
	HEADER_MODE_ON,   /* replace what is there */
	HEADER_MODE_OFF   /* leave it alone */
};

/* The settings. */
struct header_settings {
	enum header_mode from;
	enum header_mode date;
	enum header_mode message_id;
	bool set_to;      /* a To of the operands, without those in a Bcc */
	bool remove_bcc;  /* usually true */
	bool add_nothing; /* it is only passed on: no field is added */
};

/* What is known about this message; all borrowed. */
struct header_values {
	const char *from;      /* an addr-spec; NULL or "": no From is added */
	const char *reply_to;  /* goes with a From that is added, or NULL */
	const char *full_name; /* as given with -F, in any form, or NULL */
	const char *domain;    /* to the right in a Message-ID */
	const struct strv *operands; /* addr-specs for set_to; may be NULL */
	time_t now;                  /* 0: ask the clock */
};

/*
 * Call it after the recipients were taken from the header section.
 * Errors: ERROR_LOOP; ERROR_SYSTEM, temporary, without random numbers;
 * ERROR_INPUT when the temporary file cannot be read.
 */
bool message_add_headers(struct message *m,
    const struct header_settings *settings, const struct header_values *facts,
    struct error *err);

#endif
