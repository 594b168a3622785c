/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The part of --check that needs the network: it logs in to each server of an
 * account, and offers recipients.
 */
#ifndef VEREDUS_CHECK_SERVER_H
#define VEREDUS_CHECK_SERVER_H

#include <stdbool.h>

#include "base/error.h"
#include "check/finding.h"
#include "modes/context.h"

/*
 * Checks the login of the context's account, and probes its servers, in a child
 * process: so it enters the sandbox of this account, has no other password, and
 * leaves the caller as it is.  With `offers`, the server gets MAIL and RCPT for
 * the recipients of the command line.
 *
 * Whatever happens there is a finding.  Errors: ERROR_INTERRUPTED.
 */
bool check_server(struct context *context, bool offers, struct findings *f,
    struct error *err);

#endif
