/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What --help and --version print: made from the tables of switches, long
 * options and settings, for the name that we were called by.
 */
#ifndef VEREDUS_MODES_USAGE_H
#define VEREDUS_MODES_USAGE_H

#include "base/str.h"
#include "config/cmdline.h"

void usage_help(const struct cmdline *cmdline, struct str *out);
/* The first line is "veredus VERSION"; a line for each feature follows. */
void usage_version(const struct cmdline *cmdline, struct str *out);

#endif
