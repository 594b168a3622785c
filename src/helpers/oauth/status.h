/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `veredus-oauth status`: what the store knows, without the network and without any
 * part of a token.
 */
#ifndef VEREDUS_HELPERS_OAUTH_STATUS_H
#define VEREDUS_HELPERS_OAUTH_STATUS_H

#include <stdbool.h>

#include "helpers/oauth/job.h"

/*
 * Prints the lines that are known: "login TIME", "flow WORD", "renewed TIME",
 * "obtained TIME", "expires TIME", "failed TIME", "failure TEXT", then "end".
 * Fails if nobody has logged in, or if the last failure was not temporary.
 */
bool status_run(struct job *job);

#endif
