/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/sendmail_handlers.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/text.h"
#include "config/cmdline.h"
#include "config/long_options.h"
#include "config/sendmail_options.h"
#include "mail/address.h"
#include "mail/dsn.h"
#include "mail/path.h"

/* What a tag for the log may be, and how long. */
#define TAG_CHARACTERS \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
#define TAG_MAX 32

/* Remembers for the log that a value was of no use. */
static void
note_ignored(struct cmdline *cmdline, const struct sendmail_option *row,
    const char *value, const char *why)
{
	char *shown = text_printable(value);

	strv_take(&cmdline->notes,
	    alloc_printf("-%c %s: ignored, %s", row->letter, shown, why));
	free(shown);
}

bool
sendmail_set_true(struct cmdline *cmdline, const struct sendmail_option *row,
    const char *value, struct error *err)
{
	(void)value;
	(void)err;
	*(bool *)((char *)cmdline + row->number) = true;
	return true;
}

bool
sendmail_set_mode(struct cmdline *cmdline, const struct sendmail_option *row,
    const char *value, struct error *err)
{
	if (row->first != NULL && value[1] != '\0')
		return error_set(err, ERROR_USAGE, "unknown mode -%c%s",
		    row->letter, value);
	cmdline->mode = (enum mode)row->number;
	return true;
}

/* "mailq -q" still lists the queue. */
bool
sendmail_set_queue_run(struct cmdline *cmdline,
    const struct sendmail_option *row, const char *value, struct error *err)
{
	(void)row;
	(void)value;
	(void)err;
	if (cmdline->mode == MODE_SEND)
		cmdline->mode = MODE_RUN_QUEUE;
	return true;
}

/* The last one wins.  Of several addresses the first counts. */
bool
sendmail_set_sender(struct cmdline *cmdline, const struct sendmail_option *row,
    const char *value, struct error *err)
{
	struct address_list list = { 0 };
	char *sender = NULL;

	if (!path_parse(value, &sender, err))
		return error_subject(err, "-%c", row->letter);
	free(cmdline->sender);
	cmdline->sender = sender;
	if (address_parse(&list, value, strlen(value), NULL) && list.count > 1)
		note_ignored(cmdline, row, value,
		    "except for the first address");
	address_list_free(&list);
	return true;
}

bool
sendmail_set_full_name(struct cmdline *cmdline,
    const struct sendmail_option *row, const char *value, struct error *err)
{
	struct str name = { 0 };

	(void)row;
	(void)err;
	for (; *value != '\0'; value++) {
		bool control = (unsigned char)*value < ' ' || *value == 0x7f;

		if (!control)
			str_add_char(&name, *value);
		else if (name.len > 0 && name.data[name.len - 1] != ' ')
			str_add_char(&name, ' ');
	}
	free(cmdline->full_name);
	cmdline->full_name = str_steal(&name);
	return true;
}

bool
sendmail_set_body(struct cmdline *cmdline, const struct sendmail_option *row,
    const char *value, struct error *err)
{
	(void)err;
	if (text_equal_nocase(value, "8BITMIME"))
		cmdline->body = BODY_8BITMIME;
	else if (text_equal_nocase(value, "7BIT"))
		cmdline->body = BODY_7BIT;
	else
		note_ignored(cmdline, row, value, "neither 7BIT nor 8BITMIME");
	return true;
}

bool
sendmail_set_errors(struct cmdline *cmdline, const struct sendmail_option *row,
    const char *value, struct error *err)
{
	static const char modes[] = { ERRORS_PRINT, ERRORS_MAIL, ERRORS_WRITE,
		ERRORS_QUIET, ERRORS_BERKNET };
	char mode = value[0] != '\0' ? value[row->number] : '\0';

	(void)err;
	if (memchr(modes, mode, sizeof modes) != NULL)
		cmdline->errors = (enum error_mode)mode;
	else
		note_ignored(cmdline, row, value, "unknown error mode");
	return true;
}

/* As sendmail reads booleans: no value is true. */
static bool
is_true(const char *value)
{
	return *value == '\0' || strchr("tTyY1", *value) != NULL;
}

/* -oi, -oitrue, -oifalse */
bool
sendmail_set_dots(struct cmdline *cmdline, const struct sendmail_option *row,
    const char *value, struct error *err)
{
	(void)row;
	(void)err;
	cmdline->ignore_dots = is_true(value + 1);
	return true;
}

