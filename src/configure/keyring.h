/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --keyring: the password of an account in the keyring of the desktop, by
 * secret-tool(1).
 */
#ifndef VEREDUS_CONFIGURE_KEYRING_H
#define VEREDUS_CONFIGURE_KEYRING_H

#include <stdbool.h>

#include "base/error.h"

/* Whether secret-tool is on PATH, so that a shell finds it.  Errors:
 * ERROR_CONFIG. */
bool configure_keyring_check(struct error *err);
/*
 * The commands that print and store the password of the address at the server, for
 * a shell; the caller frees them.
 */
char *configure_keyring_lookup(const char *address, const char *host);
char *configure_keyring_store(const char *address, const char *host);

#endif
