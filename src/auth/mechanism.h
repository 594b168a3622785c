/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which SASL mechanism: the table, and the choice among what is offered.
 * Knows what each mechanism needs and shows, but sends nothing.
 */
#ifndef VEREDUS_AUTH_MECHANISM_H
#define VEREDUS_AUTH_MECHANISM_H

#include <stdbool.h>

#include "auth/simple.h"
#include "base/error.h"
#include "client/login.h"

/* What a mechanism is like; or-ed in its row. */
enum mechanism_trait {
	MECHANISM_SHOWS_SECRET = 1 << 0, /* the server gets to see it */
	MECHANISM_USER = 1 << 1,         /* needs a user */
	MECHANISM_PASSWORD = 1 << 2,     /* needs a password or token */
	MECHANISM_CERTIFICATE = 1 << 3,  /* needs a client certificate */
	MECHANISM_BINDING = 1 << 4,      /* needs TLS channel binding */
	MECHANISM_SERVER_FIRST = 1 << 5, /* begins with a challenge */
	MECHANISM_WEAK = 1 << 6,         /* by name only */
	MECHANISM_TOKEN = 1 << 7, /* the secret is a token: by name only */
	MECHANISM_TICKET = 1 << 8 /* Kerberos: by name if a password is set */
};

struct mechanism {
	const char *name;    /* as SASL has it */
	const char *setting; /* as the configuration has it */
	unsigned traits;
	simple_respond_fn *respond; /* NULL: libgsasl does it */
};

bool mechanism_is(const struct mechanism *m, enum mechanism_trait trait);

/*
 * The mechanism to use in this session.  NULL with ERROR_NO_MECHANISM when
 * AUTH is not offered or nothing of the offer fits.
 */
const struct mechanism *mechanism_choose(const struct session *s,
    const struct auth_params *params, struct error *err);

#endif