static bool
set_long_dots(struct cmdline *cmdline, const char *value, struct error *err)
{
	(void)err;
	cmdline->ignore_dots = is_true(value);
	return true;
}

static bool
set_long_errors(struct cmdline *cmdline, const char *value, struct error *err)
{
	static const struct sendmail_option row = { .letter = 'O' };

	return sendmail_set_errors(cmdline, &row, value, err);
}

/* RFC 8689: who asks for it does not want the message to go without. */
static bool
set_require_tls(struct cmdline *cmdline, const char *value, struct error *err)
{
	(void)err;
	if (is_true(value))
		cmdline_add_override(cmdline, option_find("require_tls"), "on");
	return true;
}

/* The settings of -O that we know; all others tune what we do not have. */
static const struct long_setting {
	const char *name;
	bool (*set)(struct cmdline *cmdline, const char *value,
	    struct error *err);
} long_settings[] = {
	{ "IgnoreDots", set_long_dots },
	{ "ErrorMode", set_long_errors },
	{ "RequireTLS", set_require_tls },
};

bool
sendmail_set_long(struct cmdline *cmdline, const struct sendmail_option *row,
    const char *value, struct error *err)
{
	size_t len = strcspn(value, "=");
	const char *argument = value[len] == '=' ? value + len + 1 : "";

	(void)row;
	for (size_t i = 0; i < COUNT_OF(long_settings); i++)
		if (text_is_word(value, len, long_settings[i].name))
			return long_settings[i].set(cmdline, argument, err);
	return true;
}

bool
sendmail_set_notify(struct cmdline *cmdline, const struct sendmail_option *row,
    const char *value, struct error *err)
{
	(void)err;
	if (!dsn_parse_notify(value, &cmdline->dsn.notify))
		note_ignored(cmdline, row, value,
		    "neither never nor a list of success, failure and delay");
	return true;
}

bool
sendmail_set_return(struct cmdline *cmdline, const struct sendmail_option *row,
    const char *value, struct error *err)
{
	(void)err;
	if (!dsn_parse_return(value, &cmdline->dsn.wanted))
		note_ignored(cmdline, row, value, "neither full nor hdrs");
	return true;
}

bool
sendmail_set_envelope_id(struct cmdline *cmdline,
    const struct sendmail_option *row, const char *value, struct error *err)
{
	(void)err;
	if (!dsn_parse_envelope_id(value, &cmdline->dsn.envelope_id))
		note_ignored(cmdline, row, value,
		    "not xtext of 1 to 100 octets");
	return true;
}

bool
sendmail_set_tag(struct cmdline *cmdline, const struct sendmail_option *row,
    const char *value, struct error *err)
{
	struct str tag = { 0 };

	(void)row;
	(void)err;
	for (; *value != '\0' && tag.len < TAG_MAX; value++)
		str_add_char(&tag,
		    strchr(TAG_CHARACTERS, *value) != NULL ? *value : '_');
	free(cmdline->syslog_tag);
	cmdline->syslog_tag = tag.len > 0 ? str_steal(&tag) : NULL;
	return true;
}

bool
sendmail_set_config_file(struct cmdline *cmdline,
    const struct sendmail_option *row, const char *value, struct error *err)
{
	(void)row;
	(void)err;
	alloc_replace(&cmdline->config_file, value);
	return true;
}

bool
sendmail_set_account(struct cmdline *cmdline, const struct sendmail_option *row,
    const char *value, struct error *err)
{
	(void)row;
	(void)err;
	alloc_replace(&cmdline->account, value);
	return true;
}

bool
sendmail_set_logfile(struct cmdline *cmdline, const struct sendmail_option *row,
    const char *value, struct error *err)
{
	(void)row;
	(void)err;
	cmdline_add_override(cmdline, option_find("logfile"), value);
	return true;
}

bool
sendmail_set_family(struct cmdline *cmdline, const struct sendmail_option *row,
    const char *value, struct error *err)
{
	(void)value;
	(void)err;
	cmdline_add_override(cmdline, option_find("address_family"),
	    row->number == 4 ? "ipv4" : "ipv6");
	return true;
}
