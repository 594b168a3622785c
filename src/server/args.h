/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a client says behind MAIL or RCPT: a path and parameters (RFC 5321
 * sections 4.1.1.2, 4.1.1.3 and 4.1.2, RFC 1870, 3461, 6152).
 *
 * More is taken than the RFC allows where it is clear what is meant: blanks
 * behind the colon, a path without brackets, a bare name.
 */
#ifndef VEREDUS_SERVER_ARGS_H
#define VEREDUS_SERVER_ARGS_H

#include <stdbool.h>
#include <stdint.h>

#include "mail/envelope.h"
#include "server/reply.h"

enum request_verb { REQUEST_MAIL, REQUEST_RCPT };

struct mail_args {
	char *address;  /* an addr-spec or bare name; "": the null sender */
	uint64_t size;  /* SIZE=, or 0 */
	bool seven_bit; /* BODY=7BIT */
	bool eight_bit; /* BODY=8BITMIME */
	struct dsn dsn; /* RET=, ENVID=, NOTIFY= */
	char *original; /* ORCPT=, decoded, if it is an address of RFC 822 */
};

/*
 * Reads the argument of the verb.  False with the answer that refuses it:
 * 501 for what is no path, 553 for an address that cannot be used, 555 for
 * parameters that were not offered, 552 for a size that nobody takes.
 */
bool mail_args_parse(struct mail_args *r, enum request_verb verb,
    const char *argument, struct server_reply *refusal);
void mail_args_free(struct mail_args *r);

#endif
