/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The device authorization grant (RFC 8628): a person enters a code on any device.
 */
#ifndef VEREDUS_HELPERS_OAUTH_DEVICE_H
#define VEREDUS_HELPERS_OAUTH_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/secret.h"
#include "helpers/oauth/login_token.h"

/* The answer to the first request (section 3.2).  { 0 } is empty. */
struct device {
	struct secret code;
	char *user_code;
	char *address;
	unsigned seconds;  /* until the codes expire */
	unsigned interval; /* between two requests, in seconds */
};

/* Prints the code for the person, and asks until there is a token. */
bool device_ask(struct login *l);

/* Fills an empty struct; false if something is missing, or if the address is not
 * one of https. */
bool device_parse(struct device *d, const char *text, size_t len,
    struct oauth_failure *failure);
void device_free(struct device *d);

#endif
