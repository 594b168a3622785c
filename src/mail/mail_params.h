/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parameters of MAIL that ask the server for more than delivery, and the syntax
 * of their values.
 */
#ifndef VEREDUS_MAIL_MAIL_PARAMS_H
#define VEREDUS_MAIL_MAIL_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

struct mail_params {
	bool require_tls;  /* REQUIRETLS (RFC 8689) */
	unsigned hold_for; /* HOLDFOR (RFC 4865), in seconds; 0: not sent */
	char *deliver_by;  /* BY (RFC 2852), e.g. "3600;R"; or NULL */
	char *hold_until;  /* HOLDUNTIL (RFC 4865), a date-time; or NULL */
	char *priority;    /* MT-PRIORITY (RFC 6710), "-9" to "9"; or NULL */
	char *mail_auth;   /* AUTH (RFC 4954 section 5): author, "<>" or NULL */
	/* When the message was accepted that has waited in a queue, in milliseconds
	 * since 1970: BY and HOLDFOR count from then.  0: they count from now. */
	int64_t accepted;
};

/* Replaces the parameters in dst that `given` has, too, by copies of those;
 * `accepted` stays. */
void mail_params_override(struct mail_params *dst,
    const struct mail_params *given);
void mail_params_free(struct mail_params *params);

/*
 * What is left of BY (RFC 2852 section 4.1), which must be set, and of HOLDFOR,
 * in seconds.  The former may be negative, but never has more than 9 digits; the
 * latter is 0 if there is no hold, or if it is over.
 */
int64_t mail_params_deliver_by(const struct mail_params *params);
unsigned mail_params_hold_for(const struct mail_params *params);
/* Whether the time of HOLDUNTIL, which must be in UTC, has passed. */
bool mail_params_hold_is_over(const struct mail_params *params);
/* Whether BY says that the message is to be returned if it is late: the mode R. */
bool mail_params_returns_late(const struct mail_params *params);
/* The enhanced status of a message that is returned because it is late. */
#define MAIL_PARAMS_LATE "5.4.7"
/* Whether it is late, so that it must be returned and not be sent. */
bool mail_params_is_late(const struct mail_params *params);

/* Whether the text is ";" by-mode [by-trace] of BY (RFC 2852 section 4). */
bool mail_params_is_by_mode(const char *text);
/* Whether the mode of such a by-value allows its time: R takes none of zero or
 * less. */
bool mail_params_is_by_time(const char *value);
/* Whether the text is a date-time (RFC 3339 section 5.6) that exists in the
 * calendar, for HOLDUNTIL. */
bool mail_params_is_date_time(const char *text);
/* Whether the text is a number from -9 to 9, for MT-PRIORITY (RFC 6710 section
 * 4). */
bool mail_params_is_priority(const char *text);

#endif
