/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One message through one account: from one of its hosts to the next, until
 * one of them has taken it or has had a part of it.
 */
#ifndef VEREDUS_DELIVER_H
#define VEREDUS_DELIVER_H

#include <stdbool.h>

#include "net/connect.h"
#include "route/route.h"
#include "submit.h"

/* The way through the hosts of an account; not to be copied. */
struct way {
	struct route route;
	struct server_params server;  /* the current host's, borrowed */
	struct tls_params tls;        /* as are these */
	struct submission submission; /* to be used for it */
};

/* Looks for the hosts, where only the DNS knows them, and stands at the first
 * one.  False when there is none. */
bool way_start(struct way *way, const struct submission *submission,
    struct error *err);
/* Leaves the current host; false when there is no other, and err then tells
 * of all of them. */
bool way_advance(struct way *way, struct error *err);
void way_free(struct way *way);

/* As submit(), over all hosts: nobody is pending afterwards. */
bool deliver(const struct submission *submission, struct envelope *envelope,
    struct message *message, struct session_facts *facts, struct error *err);

#endif
