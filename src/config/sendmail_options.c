/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of the options of the sendmail interface, in the order of their
 * letters, and the search in it.
 */
#include "config/sendmail_options.h"

#include <string.h>

#include "base/attr.h"

#define ALL PERSONALITY_ALL
#define MAILQ PERSONALITY_MAILQ
#define VEREDUS PERSONALITY_VEREDUS
#define AMBIGUOUS "not supported, because its meaning differs between mailers"

/* clang-format off */
const struct sendmail_option sendmail_options[] = {
	{ '4', NULL, ARGUMENT_NONE, VEREDUS, "connect by IPv4 only",
	    .action = { cmdline_set_setting, .name = "address_family",
	        .value = "ipv4" } },
	{ '6', NULL, ARGUMENT_NONE, VEREDUS, "connect by IPv6 only",
	    .action = { cmdline_set_setting, .name = "address_family",
	        .value = "ipv6" } },
	{ 'A', "cm", ARGUMENT_REQUIRED, ALL,
	    .meaning = "select a configuration of Sendmail" },
	{ 'a', NULL, ARGUMENT_REQUIRED, VEREDUS, "send through ACCOUNT",
	    .shown = "ACCOUNT",
	    .action = { cmdline_set_string, .number = FIELD(account) } },
	{ 'B', NULL, ARGUMENT_REQUIRED, ALL,
	    "type of the body: 7BIT or 8BITMIME",
	    .shown = "TYPE", .action = { cmdline_set_body, .name = "-B" } },
	{ 'b', "m", ARGUMENT_REQUIRED, ALL, "send a message (the default)",
	    .action = { cmdline_set_mode, .number = MODE_SEND } },
	{ 'b', "p", ARGUMENT_REQUIRED, ALL, "list the queue (mailq)",
	    .action = { cmdline_set_mode, .number = MODE_PRINT_QUEUE } },
	{ 'b', "i", ARGUMENT_REQUIRED, ALL,
	    "check the aliases file (newaliases)",
	    .action = { cmdline_set_mode, .number = MODE_INIT_ALIASES } },
	{ 'b', "h", ARGUMENT_REQUIRED, ALL,
	    "list the servers that do not work (hoststat)",
	    .action = { cmdline_set_mode, .number = MODE_HOST_STATUS } },
	{ 'b', "H", ARGUMENT_REQUIRED, ALL,
	    "try these servers at once (purgestat)",
	    .action = { cmdline_set_mode, .number = MODE_PURGE_STATUS } },
	{ 'b', "s", ARGUMENT_REQUIRED, ALL,
	    "speak SMTP on standard input and output",
	    .action = { cmdline_set_mode, .number = MODE_SERVE } },
	{ 'b', "v", ARGUMENT_REQUIRED, ALL,
	    "show what addresses expand to; send nothing",
	    .action = { cmdline_set_mode, .number = MODE_VERIFY } },
	{ 'b', "dDl", ARGUMENT_REQUIRED, ALL, "run as a daemon",
	    .refusal =
	        "daemon mode is not supported: each message is sent at once" },
	{ 'b', "a", ARGUMENT_REQUIRED, ALL, "the ARPANET protocol",
	    .refusal = "this protocol is obsolete" },
	{ 'b', "P", ARGUMENT_REQUIRED, ALL,
	    "count the queue; print the configuration of Exim",
	    .refusal = AMBIGUOUS },
	{ 'b', "S", ARGUMENT_REQUIRED, ALL, "batched SMTP",
	    .refusal = "batched SMTP is not supported" },
	{ 'b', "tTCFferVwI", ARGUMENT_REQUIRED, ALL,
	    "test modes of other mailers",
	    .refusal = "test modes are not supported" },
	{ 'C', NULL, ARGUMENT_REQUIRED, VEREDUS,
	    "read FILE instead of the user's configuration",
	    .shown = "FILE",
	    .action = { cmdline_set_string, .number = FIELD(config_file) } },
	{ 'C', NULL, ARGUMENT_REQUIRED, MAILQ,
	    .meaning = "configuration of Postfix" },
	{ 'C', NULL, ARGUMENT_REQUIRED, ALL & ~(unsigned)(MAILQ | VEREDUS),
	    "read another configuration",
	    .shown = "FILE",
	    .refusal = "not accepted under this name: use veredus -C FILE" },
	{ 'c', NULL, ARGUMENT_NONE, ALL, .meaning = "hold expensive mailers" },
	{ 'D', NULL, ARGUMENT_REQUIRED, ALL,
	    "debug log of Sendmail; macro of Exim",
	    .refusal = AMBIGUOUS },
	{ 'd', NULL, ARGUMENT_ATTACHED, ALL,
	    "the same as -v; -d0.1: print the version",
	    .action = { .apply = cmdline_set_debug } },
	{ 'E', NULL, ARGUMENT_ATTACHED, ALL,
	    .meaning = "report a local error" },
	{ 'e', NULL, ARGUMENT_REQUIRED, ALL, "the same as -oe",
	    .shown = "MODE", .action = { cmdline_set_errors, .name = "-e" } },
	{ 'F', NULL, ARGUMENT_REQUIRED, ALL,
	    "full name in a From header that veredus adds",
	    .shown = "NAME", .action = { .apply = cmdline_set_full_name } },
	{ 'f', NULL, ARGUMENT_REQUIRED, ALL,
	    "envelope sender; '' or '<>' is the null sender",
	    .shown = "ADDRESS",
	    .action = { cmdline_set_sender, .name = "-f" } },
	{ 'G', NULL, ARGUMENT_NONE, ALL,
	    "the message is relayed: add no header fields",
	    .action = { cmdline_set_true, .number = FIELD(relayed) } },
	{ 'h', NULL, ARGUMENT_REQUIRED, ALL, .meaning = "hop count" },
	{ 'I', NULL, ARGUMENT_NONE, ALL, "the same as -bi",
	    .action = { cmdline_set_mode, .number = MODE_INIT_ALIASES } },
	{ 'i', NULL, ARGUMENT_NONE, ALL,
	    "a lone dot on a line does not end the message",
	    .action = { cmdline_set_true, .number = FIELD(ignore_dots) } },
	{ 'J', NULL, ARGUMENT_ATTACHED, ALL,
	    .meaning = "character code of the input" },
	{ 'L', NULL, ARGUMENT_REQUIRED, ALL, "tag for lines in the system log",
	    .shown = "TAG", .action = { .apply = cmdline_set_tag } },
	{ 'M', NULL, ARGUMENT_REQUIRED, ALL,
	    "macro of Sendmail; message in Exim's queue",
	    .refusal = AMBIGUOUS },
	{ 'm', NULL, ARGUMENT_NONE, ALL,
	    .meaning = "also send to the sender if an alias names it" },
	{ 'N', NULL, ARGUMENT_REQUIRED, ALL,
	    "request DSNs: off, never, or failure,delay,success",
	    .shown = "WORDS",
	    .action = { cmdline_set_dsn, .number = 'N', .name = "-N" } },
	{ 'n', NULL, ARGUMENT_NONE, ALL, .meaning = "do not use aliases" },
	{ 'O', NULL, ARGUMENT_REQUIRED, ALL,
	    "IgnoreDots, ErrorMode, DeliveryMode or RequireTLS",
	    .shown = "NAME=VALUE",
	    .action = { .apply = cmdline_set_system_option } },
	{ 'o', "i", ARGUMENT_REQUIRED, ALL, "the same as -i",
	    .action = { .apply = cmdline_set_dots } },
	{ 'o', "d", ARGUMENT_REQUIRED, ALL,
	    "b: queue first; i: deliver first; q: queue only",
	    .shown = "MODE", .action = { cmdline_set_delivery, .name = "-od" } },
	{ 'o', "e", ARGUMENT_REQUIRED, ALL,
	    "p, m, w, e: print errors; q: log them only",
	    .shown = "MODE", .action = { cmdline_set_errors, .name = "-oe" } },
	{ 'o', "v", ARGUMENT_REQUIRED, ALL, "the same as -v",
	    .action = { cmdline_set_true, .number = FIELD(verbose) } },
	{ 'o', NULL, ARGUMENT_REQUIRED, ALL, "any other option of Sendmail",
	    .shown = "LETTER[VALUE]" },
	{ 'P', NULL, ARGUMENT_NONE, VEREDUS,
	    "show the account and the recipients; send nothing",
	    .action = { cmdline_set_mode, .number = MODE_PRETEND } },
	{ 'p', NULL, ARGUMENT_REQUIRED, ALL,
	    .meaning = "protocol and host the message was received from" },
	{ 'Q', NULL, ARGUMENT_ATTACHED, ALL, "quarantine messages in the queue",
	    .refusal = "there is no queue with messages to quarantine" },
	{ 'q', NULL, ARGUMENT_ATTACHED, ALL, "run the queue; f: all messages; I, R, S: select",
	    .shown = "[WHAT]",
	    .action = { .apply = cmdline_set_queue_run } },
	{ 'R', NULL, ARGUMENT_REQUIRED, ALL,
	    "content that DSNs return: off, full or hdrs",
	    .shown = "WORD",
	    .action = { cmdline_set_dsn, .number = 'R', .name = "-R" } },
	{ 'r', NULL, ARGUMENT_REQUIRED, ALL, "the same as -f",
	    .shown = "ADDRESS",
	    .action = { cmdline_set_sender, .name = "-r" } },
	{ 'S', NULL, ARGUMENT_NONE, VEREDUS,
	    "show what the server offers; send nothing",
	    .action = { cmdline_set_mode, .number = MODE_SERVERINFO } },
	{ 'S', NULL, ARGUMENT_NONE, ALL & ~(unsigned)VEREDUS,
	    "a level of Courier, a queue run of Exim",
	    .refusal = AMBIGUOUS },
	{ 's', NULL, ARGUMENT_NONE, ALL, .meaning = "keep the \"From \" line" },
	{ 'T', NULL, ARGUMENT_NONE, ALL, .meaning = "time in the queue" },
	{ 't', NULL, ARGUMENT_NONE, ALL,
	    "also take recipients from To, Cc and Bcc",
	    .action = { cmdline_set_true,
	        .number = FIELD(recipients_from_header) } },
	{ 'U', NULL, ARGUMENT_NONE, ALL,
	    .meaning = "initial submission; SMTPUTF8 of Sendmail" },
	{ 'V', NULL, ARGUMENT_REQUIRED, ALL, "envelope identifier for DSNs",
	    .shown = "ID",
	    .action = { cmdline_set_dsn, .number = 'V', .name = "-V" } },
	{ 'v', NULL, ARGUMENT_NONE, ALL,
	    "show the SMTP dialogue on standard error",
	    .action = { cmdline_set_true, .number = FIELD(verbose) } },
	{ 'X', NULL, ARGUMENT_REQUIRED, VEREDUS,
	    "append a line for each message to FILE",
	    .shown = "FILE",
	    .action = { cmdline_set_setting, .name = "logfile" } },
	{ 'X', NULL, ARGUMENT_REQUIRED, ALL & ~(unsigned)VEREDUS,
	    "log the traffic",
	    .shown = "FILE",
	    .refusal = "not accepted under this name: use veredus -X FILE" },
	{ 'x', NULL, ARGUMENT_NONE, ALL, .meaning = "a switch of AIX and OSF" },
	{ 'z', NULL, ARGUMENT_REQUIRED, ALL, "a line for Exim's log",
	    .refusal = "a line for Exim's log is not supported" },
};
/* clang-format on */

