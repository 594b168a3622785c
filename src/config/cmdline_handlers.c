/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The actions of the options.  A value that has no effect is noted for the log;
 * only a sender that is no address is an error.
 */
#include "config/cmdline_handlers.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/text.h"
#include "config/option_names.h"
#include "mail/address.h"
#include "mail/dsn.h"
#include "mail/path.h"

#define TAG_CHARACTERS \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
#define TAG_MAX 32

static void
note_ignored(struct cmdline *cmdline, const struct cmdline_action *action,
    const char *value, const char *why)
{
	char *shown = text_printable(value);

	strv_take(&cmdline->notes,
	    alloc_printf("%s %s: ignored, %s", action->name, shown, why));
	free(shown);
}

bool
cmdline_set_true(struct cmdline *cmdline, const struct cmdline_action *action,
    const char *value, struct error *err)
{
	(void)value;
	(void)err;
	*(bool *)((char *)cmdline + action->number) = true;
	return true;
}

bool
cmdline_set_string(struct cmdline *cmdline, const struct cmdline_action *action,
    const char *value, struct error *err)
{
	(void)err;
	alloc_replace((char **)(void *)((char *)cmdline + action->number),
	    value);
	return true;
}

/* An option prevails over the name of the program. */
static bool
choose_mode(struct cmdline *cmdline, enum mode mode, struct error *err)
{
	if (!mode_combine(&cmdline->mode, mode)) {
		if (cmdline->mode_given)
			return error_set(err, ERROR_USAGE,
			    "%s and %s cannot be combined",
			    mode_option(cmdline->mode), mode_option(mode));
		cmdline->mode = mode;
	}
	cmdline->mode_given = true;
	cmdline->probes = cmdline->probes || mode == MODE_PROBE;
	return true;
}

bool
cmdline_set_mode(struct cmdline *cmdline, const struct cmdline_action *action,
    const char *value, struct error *err)
{
	(void)value;
	return choose_mode(cmdline, (enum mode)action->number, err);
}

bool
cmdline_set_service(struct cmdline *cmdline,
    const struct cmdline_action *action, const char *value, struct error *err)
{
	(void)action;
	(void)value;
	cmdline->service = true;
	return choose_mode(cmdline, MODE_SERVICE, err);
}

bool
cmdline_set_print(struct cmdline *cmdline, const struct cmdline_action *action,
    const char *value, struct error *err)
{
	(void)action;
	if (value != NULL && strcmp(value, "7bit") != 0)
		return error_set(err, ERROR_USAGE,
		    "--print=FORM: the only form is 7bit");
	cmdline->print_7bit = value != NULL;
	return choose_mode(cmdline, MODE_PRINT, err);
}

/* An interval, priorities and groups have no meaning for a run that ends. */
bool
cmdline_set_queue_run(struct cmdline *cmdline,
    const struct cmdline_action *action, const char *value, struct error *err)
{
	(void)action;
	if (value[0] == 'I')
		alloc_replace(&cmdline->queue_id, value + 1);
	else if (value[0] == 'R')
		alloc_replace(&cmdline->queue_recipient, value + 1);
	else if (value[0] == 'S')
		alloc_replace(&cmdline->queue_sender, value + 1);
	else if (value[0] == 'f')
		cmdline->queue_all = true;
	return choose_mode(cmdline, MODE_RUN_QUEUE, err);
}

bool
cmdline_set_mode_of(struct cmdline *cmdline,
    const struct cmdline_action *action, const char *value, struct error *err)
{
	strv_add(&cmdline->operands, value);
	return choose_mode(cmdline, (enum mode)action->number, err);
}

/* Category 0 of Sendmail's debugging prints the version.  Nothing is sent then,
 * as with msmtp. */
bool
cmdline_set_debug(struct cmdline *cmdline, const struct cmdline_action *action,
    const char *value, struct error *err)
{
	(void)action;
	cmdline->debug = true;
	return value == NULL || value[0] != '0'
	    || (value[1] != '\0' && value[1] != '.')
	    || choose_mode(cmdline, MODE_VERSION, err);
}

bool
cmdline_set_setting(struct cmdline *cmdline,
    const struct cmdline_action *action, const char *value, struct error *err)
{
	(void)err;
	cmdline_add_override(cmdline, option_find(action->name),
	    action->value != NULL ? action->value : value);
	return true;
}

bool
cmdline_set_sender(struct cmdline *cmdline, const struct cmdline_action *action,
    const char *value, struct error *err)
{
	struct address_list list = { 0 };
	struct error why = { 0 };
	char *sender = NULL;

	(void)err;
	if (!path_parse(value, &sender, &why)) {
		error_subject(&why, "%s", action->name);
		if (!error_is_set(&cmdline->sender_error))
			error_move(&cmdline->sender_error, &why);
		error_free(&why);
		return true;
	}
	free(cmdline->sender);
	cmdline->sender = sender;
	if (address_parse(&list, value, strlen(value), NULL) && list.count > 1)
		note_ignored(cmdline, action, value,
		    "except for the first address");
	address_list_free(&list);
	return true;
}

