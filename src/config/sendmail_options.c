/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/sendmail_options.h"

#include <stddef.h>
#include <string.h>

#include "base/attr.h"
#include "config/cmdline.h"
#include "config/sendmail_handlers.h"

#define ALL \
	(PERSONALITY_SENDMAIL | PERSONALITY_MAILQ | PERSONALITY_NEWALIASES \
	    | PERSONALITY_VEREDUS)
#define MAILQ PERSONALITY_MAILQ
#define VEREDUS PERSONALITY_VEREDUS
#define FIELD(member) .number = (int)offsetof(struct cmdline, member)

/* Each switch is told here and nowhere else, in the order of the letters. */
/* clang-format off */
const struct sendmail_option sendmail_options[] = {
	{ '4', NULL, ARGUMENT_NONE, VEREDUS,
	    .meaning = "connect by IPv4 only",
	    .set = sendmail_set_family, .number = 4 },
	{ '6', NULL, ARGUMENT_NONE, VEREDUS,
	    .meaning = "connect by IPv6 only",
	    .set = sendmail_set_family, .number = 6 },
	{ 'A', "cm", ARGUMENT_REQUIRED, ALL,
	    .meaning = "select a configuration of Sendmail" },
	{ 'a', NULL, ARGUMENT_REQUIRED, VEREDUS,
	    .shown = "ACCOUNT",
	    .meaning = "send through ACCOUNT",
	    .set = sendmail_set_account },
	{ 'B', NULL, ARGUMENT_REQUIRED, ALL,
	    .shown = "TYPE",
	    .meaning = "type of the body: 7BIT or 8BITMIME",
	    .set = sendmail_set_body },
	{ 'b', "m", ARGUMENT_REQUIRED, ALL,
	    .meaning = "send a message (the default)",
	    .set = sendmail_set_mode, .number = MODE_SEND },
	{ 'b', "p", ARGUMENT_REQUIRED, ALL,
	    .meaning = "list the queue (mailq)",
	    .set = sendmail_set_mode, .number = MODE_PRINT_QUEUE },
	{ 'b', "i", ARGUMENT_REQUIRED, ALL,
	    .meaning = "check the aliases file (newaliases)",
	    .set = sendmail_set_mode, .number = MODE_INIT_ALIASES },
	{ 'b', "hH", ARGUMENT_REQUIRED, ALL,
	    .meaning = "print or purge the status of hosts (there is none)",
	    .set = sendmail_set_mode, .number = MODE_HOST_STATUS },
	{ 'b', "s", ARGUMENT_REQUIRED, ALL,
	    .meaning = "speak SMTP on standard input and output",
	    .set = sendmail_set_mode, .number = MODE_SERVE },
	{ 'b', "v", ARGUMENT_REQUIRED, ALL,
	    .meaning = "show what addresses expand to; send nothing",
	    .set = sendmail_set_mode, .number = MODE_VERIFY },
	{ 'b', "dDl", ARGUMENT_REQUIRED, ALL,
	    .meaning = "run as a daemon",
	    .refusal =
	        "daemon mode is not supported: each message is sent at once" },
	{ 'b', "a", ARGUMENT_REQUIRED, ALL,
	    .meaning = "the ARPANET protocol",
	    .refusal = "this protocol is obsolete" },
	{ 'b', "P", ARGUMENT_REQUIRED, ALL,
	    .meaning = "count the queue; print the configuration of Exim",
	    .refusal = "not supported, because its meaning differs between mailers" },
	{ 'b', "S", ARGUMENT_REQUIRED, ALL,
	    .meaning = "batched SMTP",
	    .refusal = "batched SMTP is not supported" },
	{ 'b', "tTCFferVwI", ARGUMENT_REQUIRED, ALL,
	    .meaning = "test modes of other mailers",
	    .refusal = "test modes are not supported" },
	{ 'C', NULL, ARGUMENT_REQUIRED, VEREDUS,
	    .shown = "FILE",
	    .meaning = "read FILE instead of the user's configuration",
	    .set = sendmail_set_config_file },
	{ 'C', NULL, ARGUMENT_REQUIRED, MAILQ,
	    .meaning = "configuration of Postfix" },
	{ 'C', NULL, ARGUMENT_REQUIRED, ALL & ~(unsigned)(MAILQ | VEREDUS),
	    .shown = "FILE",
	    .meaning = "read another configuration",
	    .refusal = "not accepted under this name: use veredus -C FILE" },
	{ 'c', NULL, ARGUMENT_NONE, ALL,
	    .meaning = "hold expensive mailers" },
	{ 'D', NULL, ARGUMENT_REQUIRED, ALL,
	    .meaning = "debug log of Sendmail; macro of Exim",
	    .refusal = "not supported, because its meaning differs between mailers" },
	{ 'd', NULL, ARGUMENT_ATTACHED, ALL,
	    .meaning = "the same as -v",
	    .set = sendmail_set_true, FIELD(debug) },
	{ 'E', NULL, ARGUMENT_ATTACHED, ALL,
	    .meaning = "report a local error" },
	{ 'e', NULL, ARGUMENT_REQUIRED, ALL,
	    .shown = "MODE",
	    .meaning = "the same as -oe",
	    .set = sendmail_set_errors },
	{ 'F', NULL, ARGUMENT_REQUIRED, ALL,
	    .shown = "NAME",
	    .meaning = "full name in a From header that veredus adds",
	    .set = sendmail_set_full_name },
	{ 'f', NULL, ARGUMENT_REQUIRED, ALL,
	    .shown = "ADDRESS",
	    .meaning = "envelope sender; '' or '<>' is the null sender",
	    .set = sendmail_set_sender },
	{ 'G', NULL, ARGUMENT_NONE, ALL,
	    .meaning = "the message is relayed: add no header fields",
	    .set = sendmail_set_true, FIELD(relayed) },
	{ 'h', NULL, ARGUMENT_REQUIRED, ALL,
	    .meaning = "hop count" },
	{ 'I', NULL, ARGUMENT_NONE, ALL,
	    .meaning = "the same as -bi",
	    .set = sendmail_set_mode, .number = MODE_INIT_ALIASES },
	{ 'i', NULL, ARGUMENT_NONE, ALL,
	    .meaning = "a lone dot on a line does not end the message",
	    .set = sendmail_set_true, FIELD(ignore_dots) },
	{ 'J', NULL, ARGUMENT_ATTACHED, ALL,
	    .meaning = "character code of the input" },
	{ 'L', NULL, ARGUMENT_REQUIRED, ALL,
	    .shown = "TAG",
	    .meaning = "tag for lines in the system log",
	    .set = sendmail_set_tag },
	{ 'M', NULL, ARGUMENT_REQUIRED, ALL,
	    .meaning = "macro of Sendmail; message in Exim's queue",
	    .refusal = "not supported, because its meaning differs between mailers" },
	{ 'm', NULL, ARGUMENT_NONE, ALL,
	    .meaning = "also send to the sender if an alias names it" },
	{ 'N', NULL, ARGUMENT_REQUIRED, ALL,
	    .shown = "WORDS",
	    .meaning = "request DSNs: never, or failure,delay,success",
	    .set = sendmail_set_notify },
	{ 'n', NULL, ARGUMENT_NONE, ALL,
	    .meaning = "do not use aliases" },
	{ 'O', NULL, ARGUMENT_REQUIRED, ALL,
	    .shown = "NAME=VALUE",
	    .meaning = "IgnoreDots, ErrorMode, RequireTLS; others ignored",
	    .set = sendmail_set_long },
	{ 'o', "i", ARGUMENT_REQUIRED, ALL,
	    .meaning = "the same as -i",
	    .set = sendmail_set_dots },
	{ 'o', "e", ARGUMENT_REQUIRED, ALL,
	    .shown = "MODE",
	    .meaning = "p, m, w, e: print errors; q: log them only",
	    .set = sendmail_set_errors, .number = 1 },
	{ 'o', "v", ARGUMENT_REQUIRED, ALL,
	    .meaning = "the same as -v",
	    .set = sendmail_set_true, FIELD(verbose) },
	{ 'o', NULL, ARGUMENT_REQUIRED, ALL,
	    .shown = "LETTER[VALUE]",
	    .meaning = "any other option of Sendmail" },
	{ 'p', NULL, ARGUMENT_REQUIRED, ALL,
	    .meaning = "protocol and host the message was received from" },
	{ 'Q', NULL, ARGUMENT_ATTACHED, ALL,
	    .meaning = "quarantine messages in the queue",
	    .refusal = "there is no queue with messages to quarantine" },
	{ 'q', NULL, ARGUMENT_ATTACHED, ALL,
	    .meaning = "run the queue (there is none)",
	    .set = sendmail_set_queue_run },
	{ 'R', NULL, ARGUMENT_REQUIRED, ALL,
	    .shown = "WORD",
	    .meaning = "content that DSNs return: full or hdrs",
	    .set = sendmail_set_return },
	{ 'r', NULL, ARGUMENT_REQUIRED, ALL,
	    .shown = "ADDRESS",
	    .meaning = "the same as -f",
	    .set = sendmail_set_sender },
	{ 'S', NULL, ARGUMENT_NONE, ALL,
	    .meaning = "a level of Courier, a queue run of Exim",
	    .refusal = "not supported, because its meaning differs between mailers" },
	{ 's', NULL, ARGUMENT_NONE, ALL,
	    .meaning = "keep the \"From \" line" },
	{ 'T', NULL, ARGUMENT_NONE, ALL,
	    .meaning = "time in the queue" },
	{ 't', NULL, ARGUMENT_NONE, ALL,
	    .meaning = "also take recipients from To, Cc and Bcc",
	    .set = sendmail_set_true, FIELD(recipients_from_header) },
	{ 'U', NULL, ARGUMENT_NONE, ALL,
	    .meaning = "initial submission; SMTPUTF8 of Sendmail" },
	{ 'V', NULL, ARGUMENT_REQUIRED, ALL,
	    .shown = "ID",
	    .meaning = "envelope identifier for DSNs",
	    .set = sendmail_set_envelope_id },
	{ 'v', NULL, ARGUMENT_NONE, ALL,
	    .meaning = "show the SMTP dialogue on standard error",
	    .set = sendmail_set_true, FIELD(verbose) },
	{ 'X', NULL, ARGUMENT_REQUIRED, VEREDUS,
	    .shown = "FILE",
	    .meaning = "append a line for each message to FILE",
	    .set = sendmail_set_logfile },
	{ 'X', NULL, ARGUMENT_REQUIRED, ALL & ~(unsigned)VEREDUS,
	    .shown = "FILE",
	    .meaning = "log the traffic",
	    .refusal = "not accepted under this name: use veredus -X FILE" },
	{ 'x', NULL, ARGUMENT_NONE, ALL,
	    .meaning = "a switch of AIX and OSF" },
	{ 'z', NULL, ARGUMENT_REQUIRED, ALL,
	    .meaning = "a line for Exim's log",
	    .refusal = "not supported" },
};
/* clang-format on */

const size_t sendmail_option_count = COUNT_OF(sendmail_options);

/* strchr() would find the end of a string, too. */
static bool
row_is_for(const struct sendmail_option *row, const char *value)
{
	if (row->first == NULL || value == NULL)
		return true;
	return value[0] != '\0' && strchr(row->first, value[0]) != NULL;
}

const struct sendmail_option *
sendmail_option_find(char letter, const char *value, unsigned personality)
{
	for (size_t i = 0; i < sendmail_option_count; i++) {
		const struct sendmail_option *row = &sendmail_options[i];

		if (row->letter == letter
		    && (row->personalities & personality) != 0
		    && row_is_for(row, value))
			return row;
	}
	return NULL;
}

bool
sendmail_option_has_effect(const struct sendmail_option *row)
{
	return row->set != NULL;
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
		str_printf(out, "%s%s", count == 0 ? " " : "", row->shown);
}
