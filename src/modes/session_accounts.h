/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The accounts that the client of -bs or --service may use.
 */
#ifndef VEREDUS_MODES_SESSION_ACCOUNTS_H
#define VEREDUS_MODES_SESSION_ACCOUNTS_H

#include "modes/context.h"

/*
 * Resolves all accounts that a sender may select from the configuration, which
 * was read, and adds them to context->monitor.  An account that cannot be
 * resolved is left out: its error is for the client that selects it.
 */
void context_find_accounts(struct context *context);

#endif
