/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Delivery status notifications (RFC 3461): what the sender asks for with the
 * parameters NOTIFY, RET, ENVID and ORCPT, and xtext, in which they are
 * written.
 */
#ifndef VEREDUS_MAIL_DSN_H
#define VEREDUS_MAIL_DSN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Section 4.1: NEVER excludes the others. */
enum dsn_notify {
	DSN_NOTIFY_DEFAULT = 0,
	DSN_NOTIFY_NEVER = 1 << 0,
	DSN_NOTIFY_SUCCESS = 1 << 1,
	DSN_NOTIFY_FAILURE = 1 << 2,
	DSN_NOTIFY_DELAY = 1 << 3
};

/* Section 4.3. */
enum dsn_return { DSN_RETURN_DEFAULT, DSN_RETURN_FULL, DSN_RETURN_HEADERS };

struct dsn {
	unsigned notify;        /* of enum dsn_notify */
	enum dsn_return wanted; /* RET= */
	char *envelope_id;      /* ENVID=, decoded, or NULL */
};

void dsn_free(struct dsn *dsn);

/*
 * Each reads the value of one parameter, in any case.  When it returns false
 * the value is malformed and the result is as it was.
 */
/* Blanks around the words are ignored. */
bool dsn_parse_notify(const char *value, unsigned *notify);
bool dsn_parse_return(const char *value, enum dsn_return *wanted);
/* Section 4.4: 1 to 100 octets.  *id is replaced. */
bool dsn_parse_envelope_id(const char *value, char **id);
/*
 * Section 4.2, and RFC 6533 section 3.  *address is replaced: by NULL if the
 * address type is neither rfc822 nor utf-8, which can be passed on.
 */
bool dsn_parse_original(const char *value, char **address);

/* Appends the words of NOTIFY in capitals. */
void dsn_add_notify(struct str *out, unsigned notify, const char *separator);
/* Appends " RET=HDRS ENVID=...", as far as they are set. */
void dsn_add_mail_parameters(struct str *out, const struct dsn *dsn);
/*
 * Appends " NOTIFY=... ORCPT=rfc822;...", or nothing if no notification was
 * asked for.  An original address that is not ASCII is of the type utf-8, which
 * only a server with SMTPUTF8 is sure to know; otherwise it is left out.
 */
void dsn_add_rcpt_parameters(struct str *out, unsigned notify,
    const char *original, bool smtputf8);

/* Section 4: xtext = *( xchar / hexchar ); hexchar is "+" and two digits. */
void dsn_encode_xtext(struct str *out, const char *text, size_t len);
/*
 * Appends the decoded text.  False, with out as it was, unless it is xtext of
 * printable ASCII characters.
 */
bool dsn_decode_xtext(struct str *out, const char *xtext);

#endif
