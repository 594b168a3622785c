/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints --help and --version. */
#include "modes/usage.h"

#include <string.h>

#include "auth/mechanism.h"
#include "auth/sasl.h"
#include "base/idna.h"
#include "base/sandbox.h"
#include "config/autoconfig.h"
#include "config/file.h"
#include "config/long_options.h"
#include "config/mta_sts.h"
#include "config/option_names.h"
#include "config/sendmail_options.h"
#include "tls/tls.h"
#include <config.h>

#define COLUMN 27 /* where the help text begins */
#define WIDTH 78  /* where a list of names wraps */

static const struct synopsis {
	unsigned personalities;
	const char *text;
} synopses[] = {
	{ PERSONALITY_SENDMAIL | PERSONALITY_VEREDUS,
	    " [OPTION]... [--] [RECIPIENT]...\nSend the message on standard "
	    "input through the mail server of an account.\n" },
	{ PERSONALITY_MAILQ, " [OPTION]...\nList the mail queue.\n" },
	{ PERSONALITY_NEWALIASES,
	    " [OPTION]...\nCheck the aliases file, if one is configured.\n" },
};

/* Appends the line or lines of one option, and frees the name. */
static void
add_option(struct str *name, const char *help, struct str *out)
{
	str_printf(out, "  %s", str_text(name));
	if (name->len + 4 > COLUMN)
		str_printf(out, "\n%*s", COLUMN, "");
	else
		str_printf(out, "%*s", (int)(COLUMN - 2 - name->len), "");
	str_printf(out, "%s\n", help);
	str_free(name);
}

static void
add_sendmail_options(unsigned personality, struct str *out)
{
	for (size_t i = 0; i < sendmail_option_count; i++) {
		const struct sendmail_option *row = &sendmail_options[i];
		struct str name = { 0 };

		if ((row->personalities & personality) == 0
		    || !sendmail_option_has_effect(row))
			continue;
		sendmail_option_print_name(row, &name);
		add_option(&name, row->meaning, out);
	}
}

/* Appends "TITLE -c, -h, ...", wrapped: the sendmail options that are
 * ignored, or those that are rejected. */
static void
add_inactive_options(const char *title, unsigned personality, bool rejected,
    struct str *out)
{
	size_t start = out->len;

	str_add(out, title);
	for (size_t i = 0; i < sendmail_option_count; i++) {
		const struct sendmail_option *row = &sendmail_options[i];
		struct str name = { 0 };

		if ((row->personalities & personality) == 0
		    || sendmail_option_has_effect(row)
		    || (row->refusal != NULL) != rejected)
			continue;
		sendmail_option_print_name(row, &name);
		if (out->len - start + name.len + 2 > WIDTH) {
			str_add(out, "\n ");
			start = out->len - 1;
		}
		str_printf(out, " %s,", str_text(&name));
		str_free(&name);
	}
	str_truncate(out, out->len - 1);
	str_add(out, ".\n");
}

static void
add_long_options(unsigned personality, struct str *out)
{
	for (size_t i = 0; i < long_option_count; i++) {
		const struct long_option *row = &long_options[i];
		struct str name = { 0 };

		if ((row->personalities & personality) == 0)
			continue;
		if (row->letter != '\0')
			str_printf(&name, "-%c, ", row->letter);
		str_printf(&name, "--%s", row->name);
		if (row->argument != NULL)
			str_printf(&name,
			    row->action.may_omit ? "[=%s]" : "=%s",
			    row->argument);
		add_option(&name, row->help, out);
	}
}

static bool
is_long_option(const char *name)
{
	for (size_t i = 0; i < long_option_count; i++)
		if (strcmp(long_options[i].name, name) == 0)
			return true;
	return false;
}

static void
add_settings(struct str *out)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		bool may_omit =
		    row->type == OPTION_BOOLEAN || row->empty != NULL;
		struct str name = { 0 };

		str_add(&name, "--");
		/* --from is an option of its own. */
		if (row->help == NULL || !option_long_name(row, &name)
		    || is_long_option(str_text(&name) + strlen("--"))) {
			str_free(&name);
			continue;
		}
		str_printf(&name, may_omit ? "[=%s]" : "=%s", row->argument);
		add_option(&name, row->help, out);
	}
}

void
usage_help(const struct cmdline *cmdline, struct str *out)
{
	unsigned personality = (unsigned)cmdline->personality;

	for (size_t i = 0; i < COUNT_OF(synopses); i++)
		if ((synopses[i].personalities & personality) != 0)
			str_printf(out, "Usage: %s%s", cmdline->name,
			    synopses[i].text);
	str_add(out, "\nOptions:\n");
	add_sendmail_options(personality, out);
	add_long_options(personality, out);
	str_add_char(out, '\n');
	add_inactive_options("Accepted and ignored:", personality, false, out);
	add_inactive_options("Rejected:", personality, true, out);
	if (cmdline->personality != PERSONALITY_VEREDUS) {
		str_add(out,
		    "\nSee veredus --help for options that are not accepted "
		    "under this name.\n");
		return;
	}
	str_add(out, "\nSettings, as in the configuration file:\n");
	add_settings(out);
}

void
usage_version(struct str *out)
{
	str_printf(out, "veredus %s\n", PACKAGE_VERSION);
	str_add(out, "TLS: ");
	tls_describe_library(out);
	str_add(out, "\nSASL: ");
	sasl_describe_library(out);
	str_add(out, "\nMechanisms: ");
	auth_mechanism_list(out);
	str_printf(out, "\nInternationalised domain names: %s\n",
	    idna_is_available() ? "yes" : "no");
	str_printf(out, "MTA-STS: %s\n", mta_sts_is_available() ? "yes" : "no");
	str_printf(out, "Autoconfig: %s\n",
	    autoconfig_is_available() ? "yes" : "no");
	str_add(out, "Sandbox: ");
	sandbox_describe(out);
	str_printf(out, "\nSystem configuration: %s\n", config_system_file());
	str_add(out,
	    "Copyright (C) 2026 The veredus authors.\n"
	    "License GPLv3+: GNU GPL version 3 or later.  There is NO WARRANTY.\n");
}
