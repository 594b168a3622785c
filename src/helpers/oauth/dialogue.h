/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the caller says on standard input, and what it is told on standard output.
 */
#ifndef VEREDUS_HELPERS_OAUTH_DIALOGUE_H
#define VEREDUS_HELPERS_OAUTH_DIALOGUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/secret.h"
#include "base/str.h"
#include "oauth/failure.h"
#include "oauth/params.h"

/* { 0 } is the beginning. */
struct dialogue {
	struct str
	    input;   /* what was read, but not used yet; may have secrets */
	bool at_end; /* the caller has closed its end */
};

/* Reads the request, which comes first. */
bool dialogue_read_request(struct dialogue *d, struct oauth_params *p,
    struct oauth_failure *failure);

/*
 * The next line, without its LF, which stays valid until the next call; NULL if
 * there is none yet.  Reads what is there, without waiting.
 */
const char *dialogue_next_line(struct dialogue *d);
/* Waits for input until the deadline (base/clock.h), or for a signal.  Returns
 * false if nothing came. */
bool dialogue_wait(struct dialogue *d, int64_t deadline);
void dialogue_free(struct dialogue *d);

/* Prints "KEY VALUE", or the key alone if the value is NULL.  A caller that no
 * longer reads is no error. */
void dialogue_say(const char *key, const char *value);
void dialogue_say_number(const char *key, int64_t number);
void dialogue_say_secret(const char *key, const struct secret *secret);

#endif
