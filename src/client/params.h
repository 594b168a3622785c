/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parameters of a session: what an account says about SMTP.
 */
#ifndef VEREDUS_CLIENT_PARAMS_H
#define VEREDUS_CLIENT_PARAMS_H

#include <stdbool.h>

enum protocol { PROTOCOL_SMTP, PROTOCOL_LMTP };

struct session_params {
	enum protocol protocol;
	char *domain;      /* for EHLO; NULL: the literal of our address */
	unsigned timeout;  /* seconds for one reply; 0: RFC 5321 4.5.3.2 */
	unsigned deadline; /* seconds for the whole delivery */
	bool partial;      /* deliver if the server rejects some recipients */
	bool chunking;     /* use BDAT if the server offers it */
	bool pipelining;   /* send commands in groups if the server offers it */
};

#endif
