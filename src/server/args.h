/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The arguments of MAIL and RCPT: a path and parameters (RFC 5321 sections
 * 4.1.1.2, 4.1.1.3 and 4.1.2; RFC 1870, 2852, 3030, 3461, 4865, 6152, 6531,
 * 6710 and 8689).
 *
 * The parser accepts more than the RFC where the meaning is clear: spaces
 * after the colon, a path without brackets, a bare name.
 */
#ifndef VEREDUS_SERVER_ARGS_H
#define VEREDUS_SERVER_ARGS_H

#include <stdbool.h>
#include <stdint.h>

#include "mail/envelope.h"
#include "server/reply.h"

enum mail_command { COMMAND_MAIL, COMMAND_RCPT };

struct mail_args {
	char *address;   /* an addr-spec or bare name; "": the null sender */
	uint64_t size;   /* SIZE, in octets; 0: not given */
	bool seven_bit;  /* BODY=7BIT */
	bool eight_bit;  /* BODY=8BITMIME */
	bool binarymime; /* BODY=BINARYMIME */
	bool smtputf8;   /* SMTPUTF8 */
	struct dsn dsn;  /* RET, ENVID, NOTIFY */
	struct mail_params params; /* BY, HOLDFOR, HOLDUNTIL, MT-PRIORITY and
	                            * REQUIRETLS */
	char *original; /* ORCPT, decoded; NULL: none, or of another type */
};

/*
 * Parses the argument of the command into args, which must be { 0 }; the
 * caller frees args in any case.  When the argument is rejected, returns false
 * and sets reply: 501 for a syntax error, 553 for an invalid address, 555 for
 * an unsupported parameter, 552 for a SIZE over MESSAGE_INPUT_MAX.
 */
bool mail_args_parse(struct mail_args *args, enum mail_command command,
    const char *argument, struct server_reply *reply);
void mail_args_free(struct mail_args *args);

#endif
