/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the switches do to a command line: the functions that the rows of the
 * table in switch.c point to.
 */
#ifndef VEREDUS_CONFIG_SENDMAIL_HANDLERS_H
#define VEREDUS_CONFIG_SENDMAIL_HANDLERS_H

#include "config/sendmail_options.h"

/* The row's number is the offset of a bool. */
sendmail_handler sendmail_set_true;
/* The row's number is an enum mode. */
sendmail_handler sendmail_set_mode;
sendmail_handler sendmail_set_queue_run;
sendmail_handler sendmail_set_sender;
sendmail_handler sendmail_set_full_name;
sendmail_handler sendmail_set_body;
/* The row's number is where in the value the letter of the mode stands. */
sendmail_handler sendmail_set_errors;
sendmail_handler sendmail_set_dots;
sendmail_handler sendmail_set_long;
sendmail_handler sendmail_set_notify;
sendmail_handler sendmail_set_return;
sendmail_handler sendmail_set_envelope_id;
sendmail_handler sendmail_set_tag;
sendmail_handler sendmail_set_config_file;
sendmail_handler sendmail_set_account;
sendmail_handler sendmail_set_logfile;
/* The row's number is 4 or 6. */
sendmail_handler sendmail_set_family;

#endif