bool
cmdline_set_full_name(struct cmdline *cmdline,
    const struct cmdline_action *action, const char *value, struct error *err)
{
	struct str name = { 0 };

	(void)action;
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
cmdline_set_body(struct cmdline *cmdline, const struct cmdline_action *action,
    const char *value, struct error *err)
{
	(void)err;
	if (text_equal_nocase(value, "8BITMIME"))
		cmdline->body = BODY_8BITMIME;
	else if (text_equal_nocase(value, "7BIT"))
		cmdline->body = BODY_7BIT;
	else
		note_ignored(cmdline, action, value,
		    "neither 7BIT nor 8BITMIME");
	return true;
}

bool
cmdline_set_errors(struct cmdline *cmdline, const struct cmdline_action *action,
    const char *value, struct error *err)
{
	static const char modes[] = { ERRORS_PRINT, ERRORS_MAIL, ERRORS_WRITE,
		ERRORS_QUIET, ERRORS_BERKNET };

	(void)err;
	if (memchr(modes, value[0], sizeof modes) != NULL)
		cmdline->errors = (enum error_mode)value[0];
	else
		note_ignored(cmdline, action, value, "unknown error mode");
	return true;
}

bool
cmdline_set_delivery(struct cmdline *cmdline,
    const struct cmdline_action *action, const char *value, struct error *err)
{
	static const struct {
		char letter;
		enum delivery_mode mode;
	} modes[] = { { 'b', DELIVERY_BACKGROUND },
		{ 'i', DELIVERY_INTERACTIVE }, { 'f', DELIVERY_INTERACTIVE },
		{ 'q', DELIVERY_QUEUE }, { 'd', DELIVERY_QUEUE } };

	(void)err;
	for (size_t i = 0; i < COUNT_OF(modes); i++)
		if (modes[i].letter == value[0]) {
			cmdline->delivery = modes[i].mode;
			return true;
		}
	note_ignored(cmdline, action, value, "unknown delivery mode");
	return true;
}

/* As sendmail parses booleans: no value is true. */
static bool
is_true(const char *value)
{
	return *value == '\0' || strchr("tTyY1", *value) != NULL;
}

bool
cmdline_set_dots(struct cmdline *cmdline, const struct cmdline_action *action,
    const char *value, struct error *err)
{
	(void)action;
	(void)err;
	cmdline->ignore_dots = is_true(value);
	return true;
}

/* RFC 8689: without REQUIRETLS the message must not be sent. */
static bool
require_tls(struct cmdline *cmdline, const struct cmdline_action *action,
    const char *value, struct error *err)
{
	if (!is_true(value))
		return true;
	cmdline_set_setting(cmdline, action, value, err);
	cmdline->overrides[cmdline->override_count - 1].of_message = true;
	return true;
}

/* The options of -O that have an effect; all others are ignored. */
static const struct system_option {
	const char *name;
	struct cmdline_action action;
} system_options[] = {
	{ "IgnoreDots", { .apply = cmdline_set_dots } },
	{ "ErrorMode", { cmdline_set_errors, .name = "-O ErrorMode" } },
	{ "DeliveryMode", { cmdline_set_delivery, .name = "-O DeliveryMode" } },
	{ "RequireTLS", { require_tls, .name = "require_tls", .value = "on" } },
};

bool
cmdline_set_system_option(struct cmdline *cmdline,
    const struct cmdline_action *action, const char *value, struct error *err)
{
	size_t len = strcspn(value, "=");
	const char *argument = value[len] == '=' ? value + len + 1 : "";

	(void)action;
	for (size_t i = 0; i < COUNT_OF(system_options); i++) {
		const struct system_option *o = &system_options[i];

		if (text_is_word(value, len, o->name))
			return o->action.apply(cmdline, &o->action, argument,
			    err);
	}
	return true;
}

/* "-N off" and "-R off" of msmtp undo a setting of the account, too. */
static void
undo_dsn(struct cmdline *cmdline, int letter)
{
	if (letter == 'N') {
		cmdline->dsn.notify = DSN_NOTIFY_DEFAULT;
		cmdline->dsn_notify_off = true;
	} else {
		cmdline->dsn.wanted = DSN_RETURN_DEFAULT;
		cmdline->dsn_return_off = true;
	}
}

bool
cmdline_set_dsn(struct cmdline *cmdline, const struct cmdline_action *action,
    const char *value, struct error *err)
{
	struct dsn *dsn = &cmdline->dsn;
	const char *expected = NULL;

	(void)err;
	if (action->number != 'V' && strcmp(value, "off") == 0) {
		undo_dsn(cmdline, action->number);
		return true;
	}
	if (action->number == 'R' && text_equal_nocase(value, "headers"))
		value = "hdrs";
	if (action->number == 'N' && !dsn_parse_notify(value, &dsn->notify))
		expected = "neither off nor never nor a list of success, "
			   "failure and delay";
	if (action->number == 'R' && !dsn_parse_return(value, &dsn->wanted))
		expected = "neither off nor full nor hdrs";
	if (action->number == 'V'
	    && !dsn_parse_envelope_id(value, &dsn->envelope_id))
		expected = "not xtext of 1 to 100 octets";
	if (expected != NULL)
		note_ignored(cmdline, action, value, expected);
	return true;
}

bool
cmdline_set_tag(struct cmdline *cmdline, const struct cmdline_action *action,
    const char *value, struct error *err)
{
	struct str tag = { 0 };

	(void)action;
	(void)err;
	for (; *value != '\0' && tag.len < TAG_MAX; value++)
		str_add_char(&tag,
		    strchr(TAG_CHARACTERS, *value) != NULL ? *value : '_');
	free(cmdline->syslog_tag);
	cmdline->syslog_tag = tag.len > 0 ? str_steal(&tag) : NULL;
	return true;
}

bool
cmdline_set_node(struct cmdline *cmdline, const struct cmdline_action *action,
    const char *value, struct error *err)
{
	return choose_mode(cmdline, MODE_REMOTE_QUEUE, err)
	    && cmdline_set_string(cmdline, action, value, err);
}

bool
cmdline_set_address(struct cmdline *cmdline,
    const struct cmdline_action *action, const char *value, struct error *err)
{
	return choose_mode(cmdline, MODE_CONFIGURE, err)
	    && cmdline_set_string(cmdline, action, value, err);
}
