/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Why a token could not be had: the classes of failures, the exit status of
 * veredus-oauth for each, and the note of the last failure in NAME.lock.
 */
#ifndef VEREDUS_OAUTH_FAILURE_H
#define VEREDUS_OAUTH_FAILURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/error.h"
#include "oauth/fields.h"

enum oauth_class {
	OAUTH_OK,
	OAUTH_TEMPORARY,  /* a later attempt may succeed */
	OAUTH_SPACE,      /* the store has no room */
	OAUTH_LOGIN,      /* a person must log in again */
	OAUTH_PERMISSION, /* an administrator must allow it */
	OAUTH_CONFIG,     /* the configuration must be changed */
	OAUTH_CLASSES
};

/* { 0 } is no failure. */
struct oauth_failure {
	int64_t time; /* in seconds since 1970 */
	enum oauth_class outcome;
	char *text;       /* one printable line */
	int64_t no_retry; /* until then the provider is not asked again */
	char *digest;     /* of what the request depended on */
};

extern const struct record oauth_failure_record;

void oauth_failure_free(struct oauth_failure *failure);

/* Sets class and text, which is cleaned, in place of what was set.  Always returns
 * false. */
bool oauth_fail(struct oauth_failure *failure, enum oauth_class outcome,
    const char *format, ...) ATTR_PRINTF(3, 4) ATTR_COLD;
/* The same with the text of an error, which is released. */
bool oauth_fail_error(struct oauth_failure *failure, struct error *err);

/* The exit status of veredus-oauth (sysexits.h) for a class, and the kind of an
 * error in the main program for an exit status. */
int oauth_class_exit_status(enum oauth_class outcome);
enum error_kind oauth_exit_status_kind(int status);

/* The class of an error of a local function. */
enum oauth_class oauth_error_class(const struct error *err);

/* Whether a noted failure still keeps the provider from being asked.  A note from
 * the future does not count. */
bool oauth_failure_holds(const struct oauth_failure *failure,
    const char *digest, int64_t now);

/*
 * When the provider may be asked again after a failure at `now`.  `wait` is
 * what Retry-After said, in seconds, or 0 (RFC 9110 section 10.2.3).
 */
int64_t oauth_no_retry(enum oauth_class outcome, int64_t wait, int64_t now);

#endif
