/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the switches do to a command line: the functions that the rows of the
 * table in switch.c point to.
 */
#ifndef VEREDUS_CONFIG_SWITCH_SET_H
#define VEREDUS_CONFIG_SWITCH_SET_H

#include "config/switch.h"

/* The row's number is the offset of a bool. */
switch_setter switch_set_true;
/* The row's number is an enum mode. */
switch_setter switch_set_mode;
switch_setter switch_set_queue_run;
switch_setter switch_set_sender;
switch_setter switch_set_full_name;
switch_setter switch_set_body;
/* The row's number is where in the value the letter of the mode stands. */
switch_setter switch_set_errors;
switch_setter switch_set_dots;
switch_setter switch_set_long;
switch_setter switch_set_notify;
switch_setter switch_set_return;
switch_setter switch_set_envelope_id;
switch_setter switch_set_tag;
switch_setter switch_set_config_file;
switch_setter switch_set_account;
switch_setter switch_set_logfile;
/* The row's number is 4 or 6. */
switch_setter switch_set_family;

#endif
