/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The actions of the command line's options.  The rows of the tables in
 * sendmail_options.h and long_options.h name them.
 */
#ifndef VEREDUS_CONFIG_CMDLINE_HANDLERS_H
#define VEREDUS_CONFIG_CMDLINE_HANDLERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "config/cmdline.h"

struct cmdline_action;

/* Applies an option; value is "" for an option without an argument. */
typedef bool cmdline_handler(struct cmdline *cmdline,
    const struct cmdline_action *action, const char *value, struct error *err);

struct cmdline_action {
	cmdline_handler *apply;
	int number;       /* see the handler */
	const char *name; /* of the option, for errors and notes */
	const char *value;
	bool may_omit; /* of a long option: the argument; else attached */
};

/* The number of an action that sets a member of struct cmdline. */
#define FIELD(member) (int)offsetof(struct cmdline, member)

/* number: FIELD() of a bool, which becomes true. */
cmdline_handler cmdline_set_true;
/* number: FIELD() of a string, which becomes a copy of the argument. */
cmdline_handler cmdline_set_string;
/* number: enum mode. */
cmdline_handler cmdline_set_mode;
/* --service, alone or with a mode that uses the file of the service. */
cmdline_handler cmdline_set_service;
/* --print: its argument, if any, is a form of the message. */
cmdline_handler cmdline_set_print;
/* -d: its argument, if any, is that of Sendmail. */
cmdline_handler cmdline_set_debug;
/* name: of a setting, which becomes the action's value or the argument. */
cmdline_handler cmdline_set_setting;
/* Errors: ERROR_ADDRESS.  Of several addresses the first one is used. */
cmdline_handler cmdline_set_sender;
cmdline_handler cmdline_set_full_name;
cmdline_handler cmdline_set_body;
cmdline_handler cmdline_set_errors;
cmdline_handler cmdline_set_delivery;
cmdline_handler cmdline_set_queue_run;
cmdline_handler cmdline_set_dots;
/* -O NAME=VALUE. */
cmdline_handler cmdline_set_system_option;
/* number: 'N', 'R' or 'V', the letter of the option. */
cmdline_handler cmdline_set_dsn;
cmdline_handler cmdline_set_tag;
/* number: enum mode.  The argument is the first operand. */
cmdline_handler cmdline_set_mode_of;
/* --rmqs and --configure. */
cmdline_handler cmdline_set_node;
cmdline_handler cmdline_set_address;

#endif
