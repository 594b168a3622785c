/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The output of --help and --version, made from the tables of sendmail
 * options, long options and settings.
 */
#ifndef VEREDUS_MODES_USAGE_H
#define VEREDUS_MODES_USAGE_H

#include "base/str.h"
#include "config/cmdline.h"

/* Appends the options that the program accepts under its current name. */
void usage_help(const struct cmdline *cmdline, struct str *out);
/* Appends "veredus VERSION", and a line for each optional feature. */
void usage_version(struct str *out);

#endif