const size_t sendmail_option_count = COUNT_OF(sendmail_options);

static bool
matches_value(const struct sendmail_option *row, const char *value)
{
	/* strchr() also finds the NUL at the end of a string. */
	return row->first == NULL || value == NULL
	    || (*value != '\0' && strchr(row->first, *value) != NULL);
}

const struct sendmail_option *
sendmail_option_find(char letter, const char *value, unsigned personality)
{
	for (size_t i = 0; i < sendmail_option_count; i++) {
		const struct sendmail_option *row = &sendmail_options[i];

		if (row->letter == letter
		    && (row->personalities & personality) != 0
		    && matches_value(row, value))
			return row;
	}
	return NULL;
}

void
sendmail_option_values(char letter, unsigned personality, struct str *out)
{
	for (size_t i = 0; i < sendmail_option_count; i++) {
		const struct sendmail_option *row = &sendmail_options[i];

		if (row->letter != letter || row->first == NULL
		    || row->refusal != NULL
		    || (row->personalities & personality) == 0)
			continue;
		for (const char *p = row->first; *p != '\0'; p++)
			str_printf(out, "%s%c", out->len > 0 ? ", " : "", *p);
	}
}

bool
sendmail_option_has_effect(const struct sendmail_option *row)
{
	return row->action.apply != NULL;
}

void
sendmail_option_print_name(const struct sendmail_option *row, struct str *out)
{
	const char *letters = row->first != NULL ? row->first : "";
	size_t count = strlen(letters);

	for (size_t i = 0; i < count; i++)
		str_printf(out, "%s-%c%c", i > 0 ? ", " : "", row->letter,
		    letters[i]);
	if (count == 0)
		str_printf(out, "-%c", row->letter);
	if (row->shown != NULL)
		str_printf(out, "%s%s",
		    count == 0 && row->argument != ARGUMENT_ATTACHED ? " " : "",
		    row->shown);
}
