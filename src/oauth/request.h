/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The request that the main program writes to the standard input of
 * veredus-oauth: the parameters as a record (oauth/fields.h).  Nothing of it is
 * in the arguments or in the environment, which other processes may see.
 */
#ifndef VEREDUS_OAUTH_REQUEST_H
#define VEREDUS_OAUTH_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "oauth/fields.h"
#include "oauth/params.h"

/* The one table of the parameters. */
extern const struct record oauth_request;

/* Appends the request to an empty text, which the caller wipes.
 * Errors: ERROR_CONFIG. */
bool oauth_request_write(const struct oauth_params *p, struct str *text,
    struct error *err);
/* Fills empty parameters.  Errors: ERROR_CONFIG. */
bool oauth_request_read(struct oauth_params *p, const char *text, size_t len,
    struct error *err);

#endif
