/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/switch.h"

#include <stddef.h>
#include <string.h>

#include "base/attr.h"
#include "config/cmdline.h"
#include "config/switch_set.h"

#define ALL \
	(PERSONALITY_SENDMAIL | PERSONALITY_MAILQ | PERSONALITY_NEWALIASES \
	    | PERSONALITY_VEREDUS)
#define MAILQ PERSONALITY_MAILQ
#define VEREDUS PERSONALITY_VEREDUS
#define FIELD(member) .number = (int)offsetof(struct cmdline, member)

/* Each switch is told here and nowhere else, in the order of the letters. */
/* clang-format off */
const struct switch_row switch_rows[] = {
	{ '4', NULL, SWITCH_ALONE, VEREDUS,
	    .meaning = "connect by IPv4 only",
	    .set = switch_set_family, .number = 4 },
	{ '6', NULL, SWITCH_ALONE, VEREDUS,
	    .meaning = "connect by IPv6 only",
	    .set = switch_set_family, .number = 6 },
	{ 'A', "cm", SWITCH_ARGUMENT, ALL,
	    .meaning = "select a configuration of Sendmail" },
	{ 'a', NULL, SWITCH_ARGUMENT, VEREDUS,
	    .shown = "ACCOUNT",
	    .meaning = "send through ACCOUNT",
	    .set = switch_set_account },
	{ 'B', NULL, SWITCH_ARGUMENT, ALL,
	    .shown = "TYPE",
	    .meaning = "type of the body: 7BIT or 8BITMIME",
	    .set = switch_set_body },
	{ 'b', "m", SWITCH_ARGUMENT, ALL,
	    .meaning = "send a message (the default)",
	    .set = switch_set_mode, .number = MODE_SEND },
	{ 'b', "p", SWITCH_ARGUMENT, ALL,
	    .meaning = "list the queue (mailq)",
	    .set = switch_set_mode, .number = MODE_PRINT_QUEUE },
	{ 'b', "i", SWITCH_ARGUMENT, ALL,
	    .meaning = "check the aliases file (newaliases)",
	    .set = switch_set_mode, .number = MODE_INIT_ALIASES },
	{ 'b', "hH", SWITCH_ARGUMENT, ALL,
	    .meaning = "print or purge the status of hosts (there is none)",
	    .set = switch_set_mode, .number = MODE_HOST_STATUS },
	{ 'b', "s", SWITCH_ARGUMENT, ALL,
	    .meaning = "speak SMTP on standard input and output",
	    .set = switch_set_mode, .number = MODE_SERVE },
	{ 'b', "v", SWITCH_ARGUMENT, ALL,
	    .meaning = "show what addresses expand to; send nothing",
	    .set = switch_set_mode, .number = MODE_VERIFY },
	{ 'b', "dDl", SWITCH_ARGUMENT, ALL,
	    .meaning = "run as a daemon",
	    .refusal =
	        "daemon mode is not supported: each message is sent at once" },
	{ 'b', "a", SWITCH_ARGUMENT, ALL,
	    .meaning = "the ARPANET protocol",
	    .refusal = "this protocol is obsolete" },
	{ 'b', "P", SWITCH_ARGUMENT, ALL,
	    .meaning = "count the queue; print the configuration of Exim",
	    .refusal = "not supported, because its meaning differs between mailers" },
	{ 'b', "S", SWITCH_ARGUMENT, ALL,
	    .meaning = "batched SMTP",
	    .refusal = "batched SMTP is not supported" },
	{ 'b', "tTCFferVwI", SWITCH_ARGUMENT, ALL,
	    .meaning = "test modes of other mailers",
	    .refusal = "test modes are not supported" },
	{ 'C', NULL, SWITCH_ARGUMENT, VEREDUS,
	    .shown = "FILE",
	    .meaning = "read FILE instead of the user's configuration",
	    .set = switch_set_config_file },
	{ 'C', NULL, SWITCH_ARGUMENT, MAILQ,
	    .meaning = "configuration of Postfix" },
	{ 'C', NULL, SWITCH_ARGUMENT, ALL & ~(unsigned)(MAILQ | VEREDUS),
	    .shown = "FILE",
	    .meaning = "read another configuration",
	    .refusal = "not accepted under this name: use veredus -C FILE" },
	{ 'c', NULL, SWITCH_ALONE, ALL,
	    .meaning = "hold expensive mailers" },
	{ 'D', NULL, SWITCH_ARGUMENT, ALL,
	    .meaning = "debug log of Sendmail; macro of Exim",
	    .refusal = "not supported, because its meaning differs between mailers" },
	{ 'd', NULL, SWITCH_ATTACHED, ALL,
	    .meaning = "the same as -v",
	    .set = switch_set_true, FIELD(debug) },
	{ 'E', NULL, SWITCH_ATTACHED, ALL,
	    .meaning = "report a local error" },
	{ 'e', NULL, SWITCH_ARGUMENT, ALL,
	    .shown = "MODE",
	    .meaning = "the same as -oe",
	    .set = switch_set_errors },
	{ 'F', NULL, SWITCH_ARGUMENT, ALL,
	    .shown = "NAME",
	    .meaning = "full name in a From header that veredus adds",
	    .set = switch_set_full_name },
	{ 'f', NULL, SWITCH_ARGUMENT, ALL,
	    .shown = "ADDRESS",
	    .meaning = "envelope sender; '' or '<>' is the null sender",
	    .set = switch_set_sender },
	{ 'G', NULL, SWITCH_ALONE, ALL,
	    .meaning = "the message is relayed: add no header fields",
	    .set = switch_set_true, FIELD(relayed) },
	{ 'h', NULL, SWITCH_ARGUMENT, ALL,
	    .meaning = "hop count" },
	{ 'I', NULL, SWITCH_ALONE, ALL,
	    .meaning = "the same as -bi",
	    .set = switch_set_mode, .number = MODE_INIT_ALIASES },
	{ 'i', NULL, SWITCH_ALONE, ALL,
	    .meaning = "a lone dot on a line does not end the message",
	    .set = switch_set_true, FIELD(ignore_dots) },
	{ 'J', NULL, SWITCH_ATTACHED, ALL,
	    .meaning = "character code of the input" },
	{ 'L', NULL, SWITCH_ARGUMENT, ALL,
	    .shown = "TAG",
	    .meaning = "tag for lines in the system log",
	    .set = switch_set_tag },
	{ 'M', NULL, SWITCH_ARGUMENT, ALL,
	    .meaning = "macro of Sendmail; message in Exim's queue",
	    .refusal = "not supported, because its meaning differs between mailers" },
	{ 'm', NULL, SWITCH_ALONE, ALL,
	    .meaning = "also send to the sender if an alias names it" },
	{ 'N', NULL, SWITCH_ARGUMENT, ALL,
	    .shown = "WORDS",
	    .meaning = "request DSNs: never, or failure,delay,success",
	    .set = switch_set_notify },
	{ 'n', NULL, SWITCH_ALONE, ALL,
	    .meaning = "do not use aliases" },
	{ 'O', NULL, SWITCH_ARGUMENT, ALL,
	    .shown = "NAME=VALUE",
	    .meaning = "IgnoreDots, ErrorMode, RequireTLS; others ignored",
	    .set = switch_set_long },
	{ 'o', "i", SWITCH_ARGUMENT, ALL,
	    .meaning = "the same as -i",
	    .set = switch_set_dots },
	{ 'o', "e", SWITCH_ARGUMENT, ALL,
	    .shown = "MODE",
	    .meaning = "p, m, w, e: print errors; q: log them only",
	    .set = switch_set_errors, .number = 1 },
	{ 'o', "v", SWITCH_ARGUMENT, ALL,
	    .meaning = "the same as -v",
	    .set = switch_set_true, FIELD(verbose) },
	{ 'o', NULL, SWITCH_ARGUMENT, ALL,
	    .shown = "LETTER[VALUE]",
	    .meaning = "any other option of Sendmail" },
	{ 'p', NULL, SWITCH_ARGUMENT, ALL,
	    .meaning = "protocol and host the message was received from" },
	{ 'Q', NULL, SWITCH_ATTACHED, ALL,
	    .meaning = "quarantine messages in the queue",
	    .refusal = "there is no queue with messages to quarantine" },
	{ 'q', NULL, SWITCH_ATTACHED, ALL,
	    .meaning = "run the queue (there is none)",
	    .set = switch_set_queue_run },
	{ 'R', NULL, SWITCH_ARGUMENT, ALL,
	    .shown = "WORD",
	    .meaning = "content that DSNs return: full or hdrs",
	    .set = switch_set_return },
	{ 'r', NULL, SWITCH_ARGUMENT, ALL,
	    .shown = "ADDRESS",
	    .meaning = "the same as -f",
	    .set = switch_set_sender },
	{ 'S', NULL, SWITCH_ALONE, ALL,
	    .meaning = "a level of Courier, a queue run of Exim",
	    .refusal = "not supported, because its meaning differs between mailers" },
	{ 's', NULL, SWITCH_ALONE, ALL,
	    .meaning = "keep the \"From \" line" },
	{ 'T', NULL, SWITCH_ALONE, ALL,
	    .meaning = "time in the queue" },
	{ 't', NULL, SWITCH_ALONE, ALL,
	    .meaning = "also take recipients from To, Cc and Bcc",
	    .set = switch_set_true, FIELD(recipients_from_header) },
	{ 'U', NULL, SWITCH_ALONE, ALL,
	    .meaning = "initial submission; SMTPUTF8 of Sendmail" },
	{ 'V', NULL, SWITCH_ARGUMENT, ALL,
	    .shown = "ID",
	    .meaning = "envelope identifier for DSNs",
	    .set = switch_set_envelope_id },
	{ 'v', NULL, SWITCH_ALONE, ALL,
	    .meaning = "show the SMTP dialogue on standard error",
	    .set = switch_set_true, FIELD(verbose) },
	{ 'X', NULL, SWITCH_ARGUMENT, VEREDUS,
	    .shown = "FILE",
	    .meaning = "append a line for each message to FILE",
	    .set = switch_set_logfile },
	{ 'X', NULL, SWITCH_ARGUMENT, ALL & ~(unsigned)VEREDUS,
	    .shown = "FILE",
	    .meaning = "log the traffic",
	    .refusal = "not accepted under this name: use veredus -X FILE" },
	{ 'x', NULL, SWITCH_ALONE, ALL,
	    .meaning = "a switch of AIX and OSF" },
	{ 'z', NULL, SWITCH_ARGUMENT, ALL,
	    .meaning = "a line for Exim's log",
	    .refusal = "not supported" },
};
/* clang-format on */

const size_t switch_count = COUNT_OF(switch_rows);

/* strchr() would find the end of a string, too. */
static bool
row_is_for(const struct switch_row *row, const char *value)
{
	if (row->first == NULL || value == NULL)
		return true;
	return value[0] != '\0' && strchr(row->first, value[0]) != NULL;
}

const struct switch_row *
switch_find(char letter, const char *value, unsigned personality)
{
	for (size_t i = 0; i < switch_count; i++) {
		const struct switch_row *row = &switch_rows[i];

		if (row->letter == letter
		    && (row->personalities & personality) != 0
		    && row_is_for(row, value))
			return row;
	}
	return NULL;
}

bool
switch_is_done(const struct switch_row *row)
{
	return row->set != NULL;
}

void
switch_print_name(const struct switch_row *row, struct str *out)
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
