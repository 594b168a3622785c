/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parses the command line.
 *
 * The options of sendmail are rows of the table in sendmail_options.h, the long
 * options of veredus are rows in long_options.h and, for settings, in
 * option_table.h.  Parsing reads nothing but argv.
 */
#ifndef VEREDUS_CONFIG_CMDLINE_PARSE_H
#define VEREDUS_CONFIG_CMDLINE_PARSE_H

#include <stdbool.h>

#include "base/error.h"
#include "config/cmdline.h"

/*
 * Returns the personality for argv[0], for the first lines of main().  argv0
 * may be NULL or any text.
 */
enum personality cmdline_personality(const char *argv0);

/*
 * Fills a zeroed struct.  Options end at the first operand or at "--"; a later
 * word that begins with "-" is an error, not a recipient and not an option.
 * Errors: ERROR_USAGE; ERROR_ADDRESS for an invalid sender.  The members name,
 * mode, errors and report are valid after an error as well; report is found behind a
 * wrong option, too.
 */
bool cmdline_parse(struct cmdline *cmdline, int argc, char *const argv[],
    struct error *err);

#endif
