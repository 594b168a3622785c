/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modes/usage.h"

#include <string.h>

#include "auth/mechanism.h"
#include "auth/sasl.h"
#include "base/idna.h"
#include "config/file.h"
#include "config/long_options.h"
#include "config/mta_sts.h"
#include "config/option.h"
#include "config/sendmail_options.h"
#include "tls/tls.h"
#include <config.h>

/* Where the explanations begin, and where lists of names are broken. */
#define COLUMN 27
#define WIDTH 78

static const struct synopsis {
	unsigned personalities;
	const char *text;
} synopses[] = {
	{ PERSONALITY_SENDMAIL | PERSONALITY_VEREDUS,
	    " [OPTION]... [--] [RECIPIENT]...\nSend the message on standard "
	    "input through the mail server of an account.\n" },
	{ PERSONALITY_MAILQ,
	    " [OPTION]...\nList the messages in the queue: there are none.\n" },
	{ PERSONALITY_NEWALIASES,
	    " [OPTION]...\nCheck the aliases file, if one is configured.\n" },
};

/* One line: what is written, then from COLUMN on what it does. */
static void
add_line(const struct str *name, const char *meaning, struct str *out)
{
	str_printf(out, "  %s", str_text(name));
	if (name->len + 4 > COLUMN)
		str_printf(out, "\n%*s", COLUMN, "");
	else
		str_printf(out, "%*s", (int)(COLUMN - 2 - name->len), "");
	str_printf(out, "%s\n", meaning);
}

static void
add_switches(unsigned personality, struct str *out)
{
	for (size_t i = 0; i < sendmail_option_count; i++) {
		const struct sendmail_option *row = &sendmail_options[i];
		struct str name = { 0 };

		if ((row->personalities & personality) == 0
		    || !sendmail_option_has_effect(row))
			continue;
		sendmail_option_print_name(row, &name);
		add_line(&name, row->meaning, out);
		str_free(&name);
	}
}

static bool
is_ignored(const struct sendmail_option *row)
{
	return !sendmail_option_has_effect(row) && row->refusal == NULL;
}

static bool
is_refused(const struct sendmail_option *row)
{
	return row->refusal != NULL;
}

/* "TITLE: -c, -h, ..." in lines that are not too long. */
static void
add_names(const char *title, unsigned personality,
    bool (*belongs)(const struct sendmail_option *row), struct str *out)
{
	size_t start = out->len;

	str_add(out, title);
	for (size_t i = 0; i < sendmail_option_count; i++) {
		const struct sendmail_option *row = &sendmail_options[i];
		struct str name = { 0 };

		if ((row->personalities & personality) == 0 || !belongs(row))
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
			str_printf(&name, "=%s", row->argument);
		add_line(&name, row->help, out);
		str_free(&name);
	}
}

static void
add_settings(struct str *out)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		bool alone = row->type == OPTION_BOOLEAN || row->empty != NULL;
		struct str name = { 0 };

		if (row->help == NULL)
			continue;
		str_add(&name, "--");
		if (option_long_name(row, &name)) {
			str_printf(&name, alone ? "[=%s]" : "=%s",
			    row->argument);
			add_line(&name, row->help, out);
		}
		str_free(&name);
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
	add_switches(personality, out);
	add_long_options(personality, out);
	str_add_char(out, '\n');
	add_names("Accepted and ignored:", personality, is_ignored, out);
	add_names("Rejected:", personality, is_refused, out);
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
usage_version(const struct cmdline *cmdline, struct str *out)
{
	(void)cmdline;
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
	str_printf(out, "System configuration: %s\n", config_system_file());
	str_add(out,
	    "Copyright (C) 2026 The veredus authors.\n"
	    "License GPLv3+: GNU GPL version 3 or later.  There is NO WARRANTY.\n");
}
