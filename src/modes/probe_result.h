/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a probe found, as data: --probe prints all of it, --check evaluates it.
 * For each destination its hosts, for each host the sessions with its addresses,
 * and for each session the steps.
 */
#ifndef VEREDUS_MODES_PROBE_RESULT_H
#define VEREDUS_MODES_PROBE_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/stage.h"
#include "modes/session_facts.h"

struct probe_step {
	enum smtp_stage stage; /* the first of its group (base/stage.h) */
	char *label;           /* "TLS", "MAIL <alice@example.org>" */
	int64_t spent;         /* milliseconds */
	char *detail;          /* an address or a reply, if it worked; or "" */
	struct error err;      /* not set: it worked */
	bool postponed; /* to the next transaction; the detail says why */
};

/* A session with one address of a host. */
struct probe_attempt {
	struct probe_step *steps;
	size_t count;
	size_t size;    /* room in steps */
	size_t opening; /* the first steps, which opened the session */
	bool opened;
	/* Of the session as it was after these steps.  If its certificate was
	 * rejected, the certificates are those of another session, in which it
	 * was not checked. */
	struct session_facts facts;
	const char *tls_source; /* "DANE" or "MTA-STS"; NULL: the account */
};

struct probe_host {
	char *socket; /* or NULL */
	char *name;   /* NULL for a socket */
	unsigned port;
	struct probe_attempt *attempts;
	size_t count;
	size_t size;         /* room in attempts */
	struct error result; /* not set: it works */
};

struct probe_destination {
	char *domain;         /* of the recipients; NULL: any */
	int64_t lookup_spent; /* milliseconds, for all destinations together */
	struct error failure; /* set: there is no host */
	struct probe_host *hosts;
	size_t count;
	size_t size; /* room in hosts */
};

/* { 0 } is an empty one. */
struct probe_result {
	struct probe_destination *destinations;
	size_t count;
	size_t size; /* room in destinations */
};

/* These append an empty item.  The pointer is valid until the next call. */
struct probe_destination *probe_add_destination(struct probe_result *r);
struct probe_host *probe_add_host(struct probe_destination *d);
struct probe_attempt *probe_add_attempt(struct probe_host *h);
/* Appends a step that worked, with copies of the texts. */
struct probe_step *probe_add_step(struct probe_attempt *a,
    enum smtp_stage stage, const char *label, int64_t spent,
    const char *detail);

/* Returns the first step of the stage, or NULL. */
const struct probe_step *probe_find_step(const struct probe_attempt *a,
    enum smtp_stage stage);

void probe_result_free(struct probe_result *r);

#endif
